"""The finance desk: days with both sides, a day with its breaks, verbs, an upload, exports; who looks and who decides."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cms.seed import seed_groups
from payments.models import Bill, Break, Reconciliation
from tests.factories.accounts import make_admin, make_user
from tests.factories.bills import Traded, at, fund_bill, fund_lines, trade_bill
from tests.factories.days import line_of, make_charge
from tests.factories.payments import make_payment_intent

from .conftest import DAY, run, take_both

pytestmark = pytest.mark.django_db
DAYS, BREAKS = reverse("desk_reconciliations:index"), reverse("desk_breaks:index")


@pytest.fixture
def admin(client):
    client.force_login(make_admin())
    return client


def text(answer):
    return answer.content.decode()


def make_day(stranger=5_500, missing=6_600):
    charge = make_charge("good", 10_000, at(DAY))
    make_charge("gone", missing, at(DAY))
    take_both([line_of(charge), Traded("stranger", stranger, at(DAY, "12:00:00"))])
    return run()


def test_days_are_listed_with_both_sides_a_chart_and_a_table(admin):
    row = make_day()
    page = text(admin.get(DAYS))
    assert "166.00 / 155.00" in page  # 100 + 66 here, 100 + 55 there
    assert page.count("<rect") == 2
    assert 'class="recon-breaks"' in page
    assert "本地没有 1，账单没有 2" in page
    assert reverse("desk_reconciliations:inspect", args=[row.pk]) in page
    assert "style=" not in page[page.index("<figure") : page.index("</figure>")]
    home = text(admin.get(reverse("wagtailadmin_home")))
    assert "项对账差异等待处理" in home


def test_a_day_shows_totals_breaks_and_bills_and_filters(admin):
    page = reverse("desk_reconciliations:inspect", args=[make_day().pk])
    shown = text(admin.get(page))
    for words in ("166.00", "155.00", "-11.00", "stranger", "py_gone", Bill.objects.first().sha256):
        assert words in shown
    assert "py_gone" not in text(admin.get(page, {"cls": "missing_here"}))
    assert "没有这样的差异" in text(admin.get(page, {"status": "explained"}))
    assert "已重新核对" in text(admin.post(page, {"verb": "match"}, follow=True))
    bill = Bill.objects.filter(kind="trade").get()
    answer = admin.get(reverse("desk_reconciliations:bill", args=[bill.pk]))
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    csv = b"".join(admin.get(f"{BREAKS}?day_from={DAY}&day_to={DAY}&export=csv").streaming_content).decode()
    assert "py_gone" in csv
    assert "66.00" in csv


def test_a_break_is_taken_explained_and_ended(admin):
    make_day()
    row = Break.objects.get(out_trade_no="py_gone", book="trade")
    page = reverse("desk_breaks:inspect", args=[row.pk])
    assert "已由您处理" in text(admin.post(page, {"verb": "take"}, follow=True))
    assert admin.post(page, {"verb": "explain", "reason": " "}).status_code == 422
    admin.post(page, {"verb": "explain", "reason": "支付宝答复明日补单"})
    admin.post(page, {"verb": "resolve", "reason": "已补单"})
    row.refresh_from_db()
    assert (row.status, row.owner.is_staff, row.resolution) == ("resolved", True, "支付宝答复明日补单\n已补单")
    assert 'name="verb"' not in text(admin.get(page))
    assert "已补单" in text(admin.get(page))


def test_unknown_money_is_settled_from_its_page(admin):
    make_day(stranger=5_500)
    row = Break.objects.get(out_trade_no="stranger")
    page, settle = (reverse(f"desk_breaks:{name}", args=[row.pk]) for name in ("inspect", "settle"))
    shown = text(admin.get(page))
    assert settle in shown
    assert 'value="resolve"' not in shown  # money must go somewhere first
    assert "没有这笔付款" in text(admin.post(settle, {"charge": "pi_x", "reason": "查明"}))
    other = make_charge("other", 1, at(DAY), status="pending")
    refused = admin.post(settle, {"charge": other.intent_id, "reason": "查明"})
    assert refused.status_code == 422
    assert "金额与这笔付款不同" in text(refused)
    intent = make_payment_intent(amount_fen=5_500)
    make_charge("attempt", 5_500, at(DAY), status="expired", intent=intent)
    assert "已归入付款" in text(admin.post(settle, {"charge": intent.pk, "reason": "查明"}, follow=True))
    intent.refresh_from_db()
    assert intent.status == "succeeded"


def test_a_bill_is_uploaded_or_refused_with_its_place(admin):
    charge = make_charge("good", 10_000, at(DAY))
    new = reverse("desk_reconciliations:new")
    assert 'enctype="multipart/form-data"' in text(admin.get(new))

    def upload(content):
        return admin.post(new, {"file": SimpleUploadedFile("bill.zip", content)}, follow=True)

    refused = upload(b"rubbish")
    assert refused.status_code == 422
    assert "不是支付宝的账单压缩包" in text(refused)
    assert admin.post(new, {}).status_code == 422
    assert "共 1 行" in text(upload(trade_bill(DAY, [line_of(charge)])))
    assert "共 2 行" in text(upload(fund_bill(DAY, fund_lines([line_of(charge)]))))
    row = Reconciliation.objects.get()
    assert row.status == "balanced"
    assert {bill.uploaded_by.is_staff for bill in Bill.objects.all()} == {True}


def test_supervisors_look_and_strangers_do_not(client):
    row = make_day()
    breach = Break.objects.get(out_trade_no="stranger")
    user = make_user()
    user.groups.add(seed_groups()["supervisors"])
    client.force_login(user)
    pages = [
        DAYS,
        BREAKS,
        reverse("desk_reconciliations:inspect", args=[row.pk]),
        reverse("desk_breaks:inspect", args=[breach.pk]),
    ]
    bill = reverse("desk_reconciliations:bill", args=[Bill.objects.first().pk])
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert 'name="verb"' not in text(answer)
    assert b"".join(client.get(bill).streaming_content)
    client.post(pages[3], {"verb": "return", "reason": "x"})
    client.post(pages[2], {"verb": "match"})
    for name, arguments in (("desk_reconciliations:new", []), ("desk_breaks:settle", [breach.pk])):
        assert client.get(reverse(name, args=arguments)).status_code == 302
    assert breach.receipts.get().status == "held"
    assert Reconciliation.objects.get().runs == 1
    client.force_login(make_user())
    assert {client.get(page).status_code for page in [*pages, bill]} <= {302, 403}


@pytest.mark.parametrize("page", [DAYS, BREAKS])
def test_a_longer_list_asks_no_more(admin, django_assert_num_queries, page):
    from datetime import timedelta

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_day()
    admin.get(page)
    with CaptureQueriesContext(connection) as short:
        admin.get(page)
    for number in (1, 2):
        Reconciliation.objects.create(day=DAY - timedelta(days=number))
        Break.objects.create(
            day=DAY - timedelta(days=number), book="trade", key="k", cls="fee", type="fee", found_at=at(DAY)
        )
    with django_assert_num_queries(len(short)):
        admin.get(page)
