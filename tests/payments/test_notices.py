"""Notices: forged, altered, foreign, repeated, reordered; and many at once."""

import base64
import threading
from urllib.parse import parse_qsl, urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from django.db import connection
from django.urls import reverse

from marketplace.core.models import Event
from marketplace.core.proofs import PROOFS
from payments.actions import apply_notice, confirm_payment_intent
from payments.alipay import keys
from payments.models import Charge, Entry, Notice, PaymentIntent, Refund
from payments.sandbox.keys import ensure_sandbox_keys
from payments.sandbox.protocol import sign_front
from payments.sandbox.robot import gateway_in_process
from tests.factories.payments import RETURN_URL, make_payment_intent, member_of


@pytest.fixture
def alipay_key(sandbox_dir):
    return keys.private_key(ensure_sandbox_keys(sandbox_dir).alipay_private)


@pytest.fixture
def paid(sandbox_dir, db):
    """Give an intent whose money was paid, and the notice of it, not applied yet."""
    kept = []
    with gateway_in_process(sandbox_dir, take_notice=lambda raw, now: kept.append(raw) or True) as gateway:
        intent = make_payment_intent()
        intent = confirm_payment_intent(intent=intent, return_url=RETURN_URL, by=member_of(intent.payer))
        gateway.pay(intent.next_action_url)
        yield intent, kept[0]


def resigned(raw, key, **changes):
    fields = dict(parse_qsl(raw.decode()))
    fields = {name: value for name, value in fields.items() if name not in keys.NOTICE_WITHOUT} | changes
    return urlencode(sign_front(fields, key)).encode()


def nothing_happened(intent):
    intent.refresh_from_db()
    return intent.status == "requires_action" and not Entry.objects.exists()


def test_a_sound_notice_settles_once(paid):
    intent, raw = paid
    first = apply_notice(raw_body=raw)
    assert (first.outcome, first.reason, bytes(first.raw)) == ("applied", "held", raw)
    again = apply_notice(raw_body=raw)
    assert (again.pk, again.deliveries) == (first.pk, 2)
    intent.refresh_from_db()
    assert intent.status == "succeeded"
    assert Event.objects.filter(name="payment_intent_succeeded").count() == 1
    assert list(PROOFS["ledger"]()) == []


def test_another_notice_about_the_same_payment_has_no_effect(paid, alipay_key):
    _, raw = paid
    apply_notice(raw_body=raw)
    for status in ("TRADE_SUCCESS", "TRADE_FINISHED", "TRADE_CLOSED", "WAIT_BUYER_PAY"):
        notice = apply_notice(raw_body=resigned(raw, alipay_key, notify_id=f"other-{status}", trade_status=status))
        assert notice.outcome != "refused"
    assert PaymentIntent.objects.get().status == "succeeded"
    assert Entry.objects.count() == 1
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"seller_id": "2088000000009999"}, "seller_id"),
        ({"app_id": "2021000000009999"}, "app_id"),
        ({"out_trade_no": "py_somebody_else"}, "out_trade_no"),
        ({"total_amount": "0.01"}, "wrong_amount"),
        ({"total_amount": "32000.001"}, "incomplete"),
        ({"total_amount": "free"}, "incomplete"),
    ],
)
def test_a_signed_notice_that_does_not_fit_is_refused(paid, alipay_key, changes, reason):
    intent, raw = paid
    notice = apply_notice(raw_body=resigned(raw, alipay_key, **changes))
    assert (notice.outcome, notice.reason) == ("refused", reason)
    assert nothing_happened(intent)
    assert apply_notice(raw_body=raw).outcome == "applied"


def test_every_altered_field_breaks_the_signature(paid):
    intent, raw = paid
    pairs = parse_qsl(raw.decode())
    for name, value in pairs:
        altered = urlencode([(n, value + "1" if n == name else v) for n, v in pairs]).encode()
        assert apply_notice(raw_body=altered).outcome == "refused", name
    assert apply_notice(raw_body=raw + b"&extra=1").outcome == "refused"
    assert apply_notice(raw_body=raw + b"&total_amount=1").reason == "duplicate_field"
    for rubbish in (b"", b"\xff\xfe", b"%zz", b"a" * 70_000, b"sign=x"):
        assert apply_notice(raw_body=rubbish).outcome == "refused"
    assert nothing_happened(intent)


@pytest.mark.parametrize(
    ("sign_type", "algorithm"), [("RSA2", hashes.SHA1()), ("RSA", hashes.SHA1()), ("RSA2", hashes.MD5())]
)
def test_weak_signatures_are_refused(paid, alipay_key, sign_type, algorithm):
    intent, raw = paid
    fields = dict(parse_qsl(raw.decode()))
    content = keys.content_to_sign(fields, without=keys.NOTICE_WITHOUT)
    fields["sign"] = base64.b64encode(alipay_key.sign(content, padding.PKCS1v15(), algorithm)).decode()
    fields["sign_type"] = sign_type
    assert apply_notice(raw_body=urlencode(fields).encode()).outcome == "refused"
    assert nothing_happened(intent)


def test_the_merchants_own_key_signs_no_notice(paid, merchant):
    intent, raw = paid
    assert apply_notice(raw_body=resigned(raw, merchant.private_key)).reason == "signature"
    assert nothing_happened(intent)


def test_a_closed_notice_frees_the_payment(paid, alipay_key):
    intent, raw = paid
    assert apply_notice(raw_body=resigned(raw, alipay_key, trade_status="TRADE_CLOSED")).outcome == "applied"
    intent.refresh_from_db()
    assert (intent.status, Charge.objects.get().status) == ("requires_payment_method", "expired")


def test_the_address_answers_success_or_asks_for_more(paid, client):
    _, raw = paid
    url = reverse("payments:alipay_notify")
    form = "application/x-www-form-urlencoded; charset=utf-8"
    assert client.post(url, raw.replace(b"32000.00", b"1.00"), content_type=form).content == b"failure"
    for _ in range(2):
        answer = client.post(url, raw, content_type=form)
        assert (answer.status_code, answer.content) == (200, b"success")
    assert client.get(url).status_code == 405
    assert client.post(url, b"a=" + b"x" * 70_000, content_type=form).status_code == 413
    assert PaymentIntent.objects.get().status == "succeeded"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_at_once_settle_once(sandbox_dir, alipay_key):
    kept = []
    with gateway_in_process(sandbox_dir, take_notice=lambda raw, now: kept.append(raw) or True) as gateway:
        intent = make_payment_intent()
        intent = confirm_payment_intent(intent=intent, return_url=RETURN_URL, by=member_of(intent.payer))
        gateway.pay(intent.next_action_url)
    bodies = [kept[0]] * 10 + [resigned(kept[0], alipay_key, notify_id=f"n{number}") for number in range(10)]
    outcomes, gate = [], threading.Barrier(len(bodies))

    def deliver(raw):
        try:
            gate.wait()
            outcomes.append(apply_notice(raw_body=raw).reason)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver, args=(raw,)) for raw in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(outcomes) <= {"held", "already"}
    assert Event.objects.filter(name="payment_intent_succeeded").count() == 1
    assert Notice.objects.filter(reason="held").count() == 1
    assert (Entry.objects.count(), PaymentIntent.objects.get().status) == (1, "succeeded")
    assert list(PROOFS["ledger"]()) == []
