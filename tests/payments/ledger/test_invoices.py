"""Invoices: asked for by the payer, issued by the payee with number and file, void with a reason."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from marketplace.accounts.models import Message
from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.core.proofs import PROOFS
from marketplace.core.refusals import Forbidden, Invalid, Refused
from payments.actions import create_refund, issue_invoice, request_invoice, void_invoice
from payments.models import Invoice
from tests.factories.payments import make_paid_intent, make_party, make_payment_intent, member_of

pytestmark = pytest.mark.django_db
NUMBER = "26362000000123456789"


def pdf(name="发票.pdf", content=b"%PDF-1.7 invoice"):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def paid(gateway):
    intent = make_paid_intent(gateway)
    return SimpleNamespace(intent=intent, payer=member_of(intent.payer), payee=member_of(intent.payee))


def ask(paid, **values):
    return request_invoice(**{"intent": paid.intent, "kind": "electronic", "by": paid.payer, **values})


def issue(paid, invoice, **values):
    return issue_invoice(**{"invoice": invoice, "number": NUMBER, "file": pdf(), "by": paid.payee, **values})


def test_asked_for_and_issued(paid):
    invoice = ask(paid)
    assert (invoice.status, invoice.amount_fen, invoice.title) == ("requested", 3_200_000, paid.intent.payer.name)
    assert ask(paid).pk == invoice.pk
    invoice = issue(paid, invoice)
    assert (invoice.status, invoice.number, invoice.issued_date) == ("issued", NUMBER, localdate())
    assert len(invoice.sha256) == 64
    with invoice.file.open() as file:
        assert file.read() == b"%PDF-1.7 invoice"
    told = list(Message.objects.order_by("pk").values_list("user", "title"))
    assert [user for user, _title in told] == [paid.payee.pk, paid.payer.pk]
    assert told[0][1].startswith("请开发票")
    assert told[1][1].startswith("发票已开具")
    names = list(Event.objects.filter(process=paid.intent.process).values_list("name", flat=True))
    assert names[-2:] == ["invoice_requested", "invoice_issued"]
    assert list(PROOFS["audit"]()) == []


def test_void_and_asked_for_again(paid):
    invoice = issue(paid, ask(paid))
    with pytest.raises(Forbidden):
        void_invoice(invoice=invoice, reason="抬头有误", by=paid.payer)
    with pytest.raises(Invalid):
        void_invoice(invoice=invoice, reason=" ", by=paid.payee)
    void = void_invoice(invoice=invoice, reason="抬头有误", by=paid.payee)
    assert (void.status, void.void_reason, void.number) == ("void", "抬头有误", NUMBER)
    with pytest.raises(Refused) as refused:
        void_invoice(invoice=invoice, reason="x", by=paid.payee)
    assert refused.value.code == "state_conflict"
    again = ask(paid, title="另一抬头")
    assert again.pk != invoice.pk
    with pytest.raises(Invalid) as refused:
        issue(paid, again)
    assert refused.value.code == "invoice_number_taken"
    assert issue(paid, again, number="12345678901234567890").title == "另一抬头"


def test_the_payer_may_withdraw_what_is_not_issued(paid):
    assert void_invoice(invoice=ask(paid), reason="不需要了", by=paid.payer).status == "void"
    assert Message.objects.filter(user=paid.payee, title__startswith="发票已作废").count() == 1


def test_only_the_two_sides(paid):
    stranger = member_of(make_party(role="buyer"))
    for who in (stranger, paid.payee):
        with pytest.raises(Forbidden):
            ask(paid, by=who)
    invoice = ask(paid)
    for who in (stranger, paid.payer):
        with pytest.raises(Forbidden):
            issue(paid, invoice, by=who)
    with pytest.raises(Forbidden):
        void_invoice(invoice=invoice, reason="x", by=stranger)
    assert paid.payee.has_perm("payments.view_invoice", paid.intent)
    assert not stranger.has_perm("payments.view_invoice", paid.intent)


@pytest.mark.parametrize(
    ("kind", "number", "is_right"),
    [
        ("electronic", "12345678", False),
        ("electronic", "1" * 20, True),
        ("ordinary", "12345678", True),
        ("special", "1" * 20, True),
        ("ordinary", "1234567", False),
        ("ordinary", "123456789", False),
        ("ordinary", "1234567a", False),
        ("ordinary", "１２３４５６７８", False),
        ("ordinary", "", False),
    ],
)
def test_numbers(paid, kind, number, is_right):
    invoice = ask(paid, kind=kind, tax_code="91360600MA35XXXXX1")
    if is_right:
        assert issue(paid, invoice, number=number).number == number
        return
    with pytest.raises(Invalid) as refused:
        issue(paid, invoice, number=number)
    assert refused.value.code == "invoice_number"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"kind": "paper"}, "invoice_kind"),
        ({"kind": "special"}, "tax_code_missing"),
        ({"tax_code": "123"}, "tax_code_invalid"),
    ],
)
def test_what_cannot_be_asked_for(paid, values, code):
    with pytest.raises(Invalid) as refused:
        ask(paid, **values)
    assert refused.value.code == code


def test_files_and_days_that_cannot_be(paid):
    invoice = ask(paid)
    for values, code in (
        ({"file": pdf("x.exe")}, "file_kind"),
        ({"file": pdf(content=b"nothing")}, "file_content"),
        ({"file": pdf(content=b"")}, "file_empty"),
        ({"issued_date": localdate() + timedelta(days=1)}, "invoice_date"),
    ):
        with pytest.raises(Invalid) as refused:
            issue(paid, invoice, **values)
        assert refused.value.code == code
    assert Invoice.objects.get().status == "requested"


def test_only_about_what_was_paid_and_stayed_paid(paid, gateway):
    unpaid = make_payment_intent()
    with pytest.raises(Refused) as refused:
        request_invoice(intent=unpaid, kind="ordinary", by=member_of(unpaid.payer))
    assert refused.value.code == "state_conflict"
    invoice = ask(paid)
    create_refund(intent=paid.intent, amount_fen=200_000, key="r")
    with pytest.raises(Refused) as refused:
        issue(paid, invoice)
    assert refused.value.code == "invoice_amount_stale"
    void_invoice(invoice=invoice, reason="金额已变", by=paid.payer, now=clock.now())
    assert ask(paid).amount_fen == 3_000_000
    void_invoice(invoice=Invoice.objects.get(status="requested"), reason="x", by=paid.payer)
    create_refund(intent=paid.intent, key="r2")
    with pytest.raises(Refused) as refused:
        ask(paid)
    assert refused.value.code == "nothing_to_invoice"


def test_the_database_holds_it(paid):
    invoice = issue(paid, ask(paid))
    values = {"intent": paid.intent, "issuer": paid.intent.payee, "recipient": paid.intent.payer, "kind": "ordinary"}
    more = {"title": "x", "amount_fen": 1, "requested_by": paid.payer, "requested_at": clock.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.create(**values, **more)
    for change in ({"number": ""}, {"sha256": ""}, {"issued_date": None}, {"status": "requested"}, {"amount_fen": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(**change)
