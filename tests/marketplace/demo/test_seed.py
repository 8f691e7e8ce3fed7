"""A small seeded world is a legal history: every chain whole, every choice comes out again, every method in it."""

import random

import pytest
from django.core.management import call_command

from marketplace.awards.models import Selection
from marketplace.bidding.models import Auction
from marketplace.core.proofs import PROOFS
from marketplace.demo import names, people, world
from marketplace.demo.plan import PLAN, planned
from marketplace.demo.staff import staff
from marketplace.parties.models import Organization, ServiceOffering
from marketplace.parties.persons import person_key
from marketplace.tenders.models import Method, Tender
from payments.models import Charge, Reconciliation

# Stages at which a firm was chosen, or more.
CHOSEN = {
    "standstill",
    "objected",
    "declined",
    "confirmed",
    "signing",
    "paid",
    "delivered",
    "half",
    "completed",
    "reviewed",
}

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_plan_has_120_needs_and_every_method():
    needs = planned()
    assert len(needs) == sum(count for _stage, count, _days, _methods in PLAN) == 120
    done = {method for stage, method in needs if stage in {"confirmed", "completed", "reviewed", "half", "paid"}}
    assert done == set(Method)


def test_a_small_world_proves_itself(capsys, settings):
    settings.DEMO = True
    world.build(lambda *_report: None, firms=40, share=0.25)
    assert {name: list(proof()) for name, proof in PROOFS.items()} == {name: [] for name in PROOFS}
    chosen = {method for stage, method in planned(0.25) if stage in CHOSEN}
    assert set(Selection.objects.filter(status="decided").values_list("tender__method", flat=True)) == chosen
    assert len(chosen) >= 8
    assert {"draft", "open", "selecting", "awarded", "failed", "void", "scrapped", "cancelled"} <= set(
        Tender.objects.values_list("status", flat=True)
    )
    shapes = set(Auction.objects.filter(status="closed").values_list("mode", "direction", "sealed_first"))
    assert shapes == {
        ("open", "down", False),
        ("rank", "down", False),
        ("turns", "down", False),
        ("open", "down", True),
        ("open", "up", False),
    }
    assert Auction.objects.filter(status="open", mode="open", direction="down").exists()
    days = Reconciliation.objects.all()
    assert set(days.values_list("status", flat=True)) == {"balanced"}
    assert sum(day.theirs["payment"] for day in days) == sum(Charge.objects.values_list("amount_fen", flat=True)) > 0
    assert not ServiceOffering.objects.filter(status="suspended").exists()
    reporters = Organization.objects.filter(offerings__service__code="YT-ZJ-007")
    assert reporters.count() > 5
    for firm in reporters:  # the library knows the same people
        held = [row.kind.code for row in firm.qualifications.select_related("kind")]
        known = {person_key(one.code) for one in staff(firm.uscc, held, firm.entered_at.date())}
        mine = set(
            firm.practitioners.filter(certificates__kind__code="eia-engineer").values_list("person_key", flat=True)
        )
        assert len(mine) == 2
        assert mine <= known
    call_command("replay", "--all")
    assert "every one to the same winner" in capsys.readouterr().out


def test_owners_share_no_name_with_firms():
    """A firm's contact is `number`, its representative `number + 3`; who is called alike is tied together."""
    firms = {names.person(number) for number in range(people.FIRMS + 3)}
    owners = {names.person(people.OWNER_NAMES + number) for number in range(people.OWNERS)}
    assert len(owners) == people.OWNERS
    assert not firms & owners


def test_dice_of_the_world_come_out_the_same_again():
    first, second = (world._Dice(random.Random(3)) for _twice in range(2))
    assert (first.token_bytes(32), first.token_hex(16)) == (second.token_bytes(32), second.token_hex(16))
