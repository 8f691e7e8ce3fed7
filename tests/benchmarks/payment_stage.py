"""Payments that wait for their notice, and the notices, signed by the local gateway's key: `python -m … target count`."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode


def main(target: Path, count: int) -> None:
    from django.conf import settings
    from django.core.management import call_command

    from marketplace.core import clock
    from marketplace.core.models import Process
    from payments.alipay import keys
    from payments.models import Charge, PaymentIntent
    from payments.sandbox.keys import ensure_sandbox_keys
    from tests.factories.payments import make_party

    call_command("migrate", verbosity=0)
    now = clock.now()
    payer, payee = make_party(role="buyer"), make_party(role="intermediary")
    numbers = range(count)
    processes = Process.objects.bulk_create(
        [Process(ocid=f"bench-{number}", kind="contracting", title="付款", created_at=now) for number in numbers],
        batch_size=5000,
    )
    intents = PaymentIntent.objects.bulk_create(
        [
            PaymentIntent(
                process=process,
                payer=payer,
                payee=payee,
                amount_fen=3_200_000,
                description="水土保持方案编制 第 1 期",
                metadata={"milestone": "0"},
                status="requires_action",
                transfer_group=f"group-{number}",
                created_at=now,
            )
            for number, process in enumerate(processes)
        ],
        batch_size=5000,
    )
    charges = Charge.objects.bulk_create(
        [
            Charge(
                id=f"py_bench{number}",
                intent=intent,
                amount_fen=intent.amount_fen,
                out_trade_no=f"py_bench{number}",
                time_expire=now + timedelta(hours=1),
                created_at=now,
            )
            for number, intent in enumerate(intents)
        ],
        batch_size=5000,
    )
    key = keys.private_key(ensure_sandbox_keys(Path(settings.ALIPAY_SANDBOX_DIR)).alipay_private)
    with target.open("w", encoding="utf-8") as file:
        for number, charge in enumerate(charges):
            file.write(json.dumps(notice(key, number, charge)) + "\n")


def notice(key: Any, number: int, charge: Any) -> str:
    """Return a notice's body as Alipay sends it."""
    from django.conf import settings

    from payments.sandbox.protocol import sign_front

    amount = "32000.00"
    fields = {
        "notify_time": "2026-11-26 12:00:00",
        "notify_type": "trade_status_sync",
        "notify_id": f"bench{number:030d}",
        "app_id": settings.ALIPAY_APP_ID,
        "auth_app_id": settings.ALIPAY_APP_ID,
        "charset": "utf-8",
        "version": "1.0",
        "trade_no": f"2026112622001{number:015d}",
        "out_trade_no": charge.out_trade_no,
        "buyer_id": "2088000000000102",
        "seller_id": settings.ALIPAY_SELLER_ID,
        "trade_status": "TRADE_SUCCESS",
        "total_amount": amount,
        "receipt_amount": amount,
        "invoice_amount": amount,
        "buyer_pay_amount": amount,
        "point_amount": "0.00",
        "subject": "水土保持方案编制 第 1 期",
        "gmt_create": "2026-11-26 11:59:00",
        "gmt_payment": "2026-11-26 12:00:00",
        "fund_bill_list": '[{"amount":"32000.00","fundChannel":"ALIPAYACCOUNT"}]',
    }
    return urlencode(sign_front(fields, key))


if __name__ == "__main__":
    import django

    django.setup()
    main(Path(sys.argv[1]), int(sys.argv[2]))
