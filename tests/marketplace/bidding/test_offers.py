"""Handing in, replacing and taking back a sealed offer: what is refused and why, and what the receipt proves."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from marketplace.accounts.models import Message
from marketplace.bidding.actions import create_box, end_sign_up, submit_offer, withdraw_offer, withdraw_sign_up
from marketplace.bidding.commitments import Content, discounted_fen, new_nonce
from marketplace.bidding.models import Bidder, OfferBox, SealedOffer
from marketplace.bidding.queries import offer_of
from marketplace.bidding.states import OfferStatus
from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.core.sealing import new_key
from marketplace.parties.models import Organization
from marketplace.tenders.actions import cancel_tender
from marketplace.tenders.models import Method
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of, make_bidder, make_offer, make_plan
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def code_of(bidder: Bidder, **values) -> str:
    """Try to hand in an offer that must be refused; return why."""
    given = {"amount_fen": 9_000_000, "by": agent_of(bidder.organization)} | values
    with pytest.raises(Refused) as refused:
        submit_offer(bidder=bidder, **given)
    assert str(refused.value)
    return refused.value.code


@pytest.fixture
def bidder() -> Bidder:
    return make_bidder(tender=make_tender(method=Method.BEST_PRICE, floor_fen=5_000_000))


@pytest.mark.parametrize("method", [Method.BEST_PRICE, Method.AVERAGE, Method.MERIT, Method.SCORED, Method.QUOTES])
def test_a_need_with_sealed_offers_gets_a_box_of_its_own(method: str) -> None:
    tender = make_tender(method=method)
    box = OfferBox.objects.get(tender=tender)
    assert Event.objects.get(name="offer_box_created").data == {"public_key": box.public_key}
    assert create_box(tender=tender, now=tender.published_at).pk == box.pk
    assert make_tender(method=method).offer_box.public_key != box.public_key


def test_other_methods_have_none() -> None:
    make_tender(method=Method.DRAW)
    make_tender()
    assert not OfferBox.objects.exists()


def test_the_receipt_proves_what_was_offered(bidder: Bidder) -> None:
    offer, receipt = submit_offer(bidder=bidder, amount_fen=8_888_888, by=agent_of(bidder.organization))
    assert hashlib.sha256(receipt.statement.encode()).hexdigest() == receipt.commitment == offer.commitment
    assert json.loads(receipt.statement) == {
        "amount_fen": 8_888_888,
        "bidder": bidder.label,
        "nonce": receipt.nonce,
        "plan_sha256": "",
        "tender": bidder.tender.number,
    }
    assert len(receipt.nonce) == 64


def test_the_chain_says_that_one_more_was_sealed_and_not_by_whom(bidder: Bidder) -> None:
    offer = make_offer(bidder=bidder)
    event = Event.objects.get(name="offer_sealed")
    assert event.data == {"commitment": offer.commitment, "offers": 1}
    assert (event.actor, event.organization_id, event.subject_type) == (None, None, "tenders.tender")
    make_offer(bidder=make_bidder(tender=bidder.tender))
    assert Event.objects.filter(name="offer_sealed").latest("number").data["offers"] == 2
    message = Message.objects.get(user=agent_of(bidder.organization), title__startswith="报价已密封")
    assert offer.commitment in message.body
    assert "90,000" not in message.title + message.body


def test_the_same_submit_twice_is_one_offer(bidder: Bidder) -> None:
    nonce = new_nonce()
    first, receipt = submit_offer(bidder=bidder, amount_fen=9_000_000, nonce=nonce, by=agent_of(bidder.organization))
    again, same = submit_offer(bidder=bidder, amount_fen=9_000_000, nonce=nonce, by=agent_of(bidder.organization))
    assert (first.pk, receipt) == (again.pk, same)
    assert SealedOffer.objects.count() == 1


def test_a_new_offer_takes_the_place_of_the_former(bidder: Bidder) -> None:
    first, second = make_offer(bidder=bidder), make_offer(bidder=bidder, amount_fen=8_000_000)
    first.refresh_from_db()
    assert (first.status, first.number) == (OfferStatus.REPLACED, 1)
    assert (second.status, second.number) == (OfferStatus.SEALED, 2)
    assert offer_of(bidder).pk == second.pk
    assert Event.objects.filter(name="offer_sealed").latest("number").data["offers"] == 1


def test_an_offer_can_be_taken_back_and_given_again(bidder: Bidder) -> None:
    offer = withdraw_offer(offer=make_offer(bidder=bidder), by=agent_of(bidder.organization))
    assert offer.status == OfferStatus.WITHDRAWN
    assert Event.objects.get(name="offer_withdrawn").data == {"offers": 0}
    assert offer_of(bidder) is None
    with pytest.raises(Refused) as refused:
        withdraw_offer(offer=offer, by=agent_of(bidder.organization))
    assert refused.value.code == "state_conflict"
    assert make_offer(bidder=bidder).number == 2


def test_taking_the_sign_up_back_takes_the_offer_with_it(bidder: Bidder) -> None:
    offer = make_offer(bidder=bidder)
    withdraw_sign_up(bidder=bidder, by=agent_of(bidder.organization))
    offer.refresh_from_db()
    assert offer.status == OfferStatus.WITHDRAWN
    assert code_of(bidder) == "not_signed_up"


def test_offers_are_taken_until_the_last_millisecond_before_the_opening(bidder: Bidder) -> None:
    tender = bidder.tender
    make_bidder(tender=tender)
    end_sign_up(tender=tender, now=tender.signup_ends_at)
    just = tender.selection_at - timedelta(milliseconds=1)
    offer = make_offer(bidder=bidder, now=just)
    assert (offer.submitted_at, offer.status) == (just, OfferStatus.SEALED)
    for late in (tender.selection_at, tender.selection_at + timedelta(milliseconds=1)):
        assert code_of(bidder, now=late) == "offer_late"
        with pytest.raises(Refused) as refused:
            withdraw_offer(offer=offer, by=agent_of(bidder.organization), now=late)
        assert refused.value.code == "offer_late"


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("above_ceiling", {"amount_fen": 10_000_001}),
        ("below_floor", {"amount_fen": 4_999_999}),
        ("amount_invalid", {"amount_fen": 0}),
        ("amount_invalid", {"amount_fen": -1}),
        ("amount_invalid", {"amount_fen": True}),
        ("amount_missing", {"amount_fen": None}),
        ("amount_missing", {"amount_fen": 9_000_000, "discount_points": 10}),
        ("nonce_invalid", {"nonce": "12345"}),
        ("plan_unwanted", {"plan": make_plan()}),
    ],
)
def test_what_does_not_keep_to_the_terms_is_refused(bidder: Bidder, code: str, values: dict) -> None:
    assert code_of(bidder, **values) == code
    assert not SealedOffer.objects.exists()
    assert not Event.objects.filter(name="offer_sealed").exists()


def test_ceiling_and_floor_themselves_are_allowed(bidder: Bidder) -> None:
    make_offer(bidder=bidder, amount_fen=10_000_000)
    make_offer(bidder=bidder, amount_fen=5_000_000)


def test_only_the_firms_own_people_in_good_standing_offer(bidder: Bidder) -> None:
    assert code_of(bidder, by=make_user()) == "suspended"
    assert code_of(bidder, by=agent_of(bidder.tender.buyer)) == "suspended"
    offer = make_offer(bidder=bidder)
    with pytest.raises(Refused) as refused:
        withdraw_offer(offer=offer, by=make_user())
    assert refused.value.code == "not_a_member"
    Organization.objects.filter(pk=bidder.organization_id).update(status="suspended")
    assert code_of(bidder) == "suspended"


def test_a_live_auction_takes_no_sealed_offer() -> None:
    assert code_of(make_bidder(tender=make_tender())) == "nothing_sealed"


def test_a_need_that_was_taken_back_takes_no_offer(bidder: Bidder) -> None:
    cancel_tender(tender=bidder.tender, reason="项目调整", by=agent_of(bidder.tender.buyer))
    assert code_of(bidder) == "offers_closed"


@pytest.mark.parametrize(
    ("points", "amount"),
    [(0, 10_000_001), (1234, 8_766_001), (5000, 5_000_001), (9999, 1000)],
)
def test_a_discount_makes_the_amount_rounded_half_up_to_fen(points: int, amount: int) -> None:
    bidder = make_bidder(tender=make_tender(method=Method.AVERAGE, price_kind="discount", ceiling_fen=10_000_001))
    _offer, receipt = submit_offer(bidder=bidder, discount_points=points, by=agent_of(bidder.organization))
    assert receipt.amount_fen == amount == discounted_fen(10_000_001, points)


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("discount_missing", {"amount_fen": 9_000_000}),
        ("discount_invalid", {"discount_points": -1}),
        ("discount_invalid", {"discount_points": 10_000}),
        ("below_floor", {"discount_points": 5001}),
    ],
)
def test_discounts_that_are_refused(code: str, values: dict) -> None:
    tender = make_tender(method=Method.AVERAGE, price_kind="discount", floor_fen=5_000_000)
    assert code_of(make_bidder(tender=tender), **({"amount_fen": None} | values)) == code


@pytest.mark.parametrize(
    ("code", "plan"),
    [
        ("plan_missing", None),
        ("file_kind", make_plan(name="plan.exe")),
        ("file_empty", make_plan(content=b"")),
        ("file_content", make_plan(content=b"MZ not a pdf")),
    ],
)
def test_plans_that_are_refused(code: str, plan) -> None:
    assert code_of(make_bidder(tender=make_tender(method=Method.MERIT)), plan=plan) == code


def test_a_plan_is_part_of_the_commitment() -> None:
    bidder, nonce = make_bidder(tender=make_tender(method=Method.SCORED)), new_nonce()
    first = make_offer(bidder=bidder, nonce=nonce, plan=make_plan())
    second = make_offer(bidder=bidder, nonce=nonce, plan=make_plan(content=b"%PDF-1.7 another plan"))
    assert first.commitment != second.commitment


def test_the_length_of_a_sealed_price_says_nothing() -> None:
    lengths = {len(Content(amount, points, new_nonce()).packed()) for amount in (1, 10**13) for points in (None, 9999)}
    assert lengths == {1024}


@pytest.mark.parametrize(
    "values",
    [
        {"amount_fen": 8_000_000},
        {"discount_points": 100},
        {"nonce": "a" * 64},
        {"plan_sha256": "a" * 64},
        {"opened_plan": "plans/x.pdf"},
        {"plan_name": "x.pdf"},
        {"status": OfferStatus.OPENED},
        {"status": OfferStatus.INVALID},
        {"reason": "不相符"},
    ],
)
def test_the_database_itself_keeps_a_sealed_row_shut(bidder: Bidder, values: dict) -> None:
    offer = make_offer(bidder=bidder)
    with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
        SealedOffer.objects.filter(pk=offer.pk).update(**values)


def test_two_offers_of_one_firm_never_hold_together(bidder: Bidder) -> None:
    former = make_offer(bidder=bidder)
    make_offer(bidder=bidder)
    with pytest.raises(IntegrityError), transaction.atomic():
        SealedOffer.objects.filter(pk=former.pk).update(status=OfferStatus.SEALED)


def test_a_box_with_somebody_elses_key_takes_no_offer(bidder: Bidder) -> None:
    admin = make_admin()
    _private, public = new_key()  # as if somebody with the database alone had put in a key of their own
    OfferBox.objects.update(public_key=public)
    assert code_of(bidder) == "key_missing"
    assert not SealedOffer.objects.exists()
    assert Message.objects.get(user=admin).title.startswith("报价箱的密钥缺失")
