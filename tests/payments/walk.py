"""A walk: some payments of one payer to one firm at a gateway that misbehaves, beside a small model of who has what."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from marketplace.core import clock
from marketplace.core.proofs import PROOFS
from marketplace.core.refusals import Refused
from payments import actions, handlers
from payments.actions.held import held_fen
from payments.models import AccountKind, Balance, Charge, PaymentIntent, Refund, Transfer
from payments.sandbox.robot import BUYER, gateway_in_process
from payments.sandbox.store import FEES, SELLER
from tests.factories.payments import RETURN_URL, make_party, make_payment_intent, member_of

MOST_INTENTS = 4
FAULTS = [
    "notify_early",
    "notify_twice",
    "notify_out_of_order",
    "notify_lost",
    "notify_wrongly_signed",
    "notify_sha1",
    "notify_other_seller",
    "notify_altered_amount",
    "answer_lost",
    "code_dies_at_close",
]
INTENTS = st.integers(0, MOST_INTENTS - 1)
PARTS = st.integers(1, 10)
WAYS = st.sampled_from(["page", "wap", "qr"])


class Rollback(Exception):
    """Ends a walk without a trace."""


class Walk(RuleBasedStateMachine):
    """Hold some payments of one payer to one firm, and what the model knows of purses."""

    keys: Path  # the folder of the session's keys; set by the test
    totals: Counter[str]  # what all walks together led to

    @initialize()
    def begin(self):
        self.ground = transaction.atomic()
        self.ground.__enter__()
        self.folder = Path(tempfile.mkdtemp(prefix="walk-"))
        shutil.copytree(self.keys, self.folder / "keys")
        self.running = gateway_in_process(self.folder)
        self.gateway = self.running.__enter__()
        self.now = self.gateway.now = clock.now()
        self.payer, self.firm = make_party(role="buyer"), make_party(role="intermediary")
        self.person = member_of(self.payer)
        self.intents: list[str] = []
        self.urls: dict[str, str] = {}  # every address that a buyer was ever given, by attempt
        self.numbers = 0
        self.purses = self.look()
        self.owe(320_000)
        self.owe(99)

    def teardown(self):
        if not hasattr(self, "ground"):
            return
        try:
            if self.intents:
                self.come_to_rest()
        finally:
            self.running.__exit__(None, None, None)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.ground.__exit__(Rollback, Rollback(), None)

    # What the walk looks at

    def look(self):
        """Return what buyer, merchant and firm have at the gateway, in fen."""
        names = {"buyer": BUYER, "firm": f"org{self.firm.pk}@firms.sandbox.invalid"}
        store = self.gateway.sandbox.store
        found = {}
        for name, logon_id in names.items():
            row = store.one("SELECT balance_fen FROM account WHERE logon_id = ?", (logon_id,))
            found[name] = row["balance_fen"] if row else 0
        # What the provider keeps as its fee is the merchant's expense, which the daily bill brings into the books.
        both = store.one("SELECT SUM(balance_fen) AS fen FROM account WHERE user_id IN (?, ?)", (SELLER, FEES))
        found["merchant"] = both["fen"]
        return found

    def intent(self, place):
        return PaymentIntent.objects.get(pk=self.intents[place % len(self.intents)])

    def key(self):
        self.numbers += 1
        return f"walk-{self.numbers}"

    def commit(self):
        """Do what waits for the commit, as if this step were a transaction of its own."""
        while connection.run_on_commit:
            (_sids, work, is_robust), *rest = connection.run_on_commit
            connection.run_on_commit = rest
            with suppress(*([Exception] if is_robust else [])):
                work()

    # What may happen

    @precondition(lambda self: len(self.intents) < MOST_INTENTS)
    @rule(fen=st.integers(100, 5_000_000))
    def owe(self, fen):
        intent = make_payment_intent(payer=self.payer, payee=self.firm, amount_fen=fen, now=self.now)
        self.intents.append(intent.pk)

    @precondition(lambda self: self.intents)
    @rule(place=INTENTS, way=WAYS)
    def buy(self, place, way):
        """Confirm and pay at once, as most people do."""
        if url := self.open_cashier(place, way):
            self.pay_at(url)

    @precondition(lambda self: self.intents)
    @rule(place=INTENTS, way=WAYS)
    def confirm(self, place, way):
        self.open_cashier(place, way)

    def open_cashier(self, place, way):
        """Return where the buyer is sent now, if anywhere."""
        intent = self.intent(place)
        with suppress(Refused):
            actions.confirm_payment_intent(intent=intent, return_url=RETURN_URL, by=self.person, way=way, now=self.now)
        charge = intent.pending_charge
        if charge is not None and (url := charge.qr_code or charge.gateway_url):
            self.urls[charge.pk] = url
        self.commit()
        return self.urls.get(charge.pk) if charge else None

    @precondition(lambda self: self.intents)
    @rule(place=INTENTS)
    def pay(self, place):
        """Pay at an address that was given out once: of an attempt under way, given up, or paid already."""
        if urls := list(self.urls.values()):
            self.pay_at(urls[place % len(urls)])

    def pay_at(self, url):
        with suppress(RuntimeError):  # the cashier refuses what is paid, closed or too late
            self.gateway.pay(url)
        self.commit()

    def given(self):
        """Return the fen that the buyer has ever paid at the gateway, whatever came back since."""
        rows = self.gateway.sandbox.store.one("SELECT SUM(total_fen) AS fen FROM trade WHERE gmt_payment != ''")
        return rows["fen"] or 0

    @rule(name=st.sampled_from(FAULTS), times=st.integers(1, 2))
    def break_something(self, name, times):
        self.gateway.sandbox.faults.set(name, times=times)

    @precondition(lambda self: self.intents)
    @rule(minutes=st.sampled_from([0, 0, 1, 4, 12, 40]))
    def wait(self, minutes):
        self.now = self.gateway.now = self.now + timedelta(minutes=minutes)
        self.gateway.sandbox.notifier.deliver_due()
        self.ask()

    def ask(self):
        for work in (handlers.ask_about_charges, handlers.ask_about_refunds, handlers.ask_about_transfers):
            work(self.now)
            self.commit()

    @precondition(lambda self: self.intents)
    @rule(place=INTENTS)
    def come_back(self, place):
        if charge := self.intent(place).latest_charge:
            actions.sync_charge(charge=charge, now=self.now)
            self.commit()

    @precondition(lambda self: len(self.intents) > 1)
    @rule(place=INTENTS, sure=st.integers(0, 3))
    def cancel(self, place, sure):
        if sure:
            return
        with suppress(Refused):
            actions.cancel_payment_intent(intent=self.intent(place), by=self.person, now=self.now)
        self.commit()

    @precondition(lambda self: self.intents)
    @rule(place=INTENTS, part=PARTS)
    def refund(self, place, part):
        intent = self.intent(place)
        with suppress(Refused):
            actions.create_refund(
                intent=intent, key=self.key(), amount_fen=intent.amount_fen * part // 10, now=self.now
            )
        self.commit()

    @precondition(lambda self: self.intents)
    @rule(place=INTENTS, part=PARTS)
    def settle(self, place, part):
        intent = self.intent(place)
        fen = intent.amount_fen * part // 10
        with suppress(Refused):
            actions.create_transfer(intent=intent, destination=self.firm, key=self.key(), amount_fen=fen, now=self.now)
        self.commit()

    # What must hold

    @invariant()
    def the_books_hold(self):
        if not hasattr(self, "ground"):
            return
        assert list(PROOFS["ledger"]()) == []

    @invariant()
    def no_payment_gives_more_than_it_got(self):
        for pk in getattr(self, "intents", ()):
            intent = PaymentIntent.objects.get(pk=pk)
            assert held_fen(intent) >= 0
            assert intent.charges.filter(status="succeeded", is_late=False).count() <= 1

    @invariant()
    def the_provider_never_has_less_than_we_think(self):
        """What is on its way out may have left already; nothing else may be missing there."""
        if not hasattr(self, "ground"):
            return
        ours = -self.balance(AccountKind.PROVIDER_CLEARING)
        leaving = self.balance(AccountKind.REFUND_IN_TRANSIT) + self.balance(AccountKind.PAYABLE)
        assert self.look()["merchant"] - self.purses["merchant"] >= ours - leaving

    def balance(self, kind):
        return sum(Balance.objects.filter(account__kind=kind).values_list("amount_fen", flat=True))

    def come_to_rest(self):
        """Let one payment give back what it still holds (no run is without a refund), stop the faults, let hours pass, and count."""
        for intent in PaymentIntent.objects.filter(pk__in=self.intents):
            with suppress(Refused):  # the same ones as in a walk
                actions.create_refund(intent=intent, key=self.key(), amount_fen=max(held_fen(intent), 1), now=self.now)
                break
        self.commit()
        self.gateway.sandbox.faults.clear()
        for _round in range(12):
            self.now = self.gateway.now = self.now + timedelta(hours=1)
            self.ask()
            if not any(
                rows.exists()
                for rows in (
                    Charge.objects.filter(next_query_at__isnull=False),
                    Refund.objects.filter(next_attempt_at__isnull=False),
                    Transfer.objects.filter(next_attempt_at__isnull=False),
                )
            ):
                break
        else:
            raise AssertionError("something stays open for ever")
        assert not Charge.objects.filter(status="pending").exists()
        assert {*Refund.objects.values_list("status", flat=True)} <= {"succeeded"}
        assert {*Transfer.objects.values_list("status", flat=True)} <= {"paid"}
        held = sum(held_fen(intent) for intent in PaymentIntent.objects.all())
        refunded = sum(Refund.objects.values_list("amount_fen", flat=True))
        settled = sum(Transfer.objects.values_list("amount_fen", flat=True))
        assert self.given() == held + refunded + settled
        moved = {name: fen - self.purses[name] for name, fen in self.look().items()}
        assert moved == {"buyer": refunded - self.given(), "firm": settled, "merchant": held}
        assert -self.balance(AccountKind.PROVIDER_CLEARING) == held
        assert list(PROOFS["ledger"]()) == []
        assert list(PROOFS["audit"]()) == []
        self.totals["paid"] += Charge.objects.filter(status="succeeded").count()
        self.totals["returned"] += Refund.objects.count()
