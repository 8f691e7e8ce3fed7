"""Desks of choices, awards, penalties, templates, and the new verbs about needs and objections."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.viewsets import DESKS
from marketplace.awards.models import Award
from marketplace.awards.states import AwardStatus
from marketplace.bidding.models import SealedOffer
from marketplace.parties.actions import set_shareholdings
from marketplace.reviews.models import Penalty
from marketplace.reviews.queries import credit_of
from marketplace.tenders.actions import fail_tender
from marketplace.tenders.models import TenderTemplate
from marketplace.tenders.states import TenderStatus
from tests.factories.awards import make_objection
from tests.factories.bidding import agent_of
from tests.factories.catalog import make_service
from tests.factories.parties import make_firm
from tests.factories.reviews import FACTS, make_penalty, make_won
from tests.factories.selections import make_choice
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def inspect(name, row):
    return reverse(f"desk_{name}:inspect", args=[row.pk])


def text(answer):
    return answer.content.decode()


# Choices and awards


def test_a_choice_shows_commitment_and_list_and_nothing_that_is_not_public(admin_client):
    selection = make_choice("average", phase="frozen")
    firms = [bidder.organization for bidder in selection.tender.bidders.select_related("organization")]
    page = text(admin_client.get(inspect("selections", selection)))
    assert selection.commitment in page
    assert selection.pool_hash in page
    assert "3 家机构" in page
    assert reverse("awards:selection", args=[selection.tender.number]) in page
    for firm in firms:
        assert firm.name not in page
        assert firm.uscc not in page


def test_a_choice_shows_its_result_when_it_is_public(admin_client):
    selection = make_choice("average")
    page = text(admin_client.get(inspect("selections", selection)))
    award = Award.objects.get(selection=selection)
    assert award.organization.name in page
    assert "88,000.00" in page
    assert selection.seed in page


def test_no_desk_holds_what_was_sealed(admin_client):
    """Amounts of sealed offers stand in no list, page or export of any desk before they are opened."""
    selection = make_choice("average", phase="frozen")
    assert SealedOffer.objects.filter(bidder__tender=selection.tender).count() == 3
    assert SealedOffer not in {desk.model for desk in DESKS}
    found = []
    for desk in DESKS:
        pages = [reverse(desk.get_url_name("index")), f"{reverse(desk.get_url_name('index'))}?export=csv"]
        pages += [
            reverse(desk.get_url_name("inspect"), args=[row.pk]) for row in desk.model._default_manager.all()[:40]
        ]
        for page in pages:
            answer = admin_client.get(page)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            found += [(page, word) for word in ("88,000", "8800000", "86,000", "8600000") if word in body.decode()]
    assert found == []


def test_choices_and_awards_are_there_to_look_at(admin_client):
    selection = make_choice("draw")
    award = Award.objects.get(selection=selection)
    assert selection.tender.title in text(admin_client.get(reverse("desk_selections:index"), {"status": "decided"}))
    page = text(admin_client.get(reverse("desk_awards:index")))
    assert award.organization.name in page
    assert "公示中" in page
    for name, row in (("selections", selection), ("awards", award)):
        page = text(admin_client.get(inspect(name, row)))
        assert 'desk-verb"' not in page
        assert admin_client.post(inspect(name, row), {"verb": "revoke"}).status_code == 404


def test_an_upheld_objection_lets_the_next_follow(admin_client):
    award = make_won()
    objection = make_objection(award=award)
    decision = {"verb": "uphold_and_follow", "reason": "中选机构资质过期，经核实异议成立。"}
    assert admin_client.post(inspect("objections", objection), decision).status_code == 302
    award.refresh_from_db()
    assert award.status == AwardStatus.REVOKED
    following = Award.objects.get(tender=award.tender, rank=2)
    assert following.status == AwardStatus.STANDSTILL


# Needs


def test_a_need_is_declared_void_with_a_public_reason(admin_client):
    tender = make_tender()
    page = inspect("tenders", tender)
    assert admin_client.post(page, {"verb": "void", "reason": " "}).status_code == 422
    assert admin_client.post(page, {"verb": "void", "reason": "设置了与服务无关的条件"}).status_code == 302
    tender.refresh_from_db()
    assert (tender.status, tender.failure_reason) == (TenderStatus.VOID, "设置了与服务无关的条件")
    assert 'value="void"' not in text(admin_client.get(page))
    assert admin_client.post(page, {"verb": "void", "reason": "再来一次"}).status_code == 409


def test_a_failed_need_is_scrapped(admin_client):
    tender = fail_tender(tender=make_tender(), reason="报名机构不足")
    assert admin_client.post(inspect("tenders", tender), {"verb": "scrap", "reason": "项目取消"}).status_code == 302
    tender.refresh_from_db()
    assert tender.status == TenderStatus.SCRAPPED


def test_needs_of_every_method_have_a_page(admin_client):
    for method in ("direct", "average", "scored"):
        assert admin_client.get(inspect("tenders", make_tender(method=method))).status_code == 200


# Penalties


def test_a_penalty_is_imposed_repaired_and_seen(admin_client):
    firm = make_firm()
    link = f"{reverse('desk_penalties:new')}?organization={firm.uscc}"
    assert link in text(admin_client.get(inspect("organizations", firm)))
    assert f'value="{firm.uscc}"' in text(admin_client.get(link))
    values = {"organization": firm.uscc.lower(), "code": "defective_result", "points": "4", "text": FACTS}
    answer = admin_client.post(link, values)
    penalty = Penalty.objects.get()
    assert answer["Location"] == inspect("penalties", penalty)
    assert (penalty.points, penalty.by.is_staff, credit_of(firm)[0]) == (4, True, 7600)
    page = inspect("penalties", penalty)
    assert "视后果扣分" in text(admin_client.get(page))
    assert admin_client.post(page, {"verb": "repair", "reason": ""}).status_code == 422
    assert admin_client.post(page, {"verb": "repair", "reason": "已重新编制并通过审查"}).status_code == 302
    penalty.refresh_from_db()
    assert penalty.repaired_at is not None
    assert 'value="appeal"' not in text(admin_client.get(page))


def test_an_appeal_withdraws_a_penalty(admin_client):
    penalty = make_penalty()
    admin_client.post(inspect("penalties", penalty), {"verb": "appeal", "reason": "业主未按时发出合同"})
    penalty.refresh_from_db()
    assert (penalty.status, penalty.repaired_at) == ("withdrawn", None)


def test_bad_input_comes_back_at_its_field(admin_client):
    firm = make_firm()
    make_firm(name="同名有限公司"), make_firm(name="同名有限公司")
    new = reverse("desk_penalties:new")
    good = {"organization": firm.name, "code": "defective_result", "text": FACTS}
    for field, typed in (
        ("organization", "没有这家机构"), ("organization", "同名有限公司"), ("organization", ""), ("code", ""),
        ("code", "owner_split"), ("points", "11"), ("text", "太短"),
    ):  # fmt: skip
        answer = admin_client.post(new, {**good, field: typed})
        assert answer.status_code == 422
        assert answer.context["form"].errors[field]
        assert answer.context["form"]["text"].value()
    assert not Penalty.objects.exists()
    assert admin_client.post(new, good).status_code == 302


def test_supervisors_impose_nothing(supervisor_client):
    penalty = make_penalty()
    page = text(supervisor_client.get(inspect("penalties", penalty)))
    assert 'value="repair"' not in page
    assert "记录不良行为" not in text(supervisor_client.get(reverse("desk_penalties:index")))
    assert supervisor_client.get(reverse("desk_penalties:new")).status_code in {302, 403}
    values = {"organization": penalty.organization.uscc, "code": "late_contract", "text": FACTS}
    supervisor_client.post(reverse("desk_penalties:new"), values)
    assert Penalty.objects.count() == 1


def test_a_list_of_penalties_is_filtered_and_exported(admin_client):
    penalty, other = make_penalty(), make_penalty(code="overcharging")
    index = reverse("desk_penalties:index")
    rows = admin_client.get(index, {"code": "overcharging"}).context["object_list"]
    assert list(rows) == [other]
    exported = b"".join(admin_client.get(index, {"export": "csv"}).streaming_content).decode()
    assert penalty.organization.name in exported
    assert "逾期签订合同" in exported


def test_shareholders_stand_on_the_desk_of_parties(admin_client):
    firm = make_firm()
    rows = [{"holder": "赵六", "holder_code": "", "percent": "4"}]
    set_shareholdings(organization=firm, rows=rows, by=agent_of(firm), now=firm.entered_at)
    page = text(admin_client.get(inspect("organizations", firm)))
    assert "赵六 4.00%" in page
    assert reverse("parties:shareholders_of", args=[firm.pk]) in page


# Templates


def template_form(service, **changes):
    return {
        "service": service.pk, "name": "报告书", "description": "编制报告书并配合评审。", "requirement": "",
        "delivery_days": "30", "method": "scored", "criteria": "报价 40 报价\n方案 60 评审", **changes,
    }  # fmt: skip


def test_templates_are_written_changed_and_deleted(admin_client):
    service = make_service()
    assert admin_client.post(reverse("desk_templates:add"), template_form(service)).status_code == 302
    template = TenderTemplate.objects.get()
    assert [row["by"] for row in template.criteria] == ["price", "scorers"]
    edit = reverse("desk_templates:edit", args=[template.pk])
    assert "方案 60 评审" in text(admin_client.get(edit))
    wrong = admin_client.post(edit, template_form(service, criteria="报价 40 报价\n方案 50 评审"))
    assert "现在是 90 分" in text(wrong)
    assert admin_client.post(edit, template_form(service, method="draw")).status_code == 302
    template.refresh_from_db()
    assert (template.method, template.criteria) == ("draw", [])
    assert template.name in text(admin_client.get(reverse("desk_templates:index")))
    admin_client.post(reverse("desk_templates:delete", args=[template.pk]))
    assert not TenderTemplate.objects.exists()


def test_supervisors_write_no_template(supervisor_client):
    supervisor_client.post(reverse("desk_templates:add"), template_form(make_service()))
    assert not TenderTemplate.objects.exists()


# Lists


def test_every_row_leads_to_its_page(admin_client):
    make_choice("draw"), make_penalty()
    TenderTemplate.objects.create(service=make_service(), name="报告书", description="编制。")
    for name in ("selections", "awards", "penalties", "rules"):
        answer = admin_client.get(reverse(f"desk_{name}:index"))
        assert inspect(name, answer.context["object_list"][0]) in text(answer)
    answer = admin_client.get(reverse("desk_templates:index"))
    assert reverse("desk_templates:edit", args=[TenderTemplate.objects.get().pk]) in text(answer)


@pytest.mark.parametrize("name", ["selections", "awards", "penalties", "templates"])
def test_three_rows_cost_as_many_queries_as_one(admin_client, name):
    page = reverse(f"desk_{name}:index")

    def make():
        if name == "penalties":
            make_penalty()
        elif name == "templates":
            TenderTemplate.objects.create(service=make_service(), name="报告书", description="编制。")
        else:
            make_choice("direct")

    make()
    admin_client.get(page)
    with CaptureQueriesContext(connection) as one:
        admin_client.get(page)
    make()
    make()
    with CaptureQueriesContext(connection) as three:
        admin_client.get(page)
    assert len(one) == len(three)
