"""Pay, deliver, return, accept, settle, complete."""

import hashlib

import pytest

from marketplace.contracts import handlers
from marketplace.contracts.actions import (
    accept_milestone,
    complete_contract,
    deliver_milestone,
    fund_milestone,
    request_settlement,
    return_deliverable,
    settle_milestone,
    start_payment,
)
from marketplace.contracts.models import Milestone
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Refused
from payments.actions import cancel_payment_intent
from payments.models import PaymentIntent, Transfer
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of
from tests.factories.contracts import a_file, an_office_file, carry, fresh, make_contract, pay
from tests.factories.payments import make_payment_intent

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract():
    return make_contract(status="active")


def first(contract, status="planned"):
    return carry(contract.milestones.select_related("contract").get(number=1), status)


def refused(code, action, **arguments):
    with pytest.raises(Refused) as caught:
        action(**arguments)
    assert caught.value.code == code
    return caught.value


def test_the_payment_is_asked_for_once(contract):
    milestone = first(contract)
    intents = {start_payment(milestone=milestone, by=agent_of(contract.buyer)).pk for _twice in range(2)}
    assert len(intents) == 1
    intent = PaymentIntent.objects.get()
    assert (intent.amount_fen, intent.transfer_group) == (milestone.amount_fen, contract.number)
    assert (intent.payer, intent.payee) == (contract.buyer, contract.supplier)
    assert intent.metadata["milestone"] == str(milestone.pk)


def test_a_cancelled_payment_is_asked_for_anew(contract):
    by = agent_of(contract.buyer)
    intent = start_payment(milestone=first(contract), by=by)
    cancel_payment_intent(intent=intent, by=by)
    assert start_payment(milestone=first(contract), by=by) != intent


def test_who_may_not_pay(contract):
    for person in (agent_of(contract.supplier), make_user(), make_admin()):
        assert isinstance(refused("not_buyer", start_payment, milestone=first(contract), by=person), Forbidden)


def test_payments_come_in_order_and_after_signing(contract):
    second = contract.milestones.get(number=2)
    refused("milestone_order", start_payment, milestone=second, by=agent_of(contract.buyer))
    draft = make_contract()
    refused("contract_not_active", start_payment, milestone=draft.milestones.first(), by=agent_of(draft.buyer))


def test_the_money_is_held(contract):
    milestone = first(contract, "funded")
    assert milestone.status == "funded"
    assert milestone.funded_at
    event = Event.objects.get(name="payment_intent_succeeded")
    handlers.fund(event)
    handlers.fund(event)
    assert Event.objects.filter(name="milestone_funded").count() == 1
    assert agent_of(contract.supplier).messages.filter(key=f"milestone-{milestone.pk}-funded").count() == 1


def test_money_for_something_else_funds_nothing(contract):
    milestone = first(contract)
    start_payment(milestone=milestone, by=agent_of(contract.buyer))
    refused("payment_foreign", fund_milestone, milestone=milestone, payment_intent=make_payment_intent())
    intent = PaymentIntent.objects.get(transfer_group=contract.number)
    refused("payment_unpaid", fund_milestone, milestone=milestone, payment_intent=intent)


def test_a_milestone_named_by_another_process_is_not_touched(contract):
    milestone = first(contract)
    intent = make_payment_intent(metadata={"milestone": str(milestone.pk)})
    handlers.fund(Event.objects.get(name="payment_intent_created", process=intent.process))
    assert first(contract).status == "planned"


@pytest.mark.parametrize(
    "file",
    [a_file(), an_office_file(), an_office_file("表.xlsx", "xl/workbook.xml"), an_office_file("版式.ofd", "OFD.xml")],
    ids=lambda file: file.name,
)
def test_the_result_is_known_by_its_hash(contract, file):
    milestone = first(contract, "funded")
    content = file.read()
    deliver_milestone(milestone=milestone, file=file, note="初稿", by=agent_of(contract.supplier))
    deliverable = milestone.deliverables.get()
    assert deliverable.sha256 == hashlib.sha256(content).hexdigest()
    with deliverable.file.open() as kept:
        assert kept.read() == content
    assert deliverable.name == file.name
    assert file.name.split(".")[0] not in deliverable.file.name
    data = Event.objects.get(name="milestone_delivered").data
    assert (data["sha256"], data["size"], data["name"]) == (deliverable.sha256, len(content), file.name)
    assert first(contract).status == "delivered"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (a_file("report.exe"), "file_kind"),
        (a_file("report.pdf", b""), "file_empty"),
        (a_file("report.pdf", b"PK\x03\x04 not a pdf"), "file_content"),
        (a_file("report.docx", b"%PDF-1.7"), "file_content"),
        (an_office_file("report.xlsx"), "file_content"),
        (a_file("report.png", b"<script>"), "file_content"),
    ],
    ids=str,
)
def test_bad_files(contract, file, code):
    milestone = first(contract, "funded")
    error = refused(code, deliver_milestone, milestone=milestone, file=file, by=agent_of(contract.supplier))
    assert (error.field, error.status) == ("file", 422)
    assert not milestone.deliverables.exists()


