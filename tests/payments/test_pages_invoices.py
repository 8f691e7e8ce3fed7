"""The invoice page before payer, payee, stranger and administrator; the firm's statement as page, CSV and Excel."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import localdate

from payments.actions import create_transfer
from payments.models import Invoice
from tests.factories.accounts import make_admin
from tests.factories.payments import make_paid_intent, make_party, make_payment_intent, member_of

pytestmark = pytest.mark.django_db
NUMBER = "26360000000012345678"
STATEMENT = reverse("payments:statement")


@pytest.fixture
def paid(gateway):
    return make_paid_intent(gateway)


def page(intent):
    return reverse("payments:invoice", args=[intent.pk])


def text(answer):
    return answer.content.decode()


def ask(client, intent, **values):
    client.force_login(member_of(intent.payer))
    return client.post(page(intent), {"step": "request", "kind": "electronic", "title": intent.payer.name, **values})


def issue(client, intent, **values):
    client.force_login(member_of(intent.payee))
    file = SimpleUploadedFile("发票.pdf", b"%PDF-1.7\ninvoice\n%%EOF")
    given = {"step": "issue", "number": NUMBER, "issued_date": str(localdate()), "file": file}
    return client.post(page(intent), given | values)


def test_asked_issued_downloaded_and_void(client, paid):
    assert ask(client, paid).status_code == 302
    assert "撤回申请" in text(client.get(page(paid)))
    assert "登记发票" not in text(client.get(page(paid)))
    client.force_login(member_of(paid.payee))
    assert "业主申请了发票" in text(client.get(reverse("payments:funds")))
    assert issue(client, paid).status_code == 302
    invoice = Invoice.objects.get()
    client.force_login(member_of(paid.payer))
    shown = text(client.get(page(paid)))
    for words in (NUMBER, invoice.sha256, "32,000.00", paid.payee.name):
        assert words in shown
    assert "撤回申请" not in shown
    file = client.get(reverse("payments:invoice_file", args=[paid.pk, invoice.pk]))
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    assert file["Content-Type"] == "application/octet-stream"
    client.force_login(member_of(paid.payee))
    done = client.post(page(paid), {"step": "void", "reason": "抬头写错"}, follow=True)
    assert "抬头写错" in text(done)
    client.force_login(member_of(paid.payer))
    assert "申请发票</button>" in text(client.get(page(paid)))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"number": "123"}, "8 位或 20 位数字"),
        ({"number": "12345678"}, "数电发票为 20 位"),
        ({"issued_date": str(localdate() + timedelta(days=2))}, "不能晚于今天"),
        ({"file": SimpleUploadedFile("a.exe", b"MZ")}, "请上传以下格式的文件"),
        ({"file": SimpleUploadedFile("a.pdf", b"")}, "这个文件是空的"),
    ],
)
def test_wrong_invoices_say_why_and_keep_the_number(client, paid, values, words):
    ask(client, paid)
    answer = issue(client, paid, **values)
    assert answer.status_code == 422
    assert words in text(answer)
    assert f'value="{values.get("number", NUMBER)}"' in text(answer)
    assert Invoice.objects.get().status == "requested"


def test_a_special_invoice_needs_the_tax_code(client, paid):
    answer = ask(client, paid, kind="special", tax_code="")
    assert answer.status_code == 422
    assert "专用发票须填写纳税人识别号" in text(answer)


def test_a_step_that_is_not_there_is_refused(client, paid):
    ask(client, paid)
    client.force_login(member_of(paid.payer))
    client.post(page(paid), {"step": "issue", "number": NUMBER})
    assert Invoice.objects.get().status == "requested"


def test_who_reads_an_invoice(client, paid):
    ask(client, paid)
    issue(client, paid)
    file = reverse("payments:invoice_file", args=[paid.pk, Invoice.objects.get().pk])
    for person, status in (
        (member_of(paid.payer), 200),
        (member_of(paid.payee), 200),
        (make_admin(), 200),
        (member_of(make_party(role="buyer")), 403),
    ):
        client.force_login(person)
        answer = client.get(file)
        assert (client.get(page(paid)).status_code, answer.status_code) == (status, status)
        if answer.streaming:
            assert b"".join(answer.streaming_content).startswith(b"%PDF")
    client.logout()
    assert client.get(file).status_code == 302


def test_nothing_is_asked_before_the_money_came(client, gateway):
    intent = make_payment_intent()
    client.force_login(member_of(intent.payer))
    assert "款项付清后，可以在这里申请发票" in text(client.get(page(intent)))


# The statement


def test_the_statement_in_three_forms(client, paid):
    create_transfer(intent=paid, destination=paid.payee, key="all")
    client.force_login(member_of(paid.payee))
    shown = text(client.get(STATEMENT))
    for words in ("期初余额", "结算", "支付宝付款", "32,000.00", paid.description):
        assert words in shown
    days = {"since": str(localdate()), "until": str(localdate())}
    body = b"".join(client.get(STATEMENT, {**days, "format": "csv"}).streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    assert len(rows) == 4
    assert "32000.00" in rows[2]
    book = openpyxl.load_workbook(io.BytesIO(client.get(STATEMENT, {**days, "format": "xlsx"}).content))
    assert book.active.max_row == 4


def test_days_in_the_wrong_order_are_said(client, paid):
    client.force_login(member_of(paid.payee))
    answer = client.get(STATEMENT, {"since": "2026-12-01", "until": "2026-11-01"})
    assert answer.status_code == 422
    assert "结束日期不能早于开始日期" in text(answer)


def test_the_statement_is_the_firms(client, paid):
    client.force_login(member_of(paid.payer))
    assert client.get(STATEMENT).status_code == 403
