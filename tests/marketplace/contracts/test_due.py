"""Payment dates on the contract, on the list of dates and in reminders, for owner, firm, stranger and administrator; refunds before acceptance."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.accounts.models import Message
from marketplace.contracts.actions import accept_milestone
from marketplace.contracts.due import due_contracts, dues
from marketplace.contracts.handlers import remind_of_payment_dates
from marketplace.contracts.models import Deliverable, Milestone
from marketplace.contracts.payment_terms import Stage
from marketplace.core import clock
from marketplace.parties.models import Organization
from payments.actions.refund_requests import order_refund, request_refund
from payments.actions.refunds import record_refund
from payments.models import PaymentIntent, Transfer
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of
from tests.factories.contracts import carry, fresh, make_contract, pay_out

pytestmark = pytest.mark.django_db
DUE = reverse("contracts:due")


def text(answer):
    return answer.content.decode()


def delivered(days_ago, kind="public_body", status="delivered"):
    """Give an active contract whose first result was handed in so many days ago."""
    contract = make_contract(status="active")
    Organization.objects.filter(pk=contract.buyer_id).update(kind=kind)
    milestone = carry(contract.milestones.select_related("contract").get(number=1), status)
    at = clock.now() - timedelta(days=days_ago)
    Deliverable.objects.filter(milestone=milestone).update(uploaded_at=at)
    if milestone.accepted_at:
        Milestone.objects.filter(pk=milestone.pk).update(accepted_at=at + timedelta(days=1))
    return fresh(contract), milestone


def only(contract):
    (found,) = [
        one for one in dues(due_contracts(), clock.now()) if one.contract == contract and one.milestone.number == 1
    ]
    return found


def test_a_delivered_result_counts_down(client):
    contract, _milestone = delivered(1)
    found = only(contract)
    assert found.stage == Stage.LATER
    assert found.term.days == 30
    assert not found.is_overdue
    for person in (agent_of(contract.buyer), agent_of(contract.supplier), make_admin()):
        client.force_login(person)
        assert f"法定付款期限 {found.term.due_on:%Y-%m-%d}" in text(client.get(contract.get_absolute_url()))


def test_natural_persons_have_no_legal_date(client):
    contract, _milestone = delivered(90, kind="person")
    assert only(contract).term is None
    client.force_login(agent_of(contract.buyer))
    assert "法定付款期限 2" not in text(client.get(contract.get_absolute_url()))


def test_each_side_sees_its_own_overdue_and_the_desk_all(client):
    late, _one = delivered(60)
    other, _two = delivered(2)
    for person, sees in (
        (agent_of(late.buyer), {late}),
        (agent_of(late.supplier), {late}),
        (agent_of(other.buyer), {other}),
        (make_admin(), {late, other}),
    ):
        client.force_login(person)
        page = text(client.get(DUE))
        assert {one for one in (late, other) if f"{one.get_absolute_url()}#milestone-1" in page} == sees
        assert ("已过法定期限" in page) == (late in sees)
        only_late = text(client.get(f"{DUE}?late"))
        assert f"{other.get_absolute_url()}#milestone-1" not in only_late
    client.force_login(make_user())
    assert client.get(DUE).status_code == 403
    client.logout()
    assert client.get(DUE).status_code == 302


def test_what_is_settled_owes_nothing():
    contract, milestone = delivered(60, status="accepted")
    assert only(contract).is_overdue
    pay_out(milestone)
    assert not [one for one in dues(due_contracts(), clock.now()) if one.milestone.number == 1]


def test_one_contract_or_three_the_same_queries():
    counts = []
    for _more in range(2):
        delivered(5)
        with CaptureQueriesContext(connection) as queries:
            assert dues(due_contracts(), clock.now())
        counts.append(len(queries))
    assert counts[0] == counts[1] == 4


# Reminders


def told(contract, side):
    user = agent_of(getattr(contract, side))
    return list(Message.objects.filter(user=user, key__contains="-legal-").order_by("pk").values_list("key", flat=True))


def test_each_stage_is_told_once():
    contract, milestone = delivered(1)
    due_on = only(contract).term.due_on
    noon = clock.now().replace(hour=4, minute=0)
    days = (due_on - noon.date()).days
    for left, buyer, supplier in (
        (11, [], []),
        (10, ["near"], []),
        (3, ["near", "last"], []),
        (-1, ["near", "last", "overdue"], ["overdue"]),
    ):
        for _twice in range(2):
            remind_of_payment_dates(noon + timedelta(days=days - left))
        assert told(contract, "buyer") == [f"milestone-{milestone.pk}-legal-{stage}" for stage in buyer]
        assert told(contract, "supplier") == [f"milestone-{milestone.pk}-legal-{stage}" for stage in supplier]


def test_of_an_accepted_result_the_firm_is_told():
    contract, _milestone = delivered(60, status="accepted")
    assert remind_of_payment_dates(clock.now()) == 1
    assert told(contract, "buyer") == []
    assert "收款账号" in Message.objects.get(user=agent_of(contract.supplier), key__contains="-legal-").body


def test_nothing_near_costs_one_query(django_assert_num_queries):
    delivered(5)
    with django_assert_num_queries(1):
        assert remind_of_payment_dates(clock.now()) == 0


# Refunds before acceptance


def intent_of(milestone):
    return PaymentIntent.objects.get(pk=Milestone.objects.get(pk=milestone.pk).payment_intent_id)


def test_the_firm_hears_of_a_refund_and_gets_the_rest(client):
    contract, milestone = delivered(1)
    intent = intent_of(milestone)
    refund = request_refund(
        intent=intent, amount_fen=1_000, note="经双方商定，少做一处", key="one", by=agent_of(contract.buyer)
    )
    message = Message.objects.get(user=agent_of(contract.supplier), key=f"refund-{refund.pk}")
    assert "10.00 元退回业主，原因：经双方商定，少做一处" in message.body
    client.force_login(agent_of(contract.supplier))
    assert "其中 10.00 元已退回业主" in text(client.get(contract.get_absolute_url()))
    accept_milestone(milestone=milestone, by=agent_of(contract.buyer))
    transfer = Transfer.objects.get(key=f"milestone-{milestone.pk}")
    assert transfer.amount_fen == milestone.amount_fen - 1_000
    pay_out(milestone)
    assert Milestone.objects.get(pk=milestone.pk).status == "settled"


def test_where_all_went_back_acceptance_settles_without_money():
    contract, milestone = delivered(1)
    refund = order_refund(intent=intent_of(milestone), amount_fen=None, note="双方解除合同", key="all", by=make_admin())
    record_refund(refund=refund, status="succeeded", now=clock.now())
    accept_milestone(milestone=milestone, by=agent_of(contract.buyer))
    assert Milestone.objects.get(pk=milestone.pk).status == "settled"
    assert not Transfer.objects.exists()


def test_both_sides_read_the_contracts_statement(client):
    contract, _milestone = delivered(1)
    address = reverse("contracts:statement", args=[contract.number])
    for person in (agent_of(contract.buyer), agent_of(contract.supplier), make_admin()):
        client.force_login(person)
        page = text(client.get(address))
        assert "付款" in page
        assert f"{contract.number} 第 1 节点" in page
    assert b"".join(client.get(f"{address}?format=csv").streaming_content).startswith(b"\xef\xbb\xbf")
    client.force_login(make_user())
    assert client.get(address).status_code == 403
