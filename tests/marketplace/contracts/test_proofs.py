"""The proof of milestones' money: silent in every state, also with refunds, and it names what does not fit."""

import pytest

from marketplace.contracts.models import Milestone
from marketplace.core import clock
from marketplace.core.models import Delivery, Event
from marketplace.core.proofs import PROOFS
from marketplace.core.refusals import Refused
from payments.actions import create_refund
from payments.actions.refunds import record_refund
from payments.models import Balance, PaymentIntent, Refund, Transfer
from tests.factories.bidding import agent_of
from tests.factories.contracts import carry, make_contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def milestone():
    contract = make_contract(status="active")
    return contract.milestones.select_related("contract").get(number=1)


def proved():
    return [*PROOFS["escrow"](), *PROOFS["ledger"]()]


def payment_of(milestone):
    return PaymentIntent.objects.get(metadata__milestone=str(milestone.pk))


@pytest.mark.parametrize("status", ["planned", "funded", "delivered", "accepted", "settled"])
def test_silent_in_every_state(milestone, status):
    carry(milestone, status)
    assert proved() == []


def test_a_part_returned_before_the_acceptance_is_not_settled_again(milestone):
    carry(milestone, "delivered")
    refund = create_refund(intent=payment_of(milestone), amount_fen=1_000, key="r")
    assert proved() == []
    record_refund(refund=refund, status="succeeded", now=clock.now())
    milestone = carry(milestone, "settled")
    assert (milestone.status, Transfer.objects.get().amount_fen) == ("settled", milestone.amount_fen - 1_000)
    told = agent_of(milestone.contract.supplier).messages.get(key=f"milestone-{milestone.pk}-settled")
    assert f"{(milestone.amount_fen - 1_000) / 100:,.2f}" in told.body
    assert proved() == []


def test_all_returned_before_the_acceptance_leaves_nothing_to_settle(milestone):
    carry(milestone, "delivered")
    refund = create_refund(intent=payment_of(milestone), key="r")
    record_refund(refund=refund, status="succeeded", now=clock.now())
    carry(milestone, "accepted")
    milestone.refresh_from_db()
    assert (milestone.status, Transfer.objects.exists()) == ("settled", False)
    assert proved() == []


def test_it_is_not_settled_while_all_of_it_may_still_go_back(milestone):
    from marketplace.contracts.actions import request_settlement

    carry(milestone, "delivered")
    create_refund(intent=payment_of(milestone), key="r")
    carry(milestone, "accepted")
    milestone.refresh_from_db()
    assert milestone.status == "accepted"
    with pytest.raises(Refused) as refused:
        request_settlement(milestone=milestone)
    assert refused.value.code == "refund_open"
    record_refund(refund=Refund.objects.get(), status="failed", now=clock.now())
    request_settlement(milestone=milestone)
    assert carry(milestone, "settled").status == "settled"
    assert proved() == []


def test_a_refund_that_fails_after_the_settlement_leaves_money_held_and_explained(milestone):
    carry(milestone, "delivered")
    refund = create_refund(intent=payment_of(milestone), amount_fen=1_000, key="r")
    carry(milestone, "settled")
    assert proved() == []
    record_refund(refund=refund, status="failed", now=clock.now())
    assert Balance.objects.get(account__owner=payment_of(milestone).pk).amount_fen == 1_000
    assert proved() == []


@pytest.mark.parametrize(
    ("status", "claimed", "words"),
    [
        ("funded", "planned", "planned and holds"),
        ("delivered", "settled", "settled and holds"),
        ("planned", "funded", "with a payment of None"),
    ],
)
def test_a_state_that_the_books_do_not_know_is_named(milestone, status, claimed, words):
    carry(milestone, status)
    Milestone.objects.filter(pk=milestone.pk).update(status=claimed)
    (said,) = PROOFS["escrow"]()
    assert milestone.contract.number in said
    assert words in said


def test_a_balance_that_differs_is_named(milestone):
    carry(milestone, "funded")
    Balance.objects.filter(account__owner=payment_of(milestone).pk).update(amount_fen=7)
    (said,) = PROOFS["escrow"]()
    assert f"holds 7 fen; its payment, refunds and transfers leave {milestone.amount_fen}" in said


def test_a_payment_that_the_milestone_has_not_heard_of_yet_is_under_way(milestone):
    carry(milestone, "funded")
    Milestone.objects.filter(pk=milestone.pk).update(status="planned")
    event = Event.objects.get(name="payment_intent_succeeded")
    heard = Delivery.objects.filter(event=event)
    heard.update(status="pending")
    assert proved() == []
    heard.update(status="dead")
    assert len(proved()) == 1
