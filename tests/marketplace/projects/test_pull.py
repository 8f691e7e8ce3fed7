"""Projects come from the approval platform by their code, to their owner only, and nothing typed is lost."""

import pytest
from django.urls import reverse

from marketplace.approvals.sandbox.data import demo_projects
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.models import Organization
from marketplace.projects import approval_platform
from marketplace.projects.actions import note_case_status, pull_project
from marketplace.projects.models import InvestmentProject
from marketplace.projects.states import CASE, CaseStatus
from tests.factories.accounts import make_user
from tests.factories.parties import make_buyer, make_firm
from tests.factories.projects import make_project

pytestmark = pytest.mark.django_db
DEMO = demo_projects()[1]
FREE = demo_projects()[-1]


def owner_of(project) -> Organization:
    return make_buyer(uscc=project.owner_uscc, kind="enterprise", name=project.owner_name)


def member(organization):
    return organization.memberships.get().user


def test_a_pull_keeps_project_cases_and_event(platform):
    owner = owner_of(DEMO)
    project = pull_project(code=f" {DEMO.code} ", organization=owner, by=member(owner), now=clock.now())
    assert (project.name, project.owner, project.investment_fen) == (DEMO.name, owner, DEMO.investment_fen)
    assert [case.number for case in project.cases.order_by("number")] == [case.number for case in DEMO.cases]
    again = pull_project(code=DEMO.code, organization=owner, by=member(owner), now=clock.now())
    assert again == project
    assert owner.process.events.filter(name="project_pulled").count() == 1


def test_both_forms_of_codes_and_full_width_are_read():
    assert approval_platform.clean_code("２６０５－360602-04-01-123456") == "2605-360602-04-01-123456"
    assert approval_platform.clean_code("2019-360600-47-03-001234") == "2019-360600-47-03-001234"


@pytest.mark.parametrize("code", ["", "2605", "2605-360602-04-01-12345", "2605-360602-04-01-12345X", "x" * 24])
def test_a_code_of_wrong_form_is_refused_without_asking(code, nobody_answers):
    with pytest.raises(Refused) as refused:
        approval_platform.fetch_project(code)
    assert refused.value.code == "project_code_form"


def test_a_project_of_another_is_refused(platform):
    other = make_buyer()
    with pytest.raises(Refused) as refused:
        pull_project(code=DEMO.code, organization=other, by=member(other), now=clock.now())
    assert (refused.value.code, refused.value.status) == ("project_of_other", 403)
    assert DEMO.owner_name in str(refused.value)


def test_a_project_without_unit_goes_to_the_first(platform):
    first, second = make_buyer(), make_buyer()
    assert pull_project(code=FREE.code, organization=first, by=member(first), now=clock.now()).owner == first
    with pytest.raises(Refused) as refused:
        pull_project(code=FREE.code, organization=second, by=member(second), now=clock.now())
    assert refused.value.code == "project_of_other"


def test_a_stranger_and_a_firm_may_not_pull(platform):
    owner, firm = owner_of(DEMO), make_firm()
    for organization, by in ((owner, make_user()), (firm, member(firm))):
        with pytest.raises(Refused) as refused:
            pull_project(code=DEMO.code, organization=organization, by=by, now=clock.now())
        assert refused.value.code == "not_allowed"


def test_every_pair_of_case_states():
    for source, target in CASE.pairs():
        case = make_project().cases.get()
        case.status = source
        case.save()
        if source == target or CASE.allows(source, target):
            assert note_case_status(case=case, status=target).status == target
        else:
            with pytest.raises(Refused):
                note_case_status(case=case, status=target)


class TestPage:
    def post(self, client, code):
        return client.post(reverse("projects:pull"), {"code": code})

    def test_pulls_and_goes_on(self, client, platform):
        client.force_login(member(owner_of(DEMO)))
        response = self.post(client, DEMO.code)
        assert response.status_code == 302
        assert response["Location"].endswith(f"?project={DEMO.code}")
        assert DEMO.name in client.get(reverse("projects:pull")).text
        page = client.get(response["Location"], follow=True)  # which way to select comes first
        assert page.status_code == 200
        assert DEMO.name in page.text

    @pytest.mark.parametrize(
        ("code", "status", "words"),
        [("123", 422, "24 位"), ("2605-360602-04-01-999999", 422, "没有查到"), ("", 422, "请填写")],
    )
    def test_says_what_is_wrong_and_keeps_the_code(self, client, platform, code, status, words):
        client.force_login(member(make_buyer()))
        response = self.post(client, code)
        assert response.status_code == status
        assert words in response.text
        assert f'value="{code}"' in response.text or not code

    def test_a_platform_that_is_down_costs_nothing(self, client, nobody_answers):
        client.force_login(member(make_buyer()))
        response = self.post(client, DEMO.code)
        assert response.status_code == 503
        assert "审批平台暂时无法连接，已为您保留填写的内容" in response.text
        assert DEMO.code in response.text
        assert reverse("tenders:terms") in response.text
        assert not InvestmentProject.objects.exists()

    def test_a_wrong_key_is_no_answer(self, client, platform, settings):
        settings.APPROVAL_PLATFORM_KEY = "wrong"
        client.force_login(member(make_buyer()))
        assert self.post(client, DEMO.code).status_code == 503

    def test_is_for_owners(self, client):
        assert client.get(reverse("projects:pull")).status_code == 302
        client.force_login(member(make_firm()))
        assert client.get(reverse("projects:pull")).status_code == 403


def test_case_status_values_are_the_platforms():
    assert set(CaseStatus.values) == {"waiting", "selecting", "serving", "result", "decided"}
