"""Signing requests to Alipay and verifying its notices, beside bare `cryptography` with the same key, loaded once."""

import base64
import json
import statistics
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.benchmarks.rows import Row

NAME = "Signatures"
NEEDS_DATABASE = False
GOAL = (
    "a signature is RSA's work and nothing of ours may be felt beside it. Ours puts the parameters in their order and signs or verifies "
    "them; the reference has the bytes ready and only signs or verifies, with a key that is loaded already. The notice has the 22 fields "
    "of a real one, the request a page payment's; an exchange is one of each. Putting a notice's fields in order takes 4 µs of Python "
    "beside RSA's 21, which is what its verification alone misses the goal by. Medians of turns of 0.3 s"
)
TURNS, SECONDS = 9, 0.3


def pace(act: Callable[[], object]) -> float:
    """Return how often a second something can be done."""
    count, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < SECONDS:
        for _number in range(20):
            act()
        count += 20
    return count / passed


def run() -> list[Row]:
    from payments.alipay import keys, notify
    from tests.benchmarks.payment_stage import notice

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text, public = keys.to_pem(private), keys.to_pem(private.public_key())
    scheme, digest = padding.PKCS1v15(), hashes.SHA256()

    request = {
        "app_id": "2021000000000001",
        "biz_content": json.dumps(
            {"out_trade_no": "py_bench", "total_amount": "32000.00", "subject": "水土保持方案编制"}
        ),
        "charset": "utf-8",
        "format": "json",
        "method": "alipay.trade.page.pay",
        "notify_url": "https://zjcs.example/payments/alipay/notify/",
        "return_url": "https://zjcs.example/payments/back/py_bench/",
        "sign_type": "RSA2",
        "timestamp": "2026-11-26 12:00:00",
        "version": "1.0",
    }
    content = keys.content_to_sign(request)
    fields = dict(parse_qsl(notice(private, 1, type("Charge", (), {"out_trade_no": "py_bench"}))))
    signed, signature = keys.content_to_sign(fields, without=keys.NOTICE_WITHOUT), base64.b64decode(fields["sign"])

    def sign() -> object:
        return keys.sign(keys.private_key(text), keys.content_to_sign(request))

    def verify() -> object:
        return notify.verify(fields, public_key=keys.public_key(public))

    def bare_sign() -> object:
        return private.sign(content, scheme, digest)

    key = private.public_key()

    def bare_verify() -> object:
        return key.verify(signature, signed, scheme, digest)

    def exchange() -> object:
        return sign(), verify()

    def bare_exchange() -> object:
        return bare_sign(), bare_verify()

    rows = []
    for what, ours, bare in (
        ("a request signed", sign, bare_sign),
        ("a notice verified", verify, bare_verify),
        ("an exchange", exchange, bare_exchange),
    ):
        turns = [(pace(ours), pace(bare)) for _turn in range(TURNS)]
        middle = [statistics.median(column) for column in zip(*turns, strict=True)]
        rows.append(
            Row(name=f"Signatures: {what}", ours=middle[0], reference=middle[1], unit="/s", goal="ratio >= 0.9")
        )
    return rows
