"""States and results of needs with a project reach the platform, once, in order, and whatever happens in between."""

from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.approvals.actions import retry_push, send_push
from marketplace.approvals.handlers import send_due, tell_state
from marketplace.approvals.models import Push
from marketplace.approvals.sandbox.data import demo_projects
from marketplace.approvals.states import PUSH, PushStatus
from marketplace.core import clock
from marketplace.core.events import broken_links, record
from marketplace.core.refusals import Refused
from marketplace.core.worker import run_round
from marketplace.projects.actions import pull_project
from marketplace.tenders.actions import cancel_tender, fail_tender, start_selection
from tests.factories.accounts import make_admin, make_user
from tests.factories.parties import make_buyer, make_firm
from tests.factories.projects import make_project
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db
DEMO = demo_projects()[1]


def member(organization):
    return organization.memberships.get().user


@pytest.fixture
def tender(platform):
    """Publish a need for a project of the platform's."""
    buyer = make_buyer(uscc=DEMO.owner_uscc, kind="enterprise", name=DEMO.owner_name)
    project = pull_project(code=DEMO.code, organization=buyer, by=member(buyer), now=clock.now())
    return make_tender(buyer=buyer, project=project, case=project.cases.order_by("number")[0])


def far():
    return clock.now() + timedelta(hours=1)


def test_a_need_without_project_owes_nothing():
    make_tender()
    assert not Push.objects.exists()


def test_a_published_need_is_told_once_and_moves_its_case(tender):
    push = Push.objects.get()
    assert (push.kind, push.status, push.word) == ("state", "waiting", "待选取中介机构")
    assert push.key.startswith(tender.process.events.get(name="tender_published").hash)
    assert push.payload["xmdm"] == DEMO.code
    assert run_round(far())["approval_pushes"] == 1
    push.refresh_from_db()
    assert (push.status, push.attempts) == ("sent", 1)
    assert push.receipt.startswith("SPPT-")
    tender.case.refresh_from_db()
    assert tender.case.status == "selecting"
    event = tender.process.events.get(name="state_pushed")
    assert event.data["receipt"] == push.receipt
    assert not broken_links(tender.process.__class__.objects.get(pk=tender.process_id))
    assert send_due(far()) == 0


def test_handlers_and_sending_are_idempotent(tender):
    event = tender.process.events.get(name="tender_published")
    tell_state(event)
    assert Push.objects.count() == 1
    push = Push.objects.get()
    first = send_push(push=push, now=clock.now())
    again = send_push(push=push, now=clock.now())
    assert first.receipt == again.receipt
    assert tender.process.events.filter(name="state_pushed").count() == 1


def test_a_neighbour_that_is_down_is_waited_for_and_nothing_is_lost(tender, settings):
    there, settings.APPROVAL_PLATFORM_URL = settings.APPROVAL_PLATFORM_URL, "http://127.0.0.1:9"
    failed = fail_tender(tender=tender, reason="报名不足")
    assert send_due(far()) == 1
    push = Push.objects.order_by("pk")[0]
    assert (push.status, push.attempts) == ("waiting", 1)
    assert push.next_at > clock.now()
    assert "审批平台" in push.error
    settings.APPROVAL_PLATFORM_URL = there
    assert send_due(far() + timedelta(hours=1)) == 1
    assert send_due(far() + timedelta(hours=1)) == 1
    assert set(Push.objects.values_list("status", flat=True)) == {"sent"}
    words = [event.data["word"] for event in failed.process.events.filter(name="state_pushed").order_by("number")]
    assert words == ["待选取中介机构", "选取未成功，待重新选取"]
    tender.case.refresh_from_db()
    assert tender.case.status == "waiting"


def test_a_refusal_is_kept_and_may_be_sent_again(tender):
    Push.objects.update(payload={"xmdm": DEMO.code})
    push = send_push(push=Push.objects.get(), now=clock.now())
    assert push.status == "refused"
    assert "缺少字段" in push.error
    assert send_due(far()) == 0
    with pytest.raises(Refused):
        retry_push(push=push, by=make_user())
    assert retry_push(push=push, by=tender.created_by).status == "waiting"


def test_every_pair_of_push_states(tender):
    push = Push.objects.get()
    for source, target in PUSH.pairs():
        Push.objects.update(status=source, sent_at=clock.now())
        push.refresh_from_db()
        if target == PushStatus.WAITING and PUSH.allows(source, target):
            assert retry_push(push=push, by=make_admin()).status == target
        elif target == PushStatus.WAITING:
            with pytest.raises(Refused):
                retry_push(push=push, by=make_admin())


def test_a_draft_thrown_away_is_nobodys_business(platform):
    buyer = make_buyer()
    draft = make_tender(status="draft", buyer=buyer, project=make_project(owner=buyer))
    cancel_tender(tender=draft, by=draft.created_by)
    assert not Push.objects.exists()


def test_a_cancelled_need_is_told(tender):
    cancel_tender(tender=tender, reason="计划调整", by=tender.created_by)
    assert Push.objects.order_by("pk").last().payload["blyj"] == "计划调整"


