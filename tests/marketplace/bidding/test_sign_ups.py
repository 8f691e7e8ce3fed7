"""Signing up: who fits, who is told why not, and what happens when the time is over."""

from datetime import timedelta

import pytest

from marketplace.bidding.actions import advance_auction, end_sign_up, sign_up, withdraw_sign_up
from marketplace.bidding.models import Bidder
from marketplace.bidding.states import AuctionStatus, BidderStatus
from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.parties.models import Organization
from marketplace.parties.states import OrganizationStatus
from marketplace.tenders.actions import cancel_tender
from marketplace.tenders.models import Tender
from marketplace.tenders.states import TenderStatus
from tests.factories.accounts import make_user
from tests.factories.bidding import agent_of, make_auction, make_bidder
from tests.factories.catalog import make_kind, make_service
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender() -> Tender:
    kind = make_kind(grades=["甲级", "乙级"])
    return make_tender(service=make_service(requirement={"kind": kind.code, "grade": "乙级"}))


def test_a_firm_that_fits_signs_up_under_a_masked_label(tender: Tender) -> None:
    bidder = make_bidder(tender=tender)
    assert bidder.status == BidderStatus.ACTIVE
    assert bidder.organization.name not in bidder.label
    event = Event.objects.get(name="bidder_signed_up")
    assert event.data == {"bidders": 1}
    assert event.organization_id is None


def test_a_firm_that_lacks_the_qualification_is_told_which(tender: Tender) -> None:
    firm = make_firm(services=[make_service()])
    with pytest.raises(Refused) as refused:
        sign_up(tender=tender, organization=firm, by=agent_of(firm))
    assert refused.value.code == "not_qualified"
    assert "乙级" in str(refused.value)


def test_refusals_have_their_reasons(tender: Tender) -> None:
    firm = make_firm(services=[tender.service])
    cases = {
        "not_a_member": {"organization": firm, "by": make_user()},
        "not_an_intermediary": {"organization": tender.buyer, "by": agent_of(tender.buyer)},
        "signup_closed": {"organization": firm, "by": agent_of(firm), "now": tender.signup_ends_at},
    }
    for code, arguments in cases.items():
        with pytest.raises(Refused) as refused:
            sign_up(tender=tender, **arguments)
        assert refused.value.code == code
    make_bidder(tender=tender, organization=firm)
    with pytest.raises(Refused) as refused:
        make_bidder(tender=tender, organization=firm)
    assert refused.value.code == "already_signed_up"


def test_nobody_bids_on_its_own_need() -> None:
    buyer = make_buyer()
    buyer.is_intermediary = True
    buyer.save()
    own = make_tender(buyer=buyer)
    with pytest.raises(Refused) as refused:
        sign_up(tender=own, organization=buyer, by=agent_of(buyer))
    assert refused.value.code == "own_tender"


def test_a_sign_up_can_be_taken_back_and_given_again(tender: Tender) -> None:
    bidder = make_bidder(tender=tender)
    with pytest.raises(Refused):
        withdraw_sign_up(bidder=bidder, by=make_user())
    withdraw_sign_up(bidder=bidder, by=agent_of(bidder.organization))
    again = make_bidder(tender=tender, organization=bidder.organization)
    assert (again.pk, again.label, again.status) == (bidder.pk, bidder.label, BidderStatus.ACTIVE)
    with pytest.raises(Refused) as refused:
        withdraw_sign_up(bidder=again, by=agent_of(bidder.organization), now=tender.signup_ends_at)
    assert refused.value.code == "signup_closed"


def test_labels_are_unique_among_many(tender: Tender) -> None:
    firm = make_firm(services=[tender.service])
    by, now = agent_of(firm), clock.now()
    from marketplace.bidding.actions.sign_ups import LABELS, _label

    Bidder.objects.create(tender=tender, organization=firm, label="11号", signed_up_at=now, signed_up_by=by)
    label = _label(tender, make_firm(services=[tender.service]))
    assert label in LABELS
    assert label != "11号"


def test_too_few_firms_extend_the_sign_up_once_and_then_fail_the_need(tender: Tender) -> None:
    make_bidder(tender=tender)
    first_end, opens = tender.signup_ends_at, tender.selection_at
    tender = end_sign_up(tender=tender, now=first_end)
    assert (tender.status, tender.extensions) == (TenderStatus.OPEN, 1)
    assert tender.signup_ends_at > first_end
    assert tender.selection_at - opens == tender.signup_ends_at - first_end
    assert tender.auction.opens_at == tender.selection_at
    event = Event.objects.get(name="signup_extended")
    assert "1 家" in event.data["reason"]
    with pytest.raises(Refused) as refused:
        end_sign_up(tender=tender, now=tender.signup_ends_at - timedelta(milliseconds=1))
    assert refused.value.code == "too_early"
    tender = end_sign_up(tender=tender, now=tender.signup_ends_at)
    tender.auction.refresh_from_db()
    assert (tender.auction.status, tender.status) == (AuctionStatus.FAILED, TenderStatus.FAILED)
    assert "1 家" in tender.failure_reason


def test_the_extension_gives_a_firm_time_to_come(tender: Tender) -> None:
    make_bidder(tender=tender)
    tender = end_sign_up(tender=tender, now=tender.signup_ends_at)
    make_bidder(tender=tender, now=tender.signup_ends_at - timedelta(milliseconds=1))
    tender = end_sign_up(tender=tender, now=tender.signup_ends_at)
    assert tender.status == TenderStatus.SELECTING


def test_enough_firms_go_on_to_the_selection() -> None:
    auction = make_auction(firms=3, status="scheduled")
    tender = end_sign_up(tender=auction.tender, now=auction.tender.signup_ends_at)
    assert tender.status == TenderStatus.SELECTING
    assert end_sign_up(tender=tender, now=tender.signup_ends_at).status == TenderStatus.SELECTING


def test_firms_suspended_since_they_signed_up_are_excluded_at_the_deadline() -> None:
    auction = make_auction(firms=3, status="scheduled")
    tender = auction.tender
    bidder = tender.bidders.order_by("pk").first()
    Organization.objects.filter(pk=bidder.organization_id).update(status=OrganizationStatus.SUSPENDED)
    end_sign_up(tender=tender, now=tender.signup_ends_at)
    bidder.refresh_from_db()
    assert bidder.status == BidderStatus.EXCLUDED
    event = Event.objects.get(name="bidder_excluded")
    assert event.data == {"label": bidder.label, "reason": bidder.reason}
    assert event.organization_id is None
    assert tender.bidders.filter(status=BidderStatus.ACTIVE).count() == 2
    with pytest.raises(Refused):
        make_bidder(tender=tender, organization=bidder.organization, now=tender.signup_ends_at)


def test_an_auction_without_bids_fails() -> None:
    auction = make_auction(firms=3)
    auction = advance_auction(auction=auction, now=auction.ends_at)
    auction.tender.refresh_from_db()
    assert (auction.status, auction.tender.status) == (AuctionStatus.FAILED, TenderStatus.FAILED)


def test_a_cancelled_need_ends_its_auction() -> None:
    auction = make_auction(firms=3, status="scheduled")
    cancel_tender(tender=auction.tender, reason="项目调整", by=agent_of(auction.tender.buyer), now=clock.now())
    auction.refresh_from_db()
    assert auction.status == AuctionStatus.FAILED
