"""Ended, declared void, scrapped, posted again, copied: each its own verb, each with its reason and its rights."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from marketplace.accounts.models import Message
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.actions import suspend_organization
from marketplace.tenders import actions
from marketplace.tenders.models import Tender, TenderTemplate
from marketplace.tenders.queries import next_step
from marketplace.tenders.states import TENDER
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of, make_bidder
from tests.factories.catalog import make_service
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender, terms

pytestmark = pytest.mark.django_db


def refusal(call, **arguments):
    with pytest.raises(Refused) as refused:
        call(**arguments)
    return refused.value


def failed(**overrides):
    return actions.fail_tender(tender=make_tender(**overrides), reason="报名不足")


def names(tender, visibility="public"):
    events = tender.process.events.filter(visibility=visibility).order_by("number")
    return list(events.values_list("name", flat=True))


def test_void_is_an_administrators_word_with_a_reason():
    tender = make_tender()
    bidder = make_bidder(tender=tender)
    for by in (tender.created_by, make_user(), agent_of(bidder.organization)):
        assert refusal(actions.void_tender, tender=tender, reason="违规", by=by).status == 403
    admin = make_admin()
    assert refusal(actions.void_tender, tender=tender, reason=" ", by=admin).code == "reason_missing"
    voided = actions.void_tender(tender=tender, reason="设置不合理条件", by=admin)
    assert (voided.status, voided.failure_reason) == ("void", "设置不合理条件")
    assert tender.process.events.get(name="tender_voided").data == {"number": tender.number, "reason": "设置不合理条件"}
    told = Message.objects.filter(title__startswith="采购被置为无效").values_list("user", flat=True)
    assert set(told) == {tender.created_by.pk, agent_of(bidder.organization).pk}
    running = actions.start_selection(tender=make_tender(method="draw"))
    assert actions.void_tender(tender=running, reason="违规", by=admin).status == "void"


def test_scrapping_is_the_owners_or_an_administrators():
    tender = failed()
    assert refusal(actions.scrap_tender, tender=tender, reason="x", by=agent_of(make_buyer())).status == 403
    assert refusal(actions.scrap_tender, tender=tender, reason="", by=tender.created_by).code == "reason_missing"
    scrapped = actions.scrap_tender(tender=tender, reason="项目取消", by=tender.created_by)
    assert (scrapped.status, names(tender)[-1]) == ("scrapped", "tender_scrapped")
    assert actions.scrap_tender(tender=failed(), reason="项目取消", by=make_admin()).status == "scrapped"


@pytest.mark.parametrize("verb", ["void_tender", "scrap_tender"])
def test_every_other_state_refuses(verb):
    target = {"void_tender": "void", "scrap_tender": "scrapped"}[verb]
    tender, admin = make_tender(), make_admin()
    for status in TENDER.statuses.values:
        Tender.objects.filter(pk=tender.pk).update(status=status)
        if not TENDER.allows(status, target):
            refused = refusal(getattr(actions, verb), tender=tender, reason="x", by=admin)
            assert (status, refused.code) == (status, "state_conflict")


def test_who_signed_up_hears_of_a_cancellation_and_an_extension():
    tender = make_tender()
    firm = agent_of(make_bidder(tender=tender).organization)
    extended = actions.extend_sign_up(tender=tender, reason="报名机构 1 家", now=clock.now())
    assert extended.extensions == 1
    assert Message.objects.filter(user=firm, title__startswith="报名延长").count() == 1
    assert Message.objects.filter(user=tender.created_by, title__startswith="报名延长").count() == 1
    actions.cancel_tender(tender=tender, reason="计划调整", by=tender.created_by)
    assert Message.objects.get(user=firm, title__startswith="采购已取消").body == "计划调整"


class TestPostedAgain:
    def test_with_everything_that_belongs_to_it(self):
        tender = make_tender(status="draft", method="quotes", more_services=[make_service()])
        actions.add_document(tender=tender, file=SimpleUploadedFile("书.pdf", b"%PDF-1.7 x"), by=tender.created_by)
        for _number in range(3):
            actions.invite_firm(tender=tender, organization=fitting(tender), by=tender.created_by)
        actions.avoid_firm(tender=tender, organization=make_firm(), reason="同一项目编制单位", by=tender.created_by)
        actions.publish_tender(tender=tender, by=tender.created_by)
        actions.cancel_tender(tender=tender, reason="计划调整", by=tender.created_by)
        draft = actions.repost_tender(tender=tender, by=tender.created_by)
        assert (draft.status, draft.former_id, draft.title) == ("draft", tender.pk, tender.title)
        assert [draft.invitations.count(), draft.avoidances.count(), draft.more_services.count()] == [3, 1, 1]
        copied, original = draft.documents.get(), tender.documents.get()
        assert (copied.sha256, copied.file.read()) == (original.sha256, b"%PDF-1.7 x")
        copied.file.close()
        actions.remove_document(document=copied, by=draft.created_by)
        with original.file.open("rb") as file:
            assert file.read() == b"%PDF-1.7 x"

    def test_both_processes_say_so_when_it_is_published(self):
        tender = failed()
        draft = actions.repost_tender(tender=tender, by=tender.created_by)
        assert "tender_followed" not in names(tender)
        assert names(draft) == []
        actions.publish_tender(tender=draft, by=draft.created_by)
        assert "tender_reposted" in names(draft)
        event = tender.process.events.get(name="tender_followed")
        assert event.data == {"former": tender.number, "number": draft.number}

    def test_once_and_only_after_an_end_without_result(self):
        open_need, draft = make_tender(), make_tender(status="draft")
        thrown_away = actions.cancel_tender(tender=draft, by=draft.created_by)
        scrapped = actions.scrap_tender(tender=(one := failed()), reason="x", by=one.created_by)
        for tender in (open_need, thrown_away, scrapped):
            assert refusal(actions.repost_tender, tender=tender, by=tender.created_by).code == "state_conflict"
        tender = failed()
        again = actions.repost_tender(tender=tender, by=tender.created_by)
        assert refusal(actions.repost_tender, tender=tender, by=tender.created_by).code == "already_reposted"
        actions.cancel_tender(tender=again, by=again.created_by)
        assert actions.repost_tender(tender=tender, by=tender.created_by).former_id == tender.pk

    def test_by_its_active_owner_alone(self):
        tender = failed()
        for by in (make_user(), make_admin(), agent_of(make_buyer()), agent_of(make_firm())):
            assert refusal(actions.repost_tender, tender=tender, by=by).status == 403
            assert refusal(actions.copy_tender, tender=tender, by=by).status == 403
        suspend_organization(organization=tender.buyer, reason="x", by=make_admin(), now=clock.now())
        assert refusal(actions.repost_tender, tender=tender, by=tender.created_by).status == 403


def fitting(tender):
    return make_firm(services=[tender.service, *tender.more_services.all()])


def test_a_copy_is_a_new_need_with_new_times():
    tender = make_tender(method="scored", place="工业园区 8 号")
    copy = actions.copy_tender(tender=tender, by=tender.created_by)
    assert (copy.former_id, copy.status, copy.place, copy.criteria) == (None, "draft", "工业园区 8 号", tender.criteria)
    assert copy.number != tender.number
    assert copy.signup_ends_at > tender.signup_ends_at
    assert actions.publish_tender(tender=copy, by=copy.created_by).status == "open"


def test_a_need_from_a_template():
    service = make_service()
    template = TenderTemplate.objects.create(
        service=service, name="常用", description="按模板编制报告。", delivery_days=20, method="draw"
    )
    buyer = make_buyer()
    values = {
        name: value
        for name, value in terms(method="draw").items()
        if name not in {"service", "description", "delivery_days"}
    }
    tender = actions.start_from_template(template=template, buyer=buyer, values=values, by=agent_of(buyer))
    assert (tender.service, tender.description, tender.method) == (service, "按模板编制报告。", "draw")
    assert tender.delivery_days == 20


class TestPages:
    @pytest.mark.parametrize(("verb", "by"), [("cancel", "owner"), ("void", "admin"), ("scrap", "owner")])
    def test_a_reason_then_the_notice_says_it(self, client, verb, by):
        tender = failed() if verb == "scrap" else make_tender()
        url = reverse(f"tenders:{verb}", args=[tender.number])
        assert client.get(url).status_code == 302
        client.force_login(agent_of(make_buyer()))
        assert client.post(url, {"reason": "x"}).status_code == 403
        client.force_login(tender.created_by if by == "owner" else make_admin())
        assert url in client.get(tender.get_absolute_url()).text
        assert client.post(url, {"reason": " "}).status_code == 422
        assert client.post(url, {"reason": "选址调整"})["Location"] == tender.get_absolute_url()
        client.logout()
        page = client.get(tender.get_absolute_url()).text
        assert "选址调整" in page
        assert client.post(url).status_code == 302
        client.force_login(make_admin())
        assert client.post(url, {"reason": "再次"}).status_code == 409

    def test_again_from_the_one_box(self, client):
        tender = failed(minimum_credit=70)
        url = reverse("tenders:repost", args=[tender.number])
        client.force_login(tender.created_by)
        assert f'action="{url}"' in client.get(tender.get_absolute_url()).text
        response = client.post(url, follow=True)
        draft = tender.successors.get()
        assert response.redirect_chain[-1][0] == reverse("tenders:edit", args=[draft.number])
        assert "第一次未成交，请按原" in response.text
        step = next_step(tender, now=clock.now(), viewer=tender.buyer, signed_in=True)
        assert step.url == reverse("tenders:edit", args=[draft.number])
        actions.publish_tender(tender=draft, by=draft.created_by)
        client.logout()
        assert draft.number in client.get(tender.get_absolute_url()).text
        assert tender.number in client.get(draft.get_absolute_url()).text

    def test_copy_from_the_list(self, client):
        tender = make_tender()
        url = reverse("tenders:copy", args=[tender.number])
        client.force_login(tender.created_by)
        assert url in client.get(reverse("tenders:mine")).text
        assert "/edit/" in client.post(url)["Location"]
        client.force_login(agent_of(make_buyer()))
        assert client.post(url).status_code == 403
        assert client.post(reverse("tenders:copy", args=["YT2026-999999"])).status_code == 404
