"""A payment's whole life in a process that is killed at one of its commits, and what a new process makes of what is left.

`python -m tests.payments.crashes.killed` in an empty DATA_DIR kills at every commit, first before it and then after it, and prints
as JSON how often and what was wrong. Each try works on copies of the marketplace's and the gateway's files.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

AMOUNT, REFUND = 3_200_000, 700_000
FEE = 15_000  # what the gateway keeps of what was not refunded
MINUTES = (1, 3, 6, 12)  # when the worker looks again, after what was done
BUYER = "rich@sandbox.invalid"


def live(intent_id: str, now: datetime) -> None:
    """Pay, refund a part, settle the rest: each only as far as it is not done, as people and the worker would go on."""
    from payments.actions import confirm_payment_intent, create_refund, create_transfer
    from payments.models import PaymentIntent
    from payments.sandbox.robot import gateway_in_process
    from tests.factories.payments import RETURN_URL, member_of

    intent = PaymentIntent.objects.get(pk=intent_id)
    with gateway_in_process() as gateway:
        gateway.now = now
        if intent.status != "succeeded":
            payer = member_of(intent.payer)
            intent = confirm_payment_intent(intent=intent, return_url=RETURN_URL, by=payer, now=now)
            try:
                gateway.pay(intent.next_action_url)
            except RuntimeError as refused:
                if "已被支付" not in str(refused):  # else the first process came that far
                    raise
        now = wait(gateway, now)
        intent.refresh_from_db()
        create_refund(intent=intent, key="refund", amount_fen=REFUND, now=now)
        now = wait(gateway, now)
        create_transfer(intent=intent, destination=intent.payee, amount_fen=AMOUNT - REFUND, key="transfer", now=now)
        wait(gateway, now)


def wait(gateway: Any, since: datetime) -> datetime:
    """Let some minutes pass in which the worker asks about what is not final."""
    from payments import handlers

    for minutes in MINUTES:
        gateway.now = now = since + timedelta(minutes=minutes)
        gateway.sandbox.notifier.deliver_due()
        for ask in (handlers.ask_about_charges, handlers.ask_about_refunds, handlers.ask_about_transfers):
            ask(now)
    return now


def flaws(intent_id: str, before: dict[str, int]) -> list[str]:
    """Say what is wrong at the end: the books, the objects, and whose purse at the gateway holds what."""
    from marketplace.core.proofs import PROOFS
    from payments.models import Charge, PaymentIntent, Refund, Transfer

    found = [*PROOFS["ledger"](), *PROOFS["audit"]()]
    intent = PaymentIntent.objects.get(pk=intent_id)
    now = purses(f"org{intent.payee_id}@firms.sandbox.invalid")
    moved = {name: now[name] - before.get(name, 0) for name in now}
    for what, is_so in {
        f"the payment is {intent.status}": intent.status == "succeeded",
        "not one charge": list(Charge.objects.values_list("status", "is_late")) == [("succeeded", False)],
        "not one refund": list(Refund.objects.values_list("status", "amount_fen")) == [("succeeded", REFUND)],
        "not one transfer": list(Transfer.objects.values_list("status", "amount_fen")) == [("paid", AMOUNT - REFUND)],
        f"purses moved by {moved}": sorted(moved.values()) == [REFUND - AMOUNT, -FEE, AMOUNT - REFUND],
    }.items():
        found += [] if is_so else [what]
    return found


def purses(firm: str = "") -> dict[str, int]:
    """Return what the buyer, the merchant and the firm have at the gateway."""
    import sqlite3

    from django.conf import settings

    from payments.sandbox.store import SELLER

    with sqlite3.connect(Path(settings.ALIPAY_SANDBOX_DIR) / "gateway.sqlite3") as store:
        rows = store.execute(
            "SELECT logon_id, balance_fen FROM account WHERE logon_id IN (?, ?) OR user_id = ?", (BUYER, firm, SELLER)
        )
        return dict(rows.fetchall())


def kill_at(moment: str, number: int) -> None:
    """Let this process die at its `number`-th commit, "before" it or "after" it."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    commit, commits = BaseDatabaseWrapper.commit, count(1)

    def commit_or_die(self: Any) -> None:
        is_it = next(commits) == number
        if is_it and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        commit(self)
        if is_it:
            os.kill(os.getpid(), signal.SIGKILL)

    BaseDatabaseWrapper.commit = commit_or_die  # type: ignore[method-assign]


def in_child(world: Path, work: Callable[[], Any]) -> int:
    """Do the work in a process of its own on the files in `world`; return how it ended, a signal as a negative number."""
    from django.conf import settings
    from django.db import connections

    pid = os.fork()
    if not pid:
        code = 1
        try:
            connections["default"].settings_dict["NAME"] = str(world / "marketplace.sqlite3")
            settings.ALIPAY_SANDBOX_DIR = world / "alipay_sandbox"
            code = int(bool(work()))
        except BaseException:  # noqa: BLE001 - told by the exit code; the parent goes on
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(data_dir: Path) -> dict[str, Any]:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from marketplace.core import clock
    from payments.sandbox.robot import gateway_in_process
    from tests.factories.payments import make_payment_intent

    call_command("migrate", verbosity=0)
    intent_id, now = make_payment_intent(amount_fen=AMOUNT).pk, clock.now()
    settings.ALIPAY_SANDBOX_DIR = data_dir / "alipay_sandbox"
    with gateway_in_process():
        before = purses()
    connections.close_all()
    tries, wrong = 0, []
    for moment in ("before", "after"):
        for number in count(1):
            world = data_dir / f"{moment}-{number}"
            world.mkdir()
            shutil.copy(data_dir / "marketplace.sqlite3", world)
            shutil.copytree(data_dir / "alipay_sandbox", world / "alipay_sandbox")

            def die(moment: str = moment, number: int = number) -> None:
                kill_at(moment, number)
                live(intent_id, now)

            ended = in_child(world, die)
            if ended != -signal.SIGKILL and ended:
                wrong.append(f"{moment} commit {number}: the first process ended with {ended}")
            went_on = in_child(world, lambda: live(intent_id, now + timedelta(minutes=1)))
            if went_on or in_child(world, lambda: tell(flaws(intent_id, before))):
                wrong.append(f"{moment} commit {number}")
            shutil.rmtree(world)
            if not ended:
                break
            tries += 1
    return {"tries": tries, "wrong": wrong}


def tell(found: list[str]) -> list[str]:
    for sentence in found:
        print(sentence, file=sys.stderr)
    return found


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(main(Path(os.environ["DATA_DIR"])), ensure_ascii=False))
