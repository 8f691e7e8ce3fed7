"""The payer's list and the firm's funds: sums, conditions, tables, the account to be paid to; before owner, firm and stranger."""

import csv
import io
import sys

import pytest
from django.urls import reverse

from payments.actions import create_refund, create_transfer, retry_transfer
from payments.funds import advice, funds_of, masked
from payments.lists import payments_list, totals
from payments.models import Transfer
from tests.factories.accounts import make_admin
from tests.factories.payments import make_paid_intent, make_party, make_payment_intent, member_of

pytestmark = pytest.mark.django_db
MINE, TABLE, FUNDS, ACCOUNT = (reverse(f"payments:{name}") for name in ("mine", "mine_table", "funds", "account"))


@pytest.fixture
def sides():
    return make_party(role="buyer"), make_party(role="intermediary")


@pytest.fixture
def world(gateway, sides):
    """Give four payments between two sides: owed, held less a refund, settled, and one of somebody else."""
    owner, firm = sides
    common = {"payer": owner, "payee": firm}
    owed = make_payment_intent(description="等付款的一期", amount_fen=50_000, **common)
    held = make_paid_intent(gateway, description="保管中的二期", amount_fen=100_000, **common)
    create_refund(intent=held, key="part", amount_fen=25_000, by=member_of(owner))
    settled = make_paid_intent(gateway, description="已结算的三期", amount_fen=70_000, **common)
    create_transfer(intent=settled, destination=firm, key="all")
    make_paid_intent(gateway, description="别人的款项")
    return owed, held, settled


def text(answer):
    return answer.content.decode()


def test_the_list_adds_up(client, world, sides):
    owner, _firm = sides
    found = totals(payments_list(organization=owner))
    assert (found.unpaid_fen, found.paid_fen, found.held_fen) == (50_000, 170_000, 75_000)
    assert (found.settled_fen, found.refunded_fen) == (70_000, 25_000)
    client.force_login(member_of(owner))
    page = text(client.get(MINE))
    for words in ("等付款的一期", "保管中的二期", "已结算的三期", "1,700.00", "保管中 750.00"):
        assert words in page
    assert "别人的款项" not in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"state": "unpaid"}, {"一期"}),
        ({"state": "held"}, {"二期"}),
        ({"state": "settled"}, {"三期"}),
        ({"state": "refunded"}, {"二期"}),
        ({"state": "canceled"}, set()),
        ({"q": "二期"}, {"二期"}),
        ({"since": "2099-01-01"}, set()),
        ({"until": "2099-01-01"}, {"一期", "二期", "三期"}),
        ({"state": "nonsense", "since": "yesterday"}, {"一期", "二期", "三期"}),
    ],
)
def test_conditions(client, world, sides, query, expected):
    client.force_login(member_of(sides[0]))
    page = text(client.get(MINE, query))
    assert {name for name in ("一期", "二期", "三期") if f"的{name}</a>" in page} == expected


def test_numbers_find_their_payment(client, world, sides):
    held = world[1]
    trade_no = held.charges.get().trade_no
    assert [row.pk for row in payments_list(organization=sides[0], words=trade_no)] == [held.pk]
    assert [row.pk for row in payments_list(organization=sides[0], words=held.pk)] == [held.pk]


def test_the_table_has_the_same_rows(client, world, sides):
    client.force_login(member_of(sides[0]))
    answer = client.get(TABLE, {"state": "held"})
    assert answer["Content-Type"].startswith("text/csv")
    body = b"".join(answer.streaming_content).decode()
    assert body.startswith("\ufeff")
    head, row = list(csv.reader(io.StringIO(body[1:])))
    values = dict(zip(head, row, strict=True))
    assert values["款项"] == "保管中的二期"
    assert (values["金额（元）"], values["尚在保管（元）"], values["已退款（元）"]) == ("1000.00", "750.00", "250.00")


def test_no_cell_is_a_formula(client, sides):
    make_payment_intent(payer=sides[0], payee=sides[1], description='=HYPERLINK("http://evil")')
    client.force_login(member_of(sides[0]))
    body = b"".join(client.get(TABLE).streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(body)))[1][2] == """'=HYPERLINK("http://evil")"""


def test_the_list_is_the_owners_alone(client, world, sides):
    client.force_login(member_of(sides[1]))
    assert client.get(MINE).status_code == 403
    assert client.get(TABLE).status_code == 403
    client.force_login(member_of(sides[0]))
    assert client.get(FUNDS).status_code == 403
    client.logout()
    assert client.get(MINE).status_code == client.get(FUNDS).status_code == 302


