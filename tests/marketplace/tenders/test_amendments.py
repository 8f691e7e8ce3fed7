"""A published need changes by an announced amendment only: what was, what is, why, and in time."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import localtime

from marketplace.accounts.models import Message
from marketplace.core import clock
from marketplace.core.events import broken_links
from marketplace.core.refusals import Refused
from marketplace.tenders import actions
from marketplace.tenders.queries import amendments_of, earliest_end
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of, make_bidder
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def in_time(now=None):
    """Return the earliest end of a sign-up that leaves the rules' day."""
    return earliest_end(now or clock.now(), 1, {})


@pytest.fixture
def tender(db):
    end = in_time() + timedelta(hours=1)
    return make_tender(signup_ends_at=end)


def amend(tender, by=None, now=None, files=(), reason="补充说明", **values):
    return actions.amend_tender(
        tender=tender, values=values, reason=reason, files=files, by=by or tender.created_by, now=now or clock.now()
    )


def refusal(call, *args, **arguments):
    with pytest.raises(Refused) as refused:
        call(*args, **arguments)
    return refused.value


def test_an_amendment_is_an_event_with_its_difference(tender):
    amend(tender, ceiling_fen=12_000_000, contact_name=tender.contact_name, description="第一行\n改过的第二行内容")
    tender.refresh_from_db()
    event = tender.process.events.get(name="tender_amended")
    assert tender.ceiling_fen == 12_000_000
    assert event.data["reason"] == "补充说明"
    assert event.data["changes"] == [
        {"field": "description", "label": "服务内容与要求", "old": "编制报告书，并配合评审修改直至通过。", "new": "第一行\n改过的第二行内容"},
        {"field": "ceiling_fen", "label": "最高限价", "old": "100,000.00 元", "new": "120,000.00 元"},
    ]  # fmt: skip
    assert not broken_links(type(tender.process).objects.get(pk=tender.process_id))
    (amendment,) = amendments_of(tender)
    assert (amendment.number, amendment.changes[1].new) == (1, "120,000.00 元")
    assert ("+", "改过的第二行内容") in amendment.changes[0].lines


def test_the_words_of_the_record_are_the_sites_whoever_amends(tender):
    from django.utils import translation

    with translation.override("en"):
        amend(tender, ceiling_fen=12_000_000)
    assert tender.process.events.get(name="tender_amended").data["changes"][0]["label"] == "最高限价"


def test_title_and_auction_follow(tender):
    later = tender.selection_at + timedelta(hours=2)
    amended = amend(tender, title="改了名称的采购需求", selection_at=later, auction_ends_at=later + timedelta(hours=1))
    assert amended.process.title == "改了名称的采购需求"
    assert tender.auction.opens_at == later


def test_who_signed_up_is_told_and_may_withdraw(tender):
    from marketplace.bidding.actions import withdraw_sign_up

    bidder, withdrawn = make_bidder(tender=tender), make_bidder(tender=tender)
    withdraw_sign_up(bidder=withdrawn, by=agent_of(withdrawn.organization))
    amend(tender, delivery_days=60)
    told = Message.objects.filter(title__startswith="公告有变更")
    assert [message.user for message in told] == [agent_of(bidder.organization)]
    assert "服务时限" in told[0].body
    assert withdraw_sign_up(bidder=bidder, by=agent_of(bidder.organization)).status == "withdrawn"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"method": "draw"}, "not_amendable"),
        ({"money_kind": "state"}, "not_amendable"),
        ({"service": None}, "not_amendable"),
        ({"criteria": []}, "not_amendable"),
        ({"delivery_days": 30}, "nothing_changed"),
        ({"ceiling_fen": 0}, "ceiling_too_low"),
        ({"step_fen": 10_000_000}, "step_too_high"),
    ],
)
def test_what_may_not_change(tender, values, code):
    assert refusal(amend, tender, **values).code == code
    assert not tender.process.events.filter(name="tender_amended").exists()


def test_a_draw_has_no_floor_nor_step_to_amend():
    draw = make_tender(method="draw", signup_ends_at=in_time())
    for values in ({"floor_fen": 1}, {"step_fen": 1}):
        assert refusal(amend, draw, **values).code == "not_amendable"


def test_times_move_later_only(tender):
    for name in ("signup_ends_at", "selection_at"):
        refused = refusal(amend, tender, **{name: getattr(tender, name) - timedelta(minutes=1)})
        assert (refused.code, refused.field) == ("times_earlier", name)


def test_too_late_unless_the_sign_up_is_moved(tender):
    late = tender.signup_ends_at - timedelta(minutes=30)
    refused = refusal(amend, tender, now=late, delivery_days=60)
    assert (refused.code, refused.field) == ("too_late_to_amend", "signup_ends_at")
    end = in_time(late)
    moved = {"signup_ends_at": end, "selection_at": end, "auction_ends_at": end + timedelta(hours=1)}
    assert amend(tender, now=late, delivery_days=60, **moved).delivery_days == 60


