"""The receipt as page, as PDF and before whoever checks it."""

import contextlib
import re
import zlib

import pytest
from django.urls import reverse

from marketplace.core import pdf
from payments.actions import create_refund
from payments.models import Charge
from payments.receipts import CODE_LENGTH, checked_receipt, receipt_of
from tests.factories.payments import make_paid_intent, make_party, make_payment_intent, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(gateway):
    return make_paid_intent(gateway)


def page(intent, name="receipt"):
    return reverse(f"payments:{name}", args=[intent.pk])


def check(client, **query):
    return client.get(reverse("payments:check_receipt"), query).content.decode()


def pages(content):
    """Count the pages of a PDF in its compressed streams."""
    found = 0
    for part in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        with contextlib.suppress(zlib.error):
            found += len(re.findall(rb"/Type /Page\b", zlib.decompressobj().decompress(part)))
    return found


def test_the_page_says_all_that_a_receipt_must(client, paid):
    client.force_login(member_of(paid.payer))
    text = client.get(page(paid)).content.decode()
    receipt = receipt_of(paid)
    for words in (
        receipt.number, paid.payer.name, paid.payee.name, "32,000.00", "叁万贰仟元整", receipt.trade_no, paid.description,
        paid.held_until, receipt.hash, "<svg",
    ):  # fmt: skip
        assert words in text


def test_the_pdf_is_made_or_what_lacks_is_named(client, paid):
    client.force_login(member_of(paid.payer))
    answer = client.get(page(paid, "receipt_pdf"))
    if answer.status_code == 503:
        assert "软件包" in answer.content.decode()
        assert not pdf.has_chinese_font() or "libpango" in answer.content.decode()
        return
    assert answer.content.startswith(b"%PDF-")
    assert receipt_of(paid).number in answer["Content-Disposition"]
    assert len(answer.content) > 10_000
    assert pages(answer.content) == 1


@pytest.mark.parametrize("name", ["receipt", "receipt_pdf"])
def test_only_the_payer_gets_it_and_only_when_paid(client, paid, gateway, name):
    client.force_login(member_of(make_party(role="buyer")))
    assert client.get(page(paid, name)).status_code == 403
    owed = make_payment_intent(payer=paid.payer)
    client.force_login(member_of(paid.payer))
    assert client.get(page(owed, name)).status_code == 404


def test_anybody_checks_a_receipt(client, paid):
    receipt = receipt_of(paid)
    text = check(client, number=receipt.number, code=receipt.code)
    assert "收据属实" in text
    assert paid.payer.name in text
    wrong = receipt.code[:-1] + ("0" if receipt.code[-1] != "0" else "1")
    for number, code in ((receipt.number, wrong), ("SJ-1", receipt.code), (receipt.number, ""), (receipt.number, "e")):
        text = check(client, number=number, code=code)
        assert "查不到这张收据" in text
        assert paid.payer.name not in text
    assert "查不到" not in check(client)


def test_every_fact_is_in_the_hash(paid):
    from dataclasses import fields, replace

    receipt = receipt_of(paid)
    for field in fields(receipt):
        if field.name == "refunded_fen":
            continue
        value = getattr(receipt, field.name)
        other = (
            value + 1 if isinstance(value, int) else f"{value}x" if isinstance(value, str) else value.replace(year=2001)
        )
        assert replace(receipt, **{field.name: other}).hash != receipt.hash, field.name


def test_a_changed_record_does_not_pass(paid):
    receipt = receipt_of(paid)
    assert checked_receipt(number=receipt.trade_no, code=receipt.hash.upper()) == receipt
    Charge.objects.update(amount_fen=1)
    assert checked_receipt(number=receipt.number, code=receipt.hash[:CODE_LENGTH]) is None


def test_a_later_refund_is_said_and_changes_nothing(client, paid):
    before = receipt_of(paid).hash
    create_refund(intent=paid, key="r", amount_fen=100, by=member_of(paid.payer))
    receipt = receipt_of(paid)
    assert (receipt.hash, receipt.refunded_fen) == (before, 100)
    assert "此后已退款" in check(client, number=receipt.number, code=receipt.code)