def test_an_award_tells_the_firm(tender):
    from marketplace.awards.models import Award, Selection
    from marketplace.bidding.models import Bidder

    firm, now = make_firm(), clock.now()
    start_selection(tender=tender)
    bidder = Bidder.objects.create(
        tender=tender, organization=firm, label="甲", signed_up_at=now, signed_up_by=member(firm)
    )
    Award.objects.create(
        tender=tender,
        selection=Selection.objects.get_or_create(tender=tender, defaults={"committed_at": now})[0],
        bidder=bidder,
        organization=firm,
        amount_fen=9_000_000,
        status="confirmed",
        proposed_at=now,
        standstill_ends_at=now,
        confirmed_at=now,
    )
    record(tender.process, "award_confirmed", now=now, data={"supplier": firm.name, "amount_fen": 9_000_000})
    push = Push.objects.get(kind="service")
    assert (push.payload["zjjgdm"], push.payload["amount_fen"]) == (firm.uscc, 9_000_000)
    while send_due(far()):
        pass
    assert not Push.objects.exclude(status="sent").exists()


class TestPages:
    def test_the_owner_sees_what_was_sent(self, client, tender):
        client.force_login(tender.created_by)
        assert "待送达" in client.get(reverse("approvals:pushes")).text
        send_due(far())
        page = client.get(reverse("approvals:tender", args=[tender.number])).text
        assert "已送达" in page
        assert DEMO.code in page

    def test_others_see_nothing(self, client, tender):
        url = reverse("approvals:tender", args=[tender.number])
        assert client.get(url).status_code == 302
        client.force_login(member(make_buyer()))
        assert client.get(url).status_code == 404
        client.force_login(member(make_firm()))
        assert client.get(url).status_code == 403

    def test_retry(self, client, tender):
        Push.objects.update(status="refused", error="缺少字段")
        url = reverse("approvals:retry", args=[Push.objects.get().pk])
        client.force_login(member(make_buyer()))
        assert client.post(url).status_code == 404
        client.force_login(tender.created_by)
        assert "缺少字段" in client.get(reverse("approvals:pushes")).text
        assert client.post(url).status_code == 302
        assert Push.objects.get().status == "waiting"


def test_an_accepted_result_is_told_by_its_fingerprint(tender):
    from marketplace.awards.models import Award, Selection
    from marketplace.bidding.models import Bidder
    from marketplace.contracts.models import Contract, Deliverable, Milestone

    firm, now = make_firm(), clock.now()
    bidder = Bidder.objects.create(
        tender=tender, organization=firm, label="甲", signed_up_at=now, signed_up_by=member(firm)
    )
    common = {"tender": tender, "amount_fen": 9_000_000}
    award = Award.objects.create(
        selection=Selection.objects.get_or_create(tender=tender, defaults={"committed_at": now})[0],
        bidder=bidder,
        organization=firm,
        status="confirmed",
        proposed_at=now,
        standstill_ends_at=now,
        confirmed_at=now,
        **common,
    )
    contract = Contract.objects.create(
        award=award, number="HT-1", title="合同", buyer=tender.buyer, supplier=firm, created_at=now, **common
    )
    milestone = Milestone.objects.create(
        contract=contract, number=1, title="提交成果初稿", amount_fen=1, due_date=now.date(), status="accepted"
    )
    Deliverable.objects.create(
        milestone=milestone,
        name="报告.pdf",
        sha256="a" * 64,
        size=10,
        status="accepted",
        uploaded_by=member(firm),
        uploaded_at=now,
    )
    record(tender.process, "milestone_accepted", now=now, subject=milestone)
    push = Push.objects.get(kind="result")
    assert (push.payload["sha256"], push.payload["firm_uscc"]) == ("a" * 64, firm.uscc)
    send_due(far())
    tender.case.status = "serving"
    tender.case.save()
    send_due(far())
    push.refresh_from_db()
    assert push.status == "sent"
    tender.case.refresh_from_db()
    assert tender.case.status == "result"
    assert tender.process.events.filter(name="result_pushed").exists()


def test_an_old_needs_failure_does_not_freeze_the_case_of_the_new_one(client, tender):
    """The platform hears of a new need for the case before the old one fails; the case follows what it takes."""
    again = make_tender(buyer=tender.buyer, project=tender.project, case=tender.case)
    while send_due(far()):
        pass
    fail_tender(tender=tender, reason="报名不足")
    while send_due(far()):
        pass
    tender.case.refresh_from_db()
    assert tender.case.status == "waiting"
    record(again.process, "contract_activated", now=clock.now(), data={"amount_fen": 1})
    while send_due(far()):
        pass
    tender.case.refresh_from_db()
    assert tender.case.status == "serving"
    client.force_login(again.created_by)
    page = client.get(reverse("approvals:tender", args=[again.number])).text
    assert "平台最近收到" in page
    assert '<span class="strong">中介服务中</span>' in page