def test_not_after_the_deadline_nor_in_a_draft(tender):
    draft = make_tender(status="draft")
    assert refusal(amend, draft, delivery_days=60).code == "amendments_closed"
    assert refusal(amend, tender, now=tender.signup_ends_at, delivery_days=60).code == "amendments_closed"


def test_a_reason_and_a_right(tender):
    assert refusal(amend, tender, reason=" ", delivery_days=60).code == "reason_missing"
    assert refusal(amend, tender, reason="长" * 201, delivery_days=60).code == "reason_long"
    for by in (make_user(), make_admin(), agent_of(make_firm()), agent_of(make_buyer())):
        assert refusal(amend, tender, by=by, delivery_days=60).status == 403


def test_files_are_added_by_amendment(tender):
    file = SimpleUploadedFile("补充图纸.pdf", b"%PDF-1.7 x")
    amend(tender, files=[file])
    change = tender.process.events.get(name="tender_amended").data["changes"][0]
    assert (change["field"], change["new"]) == ("documents", "补充图纸.pdf")
    refused = refusal(amend, tender, files=[SimpleUploadedFile("假.pdf", b"MZ")])
    assert refused.code == "file_content"
    assert tender.documents.count() == 1


class TestPages:
    def sent(self, tender, **changes):
        data = {
            name: getattr(tender, name)
            for name in ("title", "description", "delivery_days", "contact_name", "contact_phone", "complaint_phone")
        }
        for name in ("signup_ends_at", "selection_at", "auction_ends_at"):
            data[name] = localtime(getattr(tender, name)).strftime("%Y-%m-%dT%H:%M:%S")
        data |= {"ceiling_fen": "100000", "step_fen": "500", "reason": "任务书有误", "minimum_credit": "0"}
        return {**data, **changes}

    @pytest.fixture
    def tender(self, db):
        return make_tender(signup_ends_at=in_time().replace(microsecond=0) + timedelta(hours=1))

    def test_the_difference_is_read_before_it_is_announced(self, client, tender):
        url = reverse("tenders:amend", args=[tender.number])
        client.force_login(tender.created_by)
        assert url in client.get(tender.get_absolute_url()).text
        assert client.get(url).status_code == 200
        same = client.post(url, self.sent(tender))
        assert same.status_code == 422
        assert "没有需要变更的地方" in same.text
        check = client.post(url, self.sent(tender, delivery_days="45"))
        assert check.status_code == 200
        assert "<del>30 天（自合同生效）</del>" in check.text
        assert "<ins>45 天（自合同生效）</ins>" in check.text
        tender.refresh_from_db()
        assert tender.delivery_days == 30
        back = client.post(url, self.sent(tender, delivery_days="45", back="1"))
        assert 'value="45"' in back.text
        done = client.post(url, self.sent(tender, delivery_days="45", confirmed="1"))
        assert done["Location"] == f"{tender.get_absolute_url()}#amendments"
        client.logout()
        page = client.get(tender.get_absolute_url()).text
        assert "第 1 次变更" in page
        assert "任务书有误" in page

    def test_refusals_come_back_with_what_was_typed(self, client, tender):
        url = reverse("tenders:amend", args=[tender.number])
        client.force_login(tender.created_by)
        earlier = localtime(tender.signup_ends_at - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
        refused = client.post(url, self.sent(tender, signup_ends_at=earlier, title="改动中的名称"))
        assert refused.status_code == 422
        assert "时间只能推迟" in refused.text
        assert "改动中的名称" in refused.text
        assert client.post(url, self.sent(tender, reason="")).status_code == 422

    def test_a_file(self, client, tender):
        url = reverse("tenders:amend_file", args=[tender.number])
        client.force_login(tender.created_by)
        wrong = client.post(url, {"reason": "补充", "file": SimpleUploadedFile("x.pdf", b"MZ")})
        assert wrong.status_code == 422
        assert "文件内容不是 pdf" in wrong.text
        file = SimpleUploadedFile("图纸.pdf", b"%PDF-1.7 x")
        assert client.post(url, {"reason": "补充", "file": file}).status_code == 302
        assert "图纸.pdf" in client.get(tender.get_absolute_url()).text

    def test_strangers_find_nothing(self, client, tender):
        url = reverse("tenders:amend", args=[tender.number])
        assert client.get(url).status_code == 302
        for person, status in ((agent_of(make_buyer()), 404), (agent_of(make_firm()), 403), (make_user(), 403)):
            client.force_login(person)
            assert client.get(url).status_code == status