@pytest.mark.parametrize("url", [MINE, FUNDS])
def test_one_row_or_three_the_same_queries(client, gateway, sides, url):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    owner, firm = sides
    client.force_login(member_of(owner if url == MINE else firm))
    counts = []
    for more in (1, 2):
        for _row in range(more):
            make_paid_intent(gateway, payer=owner, payee=firm)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_firm_sees_what_is_held_due_and_settled(client, world, sides):
    _owner, firm = sides
    found = funds_of(organization=firm)
    assert (found.held_fen, found.due_fen, found.settled_fen, found.debt_fen, found.stuck) == (75_000, 0, 70_000, 0, [])
    client.force_login(member_of(firm))
    page = text(client.get(FUNDS))
    for words in ("750.00", "700.00", "退给业主 250.00", "等业主付款", "已到账", "演示账号"):
        assert words in page
    assert "别人的款项" not in page


def test_a_failed_payout_says_what_to_do_and_is_mended(client, gateway, sides):
    owner, firm = sides
    firm.alipay_account = "nobody@example.invalid"
    firm.save(update_fields=["alipay_account"])
    intent = make_paid_intent(gateway, payer=owner, payee=firm, amount_fen=9_900)
    transfer = create_transfer(intent=intent, destination=firm, key="out")
    transfer.refresh_from_db()
    assert transfer.status == "failed"
    client.force_login(member_of(firm))
    page = text(client.get(FUNDS))
    assert "有一笔结算没有到账" in page
    assert "核对账号和实名" in page
    assert "nobody@" not in page
    assert funds_of(organization=firm).due_fen == 9_900
    firm.alipay_account = ""
    firm.save(update_fields=["alipay_account"])
    retry_transfer(transfer=transfer, by=make_admin())
    assert "没有到账" not in text(client.get(FUNDS))
    assert funds_of(organization=firm).settled_fen == 9_900


def test_without_an_account_the_page_says_so(client, gateway, sides, monkeypatch):
    from payments.actions import transfers

    funds_views = sys.modules["payments.views.funds"]  # by its name the package gives the view
    owner, firm = sides
    for module in (transfers, funds_views):
        monkeypatch.setattr(module, "payout_identity", lambda organization: str(organization.alipay_account))
    intent = make_paid_intent(gateway, payer=owner, payee=firm)
    transfer = create_transfer(intent=intent, destination=firm, key="out")
    client.force_login(member_of(firm))
    page = text(client.get(FUNDS))
    assert "还没有收款账号" in page
    assert "还没有填写，验收后的款项付不出去" in page
    assert Transfer.objects.get(pk=transfer.pk).status == "pending"


@pytest.mark.parametrize(
    ("code", "words"),
    [("PAYEE_NOT_EXIST", "核对账号"), ("BALANCE_IS_NOT_ENOUGH", "由平台处理"), ("SOMETHING_NEW", "平台管理机构会核实")],
)
def test_advice_for_each_cause(code, words):
    assert words in advice(Transfer(failure_code=code))


def test_accounts_are_masked():
    assert [masked(one) for one in ("13812345678", "paying@example.com", "", "x")] == [
        "138****5678",
        "pa***@example.com",
        "",
        "****",
    ]


@pytest.mark.parametrize(
    ("first", "again", "words"),
    [
        ("", "", "请填写收款支付宝账号"),
        ("1381234567", "1381234567", "11 位手机号码或电子邮箱"),
        ("pay@", "pay@", "11 位手机号码或电子邮箱"),
        ("13812345678", "13812345679", "两次填写的账号不一样"),
    ],
)
def test_wrong_accounts_say_why(client, sides, first, again, words):
    client.force_login(member_of(sides[1]))
    answer = client.post(ACCOUNT, {"alipay_account": first, "again": again})
    assert answer.status_code == 422
    assert words in text(answer)


def test_the_firms_administrator_changes_the_account(client, sides):
    _owner, firm = sides
    client.force_login(member_of(firm))
    answer = client.post(ACCOUNT, {"alipay_account": " 13812345678 ", "again": "13812345678"}, follow=True)
    firm.refresh_from_db()
    assert firm.alipay_account == "13812345678"
    assert "138****5678" in text(answer)
    assert "13812345678" not in text(answer)
    firm.memberships.update(role="agent", powers=["pay"])
    refused = client.post(ACCOUNT, {"alipay_account": "13912345678", "again": "13912345678"})
    assert refused.status_code == 403
    assert "管理员可以修改" in text(refused)
