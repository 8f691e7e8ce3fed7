"""Draw up, revise, offer, sign."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from marketplace.accounts.models import Message
from marketplace.contracts.actions import draft_contract, offer_contract, revise_contract, sign_contract
from marketplace.contracts.handlers import draft
from marketplace.contracts.models import Contract
from marketplace.contracts.text import blocks, digest
from marketplace.core.models import Event
from marketplace.core.money import capitals, format_yuan
from marketplace.core.refusals import Forbidden, Refused
from tests.factories.accounts import make_admin, make_user
from tests.factories.awards import make_award
from tests.factories.bidding import agent_of
from tests.factories.contracts import fresh, make_contract

pytestmark = pytest.mark.django_db


def refused(code, action, **arguments):
    with pytest.raises(Refused) as caught:
        action(**arguments)
    assert caught.value.code == code
    return caught.value


def rows(contract, *amounts):
    day = localdate(contract.created_at) + timedelta(days=5)
    return [
        {"title": f"第{place}步", "amount_fen": amount, "due_date": day + timedelta(days=place)}
        for place, amount in enumerate(amounts, start=1)
    ]


def test_a_confirmed_award_makes_a_contract():
    contract = make_contract()
    tender = contract.tender
    assert contract.number == "HT" + tender.number.lstrip("YT")
    assert contract.status == "draft"
    assert contract.amount_fen == contract.award.amount_fen
    assert (contract.buyer, contract.supplier) == (tender.buyer, contract.award.organization)
    steps = list(contract.milestones.order_by("number"))
    assert len(steps) == len(tender.rules["milestones"]) == 2
    assert sum(step.amount_fen for step in steps) == contract.amount_fen
    assert steps[0].amount_fen == contract.amount_fen * 40 // 100
    assert steps[1].due_date == localdate(contract.created_at) + timedelta(days=tender.delivery_days)
    assert Message.objects.filter(user=agent_of(contract.buyer), key=f"contract-{contract.pk}-drafted").exists()


def test_the_text_says_what_was_agreed():
    contract = make_contract(description="第一条　要求甲\n要求\t乙 <b>&")
    body = contract.body
    for words in (
        contract.buyer.name,
        contract.supplier.uscc,
        contract.number,
        contract.tender.number,
        format_yuan(contract.amount_fen),
        capitals(contract.amount_fen),
        "由平台保管",
        "违约",
        "争议",
        "<b>&",
    ):
        assert words in body
    for step in contract.milestones.all():
        assert f"{step.title}\t{format_yuan(step.amount_fen)}\t{capitals(step.amount_fen)}" in body
    assert contract.body_hash == digest(body)
    found = blocks(body)
    assert found[0].kind == "title"
    assert next(block.text for block in found if block.kind == "heading") == "第一条　服务内容"
    assert len([block for block in found if block.kind == "heading"]) == 9
    tables = [block for block in found if block.kind == "table"]
    assert len(tables) == 1
    assert {len(row) for row in tables[0].rows} == {len(tables[0].head)} == {5}


def test_clauses_are_numbered_without_gaps():
    body = make_contract().body
    for clause in range(1, 10):
        numbers = [int(one) for one in re.findall(rf"^{clause}\.(\d+) ", body, re.MULTILINE)]
        assert numbers == list(range(1, len(numbers) + 1))


def test_drafting_again_and_a_second_delivery_change_nothing():
    contract = make_contract()
    assert draft_contract(award=contract.award) == contract
    draft(Event.objects.get(name="award_confirmed"))
    assert Contract.objects.count() == 1
    assert Event.objects.filter(name="contract_drafted").count() == 1


def test_no_contract_before_the_award_is_confirmed():
    refused("award_not_confirmed", draft_contract, award=make_award())


def test_the_contract_itself_is_not_public():
    make_contract(status="signing")
    kinds = dict(Event.objects.filter(name__startswith="contract_").values_list("name", "visibility"))
    assert kinds == {"contract_drafted": "parties", "contract_offered": "parties"}


def test_the_owner_revises():
    contract = make_contract()
    before = contract.body_hash
    total = contract.amount_fen
    revise_contract(
        contract=contract,
        milestones=rows(contract, 100, 200, total - 300),
        by=agent_of(contract.buyer),
        now=contract.created_at,
    )
    contract = fresh(contract)
    assert contract.body_hash != before
    assert [step.amount_fen for step in contract.milestones.order_by("number")] == [100, 200, total - 300]
    assert "第3步" in contract.body


def test_a_revision_makes_signatures_void():
    contract = make_contract(status="signing")
    sign_contract(contract=contract, organization=contract.supplier, by=agent_of(contract.supplier))
    revise_contract(
        contract=contract,
        milestones=rows(contract, 100, contract.amount_fen - 100),
        by=agent_of(contract.buyer),
        now=contract.created_at,
    )
    contract = fresh(contract)
    assert contract.status == "draft"
    assert not contract.signatures.exists()
    refused(
        "state_conflict",
        sign_contract,
        contract=contract,
        organization=contract.supplier,
        by=agent_of(contract.supplier),
    )
    offer_contract(contract=contract, by=agent_of(contract.buyer))
    assert (
        sign_contract(contract=contract, organization=contract.supplier, by=agent_of(contract.supplier)).status
        == "signing"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda terms: terms[:1], "milestones_count"),
        (lambda terms: terms * 5, "milestones_count"),
        (lambda terms: [{**terms[0], "amount_fen": terms[0]["amount_fen"] + 1}, terms[1]], "milestones_sum"),
        (lambda terms: [{**terms[0], "title": " \t "}, terms[1]], "milestone_title"),
        (lambda terms: [{**terms[0], "amount_fen": 9}, terms[1]], "milestone_amount"),
        (lambda terms: list(reversed(terms)), "milestone_date"),
        (
            lambda terms: [{**terms[0], "due_date": terms[0]["due_date"] - timedelta(days=30)}, terms[1]],
            "milestone_date",
        ),
    ],
)
def test_terms_that_cannot_be(change, code):
    contract = make_contract()
    terms = change(rows(contract, 100, contract.amount_fen - 100))
    error = refused(
        code,
        revise_contract,
        contract=contract,
        milestones=terms,
        by=agent_of(contract.buyer),
        now=contract.created_at,
    )
    assert error.status == 422
    assert fresh(contract).body_hash == contract.body_hash


def test_only_the_owner_revises_and_offers():
    contract = make_contract()
    terms = rows(contract, 100, contract.amount_fen - 100)
    for person in (agent_of(contract.supplier), make_user(), make_admin()):
        assert isinstance(
            refused("not_buyer", revise_contract, contract=contract, milestones=terms, by=person), Forbidden
        )
        refused("not_buyer", offer_contract, contract=contract, by=person)


def test_offering_twice_tells_once():
    contract = make_contract()
    for _twice in range(2):
        offer_contract(contract=contract, by=agent_of(contract.buyer))
    assert Event.objects.filter(name="contract_offered").count() == 1
    assert agent_of(contract.supplier).messages.filter(title__startswith="请签合同").count() == 1


def test_both_sign_and_it_is_in_force():
    contract = make_contract(status="signing")
    for _twice in range(2):
        signed = sign_contract(
            contract=contract,
            organization=contract.supplier,
            by=agent_of(contract.supplier),
            body_hash=contract.body_hash,
        )
    assert signed.status == "signing"
    signed = sign_contract(contract=contract, organization=contract.buyer, by=agent_of(contract.buyer))
    assert signed.status == "active"
    assert signed.signed_at
    assert fresh(contract).tender.status == "contracted"
    assert [event.data["side"] for event in Event.objects.filter(name="contract_signed").order_by("number")] == [
        "supplier",
        "buyer",
    ]
    assert Event.objects.get(name="contract_activated").data["amount_fen"] == contract.amount_fen
    sign_contract(contract=contract, organization=contract.buyer, by=agent_of(contract.buyer))
    assert Event.objects.filter(name="contract_activated").count() == 1


def test_who_may_not_sign():
    contract = make_contract(status="signing")
    stranger = make_user()
    refused("not_party", sign_contract, contract=contract, organization=contract.buyer, by=stranger)
    refused("not_party", sign_contract, contract=contract, organization=contract.buyer, by=agent_of(contract.supplier))
    other = make_award().organization
    refused("not_party", sign_contract, contract=contract, organization=other, by=agent_of(other))


def test_what_was_not_read_is_not_signed():
    contract = make_contract(status="signing")
    refused(
        "text_changed",
        sign_contract,
        contract=contract,
        organization=contract.buyer,
        by=agent_of(contract.buyer),
        body_hash="0" * 64,
    )


def test_a_draft_is_not_signed_and_an_active_one_not_revised():
    draft = make_contract()
    refused("state_conflict", sign_contract, contract=draft, organization=draft.buyer, by=agent_of(draft.buyer))
    active = make_contract(status="active")
    refused(
        "state_conflict",
        revise_contract,
        contract=active,
        milestones=rows(active, 100, active.amount_fen - 100),
        by=agent_of(active.buyer),
    )
