"""Payments walked at random through a gateway that misbehaves, beside a small model of who has what.

After every step the books hold and no payment gives more than it got. At the end the faults stop, the worker asks until nothing is
open, and every fen that a buyer gave at the gateway is held, settled or returned: none twice, none lost.
"""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from payments.models import Refund
from tests.payments.walk import Walk


@pytest.fixture
def steps(sandbox_dir, monkeypatch):
    """Let what waits for a commit wait for `Walk.commit`: no gateway hears of a refund before the booking that opened it stands."""
    monkeypatch.setattr(
        transaction, "on_commit", lambda work, using=None, robust=False: connection.on_commit(work, robust)
    )
    Walk.keys, Walk.totals = sandbox_dir / "keys", Counter()


@pytest.mark.django_db
def test_payments_through_a_gateway_that_misbehaves(steps):
    walks = settings(max_examples=40, stateful_step_count=30, database=None, phases=(Phase.generate,))
    run_state_machine_as_test(Walk, settings=settings(walks, suppress_health_check=list(HealthCheck)))
    assert Walk.totals["paid"] > 5, Walk.totals  # else nothing was proven
    assert Walk.totals["returned"] > 0, Walk.totals


@pytest.mark.django_db
def test_a_payment_after_its_end_goes_back_though_both_notices_come_before_their_answers(steps):
    walk = Walk()
    walk.begin()
    try:
        walk.break_something("notify_early", 2)
        walk.confirm(1, "page")
        walk.cancel(1, 0)
        walk.pay(0)
        assert Refund.objects.get().status == "succeeded"
        walk.the_books_hold()
        walk.the_provider_never_has_less_than_we_think()
    finally:
        walk.teardown()
