"""Over a real port: codes, bills and broken connections as a merchant's process meets them."""

from datetime import date, datetime, timedelta

import httpx

from payments import gateways
from payments.alipay.answers import BillUrl, Refunded, Rejected, Unknown
from payments.alipay.client import CHINA
from payments.sandbox.robot import pay_at_cashier
from tests.payments.conftest import soon


def ordered(number="py_1"):
    return {
        "out_trade_no": number,
        "amount_fen": 10_000,
        "subject": "测绘",
        "body": "",
        "time_expire": soon(),
        "notify_url": "http://127.0.0.1:1/n/",
    }


def test_a_code_leads_to_this_port_and_its_payment_is_told(served):
    alipay = gateways.alipay()
    code = alipay.precreate(**ordered()).qr_code
    assert code.startswith(f"{served.origin}/qr/")
    pay_at_cashier(code)
    assert served.come.wait(10)
    assert served.notices[0][0] == "http://127.0.0.1:1/n/"
    assert alipay.query(out_trade_no="py_1").is_paid


def test_a_lost_answer_breaks_the_connection_after_the_effect(served):
    alipay = gateways.alipay()
    pay_at_cashier(alipay.precreate(**ordered()).qr_code)
    form = {"name": "answer_lost", "times": "1", "only": "alipay.trade.refund"}
    assert httpx.post(f"{served.origin}/faults", data=form, trust_env=False).status_code == 303
    one = {"out_trade_no": "py_1", "out_request_no": "re_1"}
    lost = alipay.refund(**one, amount_fen=4_000, reason="退")
    assert isinstance(lost, Unknown)
    assert "RemoteProtocolError" in lost.reason
    assert alipay.refund_query(**one) == Refunded(is_done=True, refunded_fen=4_000)
    assert alipay.refund(**one, amount_fen=4_000, reason="退") == Refunded(is_done=False, refunded_fen=4_000)


def test_a_bill_is_downloaded_from_this_port(served):
    alipay = gateways.alipay()
    today = datetime.now(CHINA).date()
    assert alipay.bill_url(day=today, kind="trade") == Rejected("BILL_NOT_EXIST", "账单不存在")
    answer = alipay.bill_url(day=today - timedelta(days=2), kind="signcustomer")
    assert isinstance(answer, BillUrl)
    assert alipay.download(answer.url).startswith(b"PK")


def test_any_answer_may_be_asked_for_with_get(served, merchant):
    """The SDK posts; Alipay takes the same question as one address."""
    from alipay.aop.api.domain.AlipayDataDataserviceBillDownloadurlQueryModel import (
        AlipayDataDataserviceBillDownloadurlQueryModel as Model,
    )
    from alipay.aop.api.request.AlipayDataDataserviceBillDownloadurlQueryRequest import (
        AlipayDataDataserviceBillDownloadurlQueryRequest as Request,
    )

    model = Model()
    model.bill_type, model.bill_date = "trade", f"{date(2026, 1, 1)}"
    url = gateways.alipay()._client.page_execute(Request(biz_model=model), http_method="GET")
    answer = httpx.get(url, trust_env=False).json()
    assert answer["alipay_data_dataservice_bill_downloadurl_query_response"]["code"] == "10000"
