"""`manage.py ledger_check` says what stands where, and fails with what is wrong."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from payments.models import Balance
from tests.factories.payments import make_paid_intent

pytestmark = pytest.mark.django_db


def test_it_says_what_stands_where(gateway):
    make_paid_intent(gateway)
    out = StringIO()
    call_command("ledger_check", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("1 entries, 2 lines, proved in ")
    assert [line.split()[:2] for line in lines[1:3]] == [["escrow", "32,000.00"], ["provider_clearing", "-32,000.00"]]
    assert lines[-1] == "ledger: ok"


def test_it_fails_with_what_is_wrong(gateway):
    make_paid_intent(gateway)
    Balance.objects.filter(account__kind="escrow").update(amount_fen=5)
    wrong = StringIO()
    with pytest.raises(CommandError, match="1 faults"):
        call_command("ledger_check", stdout=StringIO(), stderr=wrong)
    assert "says 5 fen, its lines say 3200000" in wrong.getvalue()