def test_a_file_that_is_too_large(contract):
    milestone = first(contract, "funded")
    file = a_file(content=b"%PDF-" + b"0" * (20 * 1024 * 1024))
    refused("file_too_large", deliver_milestone, milestone=milestone, file=file, by=agent_of(contract.supplier))


def test_who_may_not_deliver(contract):
    milestone = first(contract, "funded")
    for person in (agent_of(contract.buyer), make_user(), make_admin()):
        refused("not_supplier", deliver_milestone, milestone=milestone, file=a_file(), by=person)


def test_nothing_is_delivered_before_the_money_is_held(contract):
    refused(
        "state_conflict", deliver_milestone, milestone=first(contract), file=a_file(), by=agent_of(contract.supplier)
    )


def test_the_same_file_twice_is_one_delivery(contract):
    milestone = first(contract, "delivered")
    deliver_milestone(milestone=milestone, file=a_file(), by=agent_of(contract.supplier))
    assert milestone.deliverables.count() == 1
    refused(
        "state_conflict",
        deliver_milestone,
        milestone=milestone,
        file=a_file(content=b"%PDF-other"),
        by=agent_of(contract.supplier),
    )


def test_a_result_goes_back_and_comes_again(contract):
    milestone = first(contract, "delivered")
    by = agent_of(contract.buyer)
    error = refused("reason_required", return_deliverable, milestone=milestone, reason="不行", by=by)
    assert error.field == "reason"
    refused(
        "not_buyer",
        return_deliverable,
        milestone=milestone,
        reason="缺少附图，请补充。",
        by=agent_of(contract.supplier),
    )
    return_deliverable(milestone=milestone, reason="缺少附图，请补充。", by=by)
    assert first(contract).status == "funded"
    assert milestone.deliverables.get().status == "returned"
    refused("state_conflict", return_deliverable, milestone=milestone, reason="缺少附图，请补充。", by=by)
    deliver_milestone(milestone=milestone, file=a_file(content=b"%PDF-2"), by=agent_of(contract.supplier))
    accept_milestone(milestone=milestone, by=by)
    assert list(milestone.deliverables.order_by("pk").values_list("status", flat=True)) == ["returned", "accepted"]


def test_accepting_sends_the_money_once(contract):
    milestone = first(contract, "accepted")
    assert milestone.status == "accepted"
    for _twice in range(2):
        accept_milestone(milestone=milestone, by=agent_of(contract.buyer))
        handlers.pay_out(Event.objects.get(name="milestone_accepted"))
        request_settlement(milestone=milestone)
    transfer = Transfer.objects.get()
    assert (transfer.amount_fen, transfer.destination) == (milestone.amount_fen, contract.supplier)
    assert first(contract).transfer_id == transfer.pk


def test_who_may_not_accept(contract):
    milestone = first(contract, "delivered")
    for person in (agent_of(contract.supplier), make_user(), make_admin()):
        refused("not_buyer", accept_milestone, milestone=milestone, by=person)
    refused("not_accepted", request_settlement, milestone=milestone)


def test_nothing_to_accept(contract):
    refused("state_conflict", accept_milestone, milestone=first(contract, "funded"), by=agent_of(contract.buyer))


def test_the_provider_says_it_is_paid(contract):
    milestone = first(contract, "settled")
    assert milestone.status == "settled"
    event = Event.objects.get(name="transfer_paid")
    handlers.settle(event)
    assert Event.objects.filter(name="milestone_settled").count() == 1
    assert fresh(contract).status == "active"
    refused("state_conflict", settle_milestone, milestone=contract.milestones.get(number=2))
    refused("milestones_open", complete_contract, contract=contract)


def test_the_last_settlement_completes_everything():
    contract = make_contract(status="completed")
    assert contract.status == "completed"
    assert contract.tender.status == "completed"
    assert set(contract.milestones.values_list("status", flat=True)) == {"settled"}
    complete_contract(contract=contract)
    assert Event.objects.filter(name="contract_completed").count() == 1
    assert Event.objects.filter(name="tender_completed").count() == 1
    assert agent_of(contract.buyer).messages.filter(key=f"contract-{contract.pk}-completed").count() == 1


def test_the_second_milestone_may_be_paid_after_the_first_is_accepted(contract):
    first(contract, "accepted")
    second = Milestone.objects.select_related("contract").get(contract=contract, number=2)
    pay(second)
    assert Milestone.objects.get(pk=second.pk).status == "funded"


def test_the_chain_is_whole():
    from marketplace.core.events import broken_links

    contract = make_contract(status="completed")
    assert broken_links(contract.tender.process) == []
