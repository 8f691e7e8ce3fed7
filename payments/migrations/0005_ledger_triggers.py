"""Hold each payment's money on an account of its own, and let the database keep the ledger (payments.triggers)."""

from django.db import migrations
from django.db.models import F, Sum
from django.utils import timezone

from payments import triggers


def hold_apart(apps, schema_editor):
    """Move what stood on one escrow account for each transfer group to the accounts of its payments."""
    Account, Balance, Entry, Line, Intent, Transfer = (
        apps.get_model("payments", name)
        for name in ("Account", "Balance", "Entry", "Line", "PaymentIntent", "Transfer")
    )
    for pool in Account.objects.filter(kind="escrow", balance__amount_fen__gt=0).iterator():
        parts = {}
        for intent in Intent.objects.filter(transfer_group=pool.owner).exclude(pk=pool.owner):
            refunds = intent.refunds.filter(is_automatic=False).exclude(status="failed")
            gone = (refunds.aggregate(fen=Sum("amount_fen"))["fen"] or 0) + (
                Transfer.objects.filter(intent=intent).aggregate(fen=Sum("amount_fen"))["fen"] or 0
            )
            if intent.amount_received_fen - gone:
                parts[intent.pk] = intent.amount_received_fen - gone
        if not parts:
            continue
        entry = Entry.objects.create(
            key=f"apart:{pool.pk}", kind="held_apart", at=timezone.now(), line_count=len(parts) + 1
        )
        Line.objects.create(entry=entry, account=pool, amount_fen=-sum(parts.values()))
        Balance.objects.filter(pk=pool.pk).update(amount_fen=F("amount_fen") - sum(parts.values()))
        for owner, fen in parts.items():
            account = Account.objects.create(kind="escrow", owner=owner)
            Balance.objects.create(account=account, amount_fen=fen)
            Line.objects.create(entry=entry, account=account, amount_fen=fen)


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_ledger_accounts")]

    operations = [
        migrations.RunPython(hold_apart, migrations.RunPython.noop),
        migrations.RunPython(install, remove),
    ]
