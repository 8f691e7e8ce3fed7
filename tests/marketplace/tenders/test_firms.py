"""Firms are kept out with a public reason while they have not signed up, and asked for quotes in private."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.accounts.models import Message
from marketplace.bidding.actions import withdraw_sign_up
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.tenders import actions
from marketplace.tenders.queries import find_firms, next_step
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of, make_bidder
from tests.factories.catalog import make_service
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def refusal(call, **arguments):
    with pytest.raises(Refused) as refused:
        call(**arguments)
    return refused.value


def avoid(tender, firm, reason="曾编制同一项目的报告", **given):
    return actions.avoid_firm(
        tender=tender, organization=firm, reason=reason, by=given.pop("by", tender.created_by), **given
    )


def invite(tender, firm, **given):
    return actions.invite_firm(tender=tender, organization=firm, by=given.pop("by", tender.created_by), **given)


class TestKeptOut:
    def test_in_a_draft_privately_and_when_open_before_all(self):
        draft, tender, firm = make_tender(status="draft"), make_tender(), make_firm()
        avoid(draft, firm)
        avoid(tender, firm)
        assert draft.process.events.get(name="firm_avoided").visibility == "private"
        event = tender.process.events.get(name="firm_avoided")
        assert (event.visibility, event.data["firm"], event.data["reason"]) == (
            "public",
            firm.name,
            "曾编制同一项目的报告",
        )
        published = actions.publish_tender(tender=draft, by=draft.created_by)
        avoided = published.process.events.get(name="tender_published").data["avoided"]
        assert avoided == [{"firm": firm.name, "reason": "曾编制同一项目的报告"}]

    def test_not_once_it_has_signed_up_unless_it_withdrew(self):
        tender = make_tender()
        bidder = make_bidder(tender=tender)
        assert refusal(avoid, tender=tender, firm=bidder.organization).code == "already_signed_up"
        withdraw_sign_up(bidder=bidder, by=agent_of(bidder.organization))
        assert avoid(tender, bidder.organization).pk

    def test_refusals(self):
        tender, firm = make_tender(), make_firm()
        assert refusal(avoid, tender=tender, firm=firm, reason=" ").code == "reason_missing"
        assert refusal(avoid, tender=tender, firm=make_buyer()).code == "not_an_intermediary"
        for by in (make_user(), make_admin(), agent_of(firm)):
            assert refusal(avoid, tender=tender, firm=firm, by=by).status == 403
        avoid(tender, firm)
        assert refusal(avoid, tender=tender, firm=firm).code == "already_avoided"
        assert refusal(avoid, tender=tender, firm=make_firm(), now=tender.signup_ends_at).code == "firms_closed"

    def test_it_is_not_told_of_the_need_and_reads_why(self):
        service = make_service()
        kept_out, other = make_firm(services=[service]), make_firm(services=[service])
        draft = make_tender(status="draft", service=service)
        avoid(draft, kept_out)
        tender = actions.publish_tender(tender=draft, by=draft.created_by)
        told = Message.objects.filter(key=f"tender-{tender.pk}").values_list("user", flat=True)
        assert list(told) == [agent_of(other).pk]
        step = next_step(tender, now=clock.now(), viewer=kept_out, signed_in=True)
        assert "曾编制同一项目的报告" in step.text
        assert not step.url

    def test_let_in_again(self):
        tender, firm = make_tender(), make_firm()
        row = avoid(tender, firm)
        assert refusal(actions.stop_avoiding, avoidance=row, by=agent_of(firm)).status == 403
        actions.stop_avoiding(avoidance=row, by=tender.created_by)
        assert tender.process.events.get(name="firm_avoidance_ended").data == {"firm": firm.name}
        assert not tender.avoidances.exists()


class TestInvited:
    def test_enough_before_publishing_and_told_then(self):
        draft = make_tender(status="draft", method="quotes")
        firms = [make_firm(services=[draft.service]) for _number in range(3)]
        invite(draft, firms[0])
        refused = refusal(actions.publish_tender, tender=draft, by=draft.created_by)
        assert (refused.code, "现在是 1 家" in refused.message) == ("too_few_invited", True)
        for firm in firms[1:]:
            invite(draft, firm)
        assert not Message.objects.filter(title__startswith="邀请贵机构").exists()
        tender = actions.publish_tender(tender=draft, by=draft.created_by)
        told = Message.objects.filter(title__startswith="邀请贵机构").values_list("user", flat=True)
        assert set(told) == {agent_of(firm).pk for firm in firms}
        assert not Message.objects.filter(key=f"tender-{tender.pk}").exists()

    def test_its_event_says_how_many_and_is_private(self):
        tender = make_tender(method="quotes")
        firm = make_firm(services=[tender.service])
        invite(tender, firm)
        event = tender.process.events.filter(name="firm_invited").latest("number")
        assert (event.visibility, event.data) == ("private", {"count": 4})
        assert Message.objects.filter(user=agent_of(firm), key=f"invited-{tender.pk}").count() == 1

    def test_refusals(self):
        tender, other = make_tender(status="draft", method="quotes"), make_tender(status="draft")
        firm, unable = make_firm(services=[tender.service]), make_firm()
        assert refusal(invite, tender=other, firm=firm).code == "not_for_quotes"
        asks = make_service(requirement={"kind": "surveying", "grade": "乙级"})
        strict = make_tender(status="draft", method="quotes", service=asks)
        assert refusal(invite, tender=strict, firm=unable).code == "firm_not_able"
        invite(tender, firm)
        assert refusal(invite, tender=tender, firm=firm).code == "already_invited"
        assert refusal(avoid, tender=tender, firm=firm).code == "firm_is_invited"
        avoid(tender, unable)
        assert refusal(invite, tender=tender, firm=unable).code == "firm_avoided"
        assert refusal(invite, tender=tender, firm=make_firm(), by=make_admin()).status == 403

    def test_taken_back_only_before_it_was_told(self):
        draft = make_tender(status="draft", method="quotes")
        row = invite(draft, make_firm(services=[draft.service]))
        actions.uninvite_firm(invitation=row, by=draft.created_by)
        assert not draft.invitations.exists()
        published = make_tender(method="quotes").invitations.first()
        refused = refusal(actions.uninvite_firm, invitation=published, by=published.tender.created_by)
        assert refused.code == "already_told"


def test_firms_are_found_by_name_and_code():
    first = make_firm(name="鹰潭铜城测绘有限公司")
    second = make_firm(name="鹰潭铜城测绘有限公司贵溪分公司")
    make_firm(name="信江咨询有限公司")
    assert find_firms("铜城 测绘") == [first, second]
    assert find_firms("鹰潭铜城测绘有限公司")[0] == first
    assert find_firms(first.uscc.lower()) == [first]
    assert find_firms(" ") == []
    owner = make_buyer()
    assert find_firms(owner.name) == []


class TestPages:
    def test_find_choose_and_let_in_again(self, client):
        tender, firm = make_tender(), make_firm(name="鹰潭龙虎咨询有限公司")
        url = reverse("tenders:avoid", args=[tender.number])
        client.force_login(tender.created_by)
        assert "没有找到这样的机构" in client.get(url, {"q": "不存在"}).text
        assert f'value="{firm.pk}"' in client.get(url, {"q": "龙虎"}).text
        refused = client.post(url, {"organization": firm.pk, "q": "龙虎", "reason": ""})
        assert refused.status_code == 422
        assert f'value="{firm.pk}" checked' in refused.text
        assert client.post(url, {"reason": "同一股东"}).status_code == 422
        assert client.post(url, {"organization": firm.pk, "reason": "同一股东"}).status_code == 302
        assert client.post(url, {"organization": firm.pk, "reason": "同一股东"}).status_code == 409
        client.logout()
        assert "同一股东" in client.get(tender.get_absolute_url()).text
        client.force_login(tender.created_by)
        client.post(reverse("tenders:allow", args=[tender.avoidances.get().pk]))
        assert not tender.avoidances.exists()

    def test_invitations_are_the_owners_secret(self, client):
        draft = make_tender(status="draft", method="quotes")
        firm = make_firm(name="鹰潭龙虎咨询有限公司", services=[draft.service])
        url = reverse("tenders:invite", args=[draft.number])
        client.force_login(draft.created_by)
        assert client.post(url, {"organization": firm.pk}).status_code == 302
        assert "鹰潭龙虎咨询有限公司" in client.get(url).text
        assert "至少邀请 3 家机构，现在是 1 家" in client.get(reverse("tenders:preview", args=[draft.number])).text
        client.post(reverse("tenders:uninvite", args=[draft.invitations.get().pk]))
        assert not draft.invitations.exists()
        tender = make_tender(method="quotes")
        client.logout()
        page = client.get(tender.get_absolute_url()).text
        assert not any(row.organization.name in page for row in tender.invitations.select_related("organization"))

    @pytest.mark.parametrize("name", ["avoid", "invite"])
    def test_strangers_find_nothing(self, client, name):
        tender = make_tender(status="draft", method="quotes")
        url = reverse(f"tenders:{name}", args=[tender.number])
        assert client.get(url).status_code == 302
        for person, status in ((agent_of(make_buyer()), 404), (agent_of(make_firm()), 403), (make_user(), 403)):
            client.force_login(person)
            assert client.get(url).status_code == status
        client.force_login(tender.created_by)
        other = make_tender(status="draft", buyer=tender.buyer)
        assert client.get(reverse("tenders:invite", args=[other.number])).status_code == 404

    def test_one_row_and_three_cost_the_same(self, client):
        tender = make_tender()
        url = reverse("tenders:avoid", args=[tender.number])
        client.force_login(tender.created_by)

        def cost():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            return len(queries)

        avoid(tender, make_firm())
        client.get(url)
        one = cost()
        avoid(tender, make_firm())
        avoid(tender, make_firm())
        assert cost() == one
