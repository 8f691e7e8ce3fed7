"""One harmless question: about a trade that cannot exist. The answer tells which key, id or clock is wrong."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from alipay.aop.api.domain.AlipayTradeQueryModel import AlipayTradeQueryModel
from alipay.aop.api.request.AlipayTradeQueryRequest import AlipayTradeQueryRequest

from payments.alipay import keys
from payments.alipay.client import AnswerRefused, CertificateDiffers, Client, SignatureRefused

from .findings import Finding, Pair, Setup, doubtful, good, wrong

CLOCK_DOUBTFUL, CLOCK_WRONG = 60, 300  # seconds
_SUB_CODE = re.compile(r'"sub_code"\s*:\s*"([^"]+)"')
MEANT = {
    "isv.invalid-app-id": "支付宝不认识应用号 {app_id}：请核对 ALIPAY_APP_ID，也请看看是不是把沙箱和正式环境弄混了。",
    "isv.missing-app-id": "支付宝没有收到应用号：请核对 ALIPAY_APP_ID。",
    "isv.invalid-timestamp": "支付宝认为我们的时间不对：请校准本机的时钟。",
    "isv.insufficient-isv-permissions": "应用 {app_id} 没有签约这个产品，或签约还没有生效：请到商家平台查看。",
    "isv.missing-app-cert-sn": "应用在开放平台用的是证书方式：请配置 ALIPAY_APP_CERT、ALIPAY_CERT 和 ALIPAY_ROOT_CERT。",
    "isv.app-cert-not-exist": "支付宝没有登记 ALIPAY_APP_CERT 这张证书：请从开放平台下载应用公钥证书。",
    "isv.app-cert-expired": "应用公钥证书过期了：请到开放平台换新证书，再更新 ALIPAY_APP_CERT。",
    "isv.invalid-alipay-root-cert-sn": "支付宝不认 ALIPAY_ROOT_CERT：请从开放平台重新下载支付宝根证书。",
    "isv.invalid-signature-type": "应用在开放平台登记的签名方式不是 RSA2，请改为 RSA2。",
}


def converse(setup: Setup, pair: Pair, http: httpx.Client, transport: httpx.BaseTransport | None) -> Iterator[Finding]:
    """Visit the gateway for its clock, then ask it about a trade that cannot exist."""
    try:
        visit = http.get(setup.gateway_url)
    except httpx.HTTPError as error:
        yield wrong("unreachable", f"访问不了 {setup.gateway_url}：{_reason(error)}")
        return
    yield from _clock(visit.headers.get("Date", ""))
    model = AlipayTradeQueryModel()
    model.out_trade_no = f"check_{secrets.token_hex(8)}"
    client = Client(
        server_url=setup.gateway_url,
        app_id=str(setup.app_id),
        app_private_key=pair.private,
        alipay_public_key=pair.alipay,
        certificates=pair.papers,
        transport=transport,
    )
    try:
        answer = json.loads(client.execute(AlipayTradeQueryRequest(biz_model=model)))
    except SignatureRefused as refused:
        yield _disbelieved(refused, pair)
        told = _SUB_CODE.search(refused.content.decode("utf-8", "replace"))
        if told and told[1] != "ACQ.TRADE_NOT_EXIST":  # unproven, but it helps to mend both at once
            yield _meant(told[1], setup, pair)
    except AnswerRefused as refused:
        told = _SUB_CODE.search(str(refused))
        yield (
            _meant(told[1], setup, pair)
            if told
            else wrong("not_alipay", f"{setup.gateway_url} 的应答不像支付宝网关（{str(refused)[:80]}）：请核对地址。")
        )
    except httpx.HTTPError as error:
        yield wrong("unreachable", f"向 {setup.gateway_url} 提问没有得到应答：{_reason(error)}")
    else:
        yield _read(answer, setup, pair)
    finally:
        client.close()


def _disbelieved(refused: SignatureRefused, pair: Pair) -> Finding:
    """Say which of our papers does not fit the answer's signature."""
    if isinstance(refused, CertificateDiffers):
        return wrong(
            "alipay_cert",
            f"应答用的支付宝证书是 {refused.number}，ALIPAY_CERT 不是这一张：支付宝换了证书，或拿错了。请重新下载。",
        )
    name, what = ("ALIPAY_CERT", "支付宝公钥证书") if pair.papers else ("ALIPAY_PUBLIC_KEY", "支付宝公钥")
    return wrong(
        "alipay_cert" if pair.papers else "public_key",
        f"应答的签名与 {name} 对不上：它不是{what}，或是别的应用、别的环境的。请到开放平台重新取得。",
    )


def _read(answer: dict[str, str], setup: Setup, pair: Pair) -> Finding:
    if answer.get("sub_code") == "ACQ.TRADE_NOT_EXIST":
        return good("query", "支付宝接受了我们的签名，应答的签名也对：密钥、应用号和地址都没有问题。")
    if answer.get("sub_code"):
        return _meant(answer["sub_code"], setup, pair)
    return doubtful("query", f"支付宝回答 {answer.get('code')} {answer.get('msg')}，请稍后再试。")


def _meant(sub_code: str, setup: Setup, pair: Pair) -> Finding:
    """Say what a refusal of the question means for our settings."""
    if sub_code == "isv.invalid-signature":
        public = re.sub(r"-----[A-Z ]+-----|\s", "", keys.to_pem(pair.private.public_key()))
        return wrong(
            "private_key",
            "支付宝不认我们的签名：开放平台上登记的应用公钥与 ALIPAY_APP_PRIVATE_KEY 不是一对。"
            f"应登记的应用公钥是 {public}",
        )
    if sub_code in MEANT:
        return wrong(sub_code, f"{MEANT[sub_code].format(app_id=setup.app_id)}（{sub_code}）")
    if sub_code.startswith(("isp.", "aop.", "ACQ.SYSTEM")):
        return doubtful("query", f"支付宝暂时不可用（{sub_code}），请稍后再试。")
    return wrong("query", f"支付宝回答 {sub_code}，请在开放平台的错误码里查它的意思。")


def _clock(date: str) -> Iterator[Finding]:
    """Compare our clock with the gateway's `Date`; an answer without one says nothing."""
    try:
        off = (datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return
    words = f"本机的时钟比支付宝{'快' if off > 0 else '慢'} {abs(off):.0f} 秒"
    if abs(off) > CLOCK_WRONG:
        yield wrong("clock", f"{words}，请求会被拒绝：请校准时钟。")
    elif abs(off) > CLOCK_DOUBTFUL:
        yield doubtful("clock", f"{words}，请校准时钟。")
    else:
        yield good("clock", "本机的时钟与支付宝一致。")


def _reason(error: httpx.HTTPError) -> str:
    text = str(error)
    if "CERTIFICATE" in text.upper():
        return "对方的 TLS 证书不可信，或被中间设备替换了。"
    if "Name or service not known" in text or "name resolution" in text or "nodename" in text:
        return "域名解析不到，请核对地址和 DNS。"
    if isinstance(error, httpx.TimeoutException):
        return "超时，请检查防火墙和代理。"
    if isinstance(error, httpx.ConnectError):
        return "连不上，请检查地址、端口和防火墙；本地网关启动了吗？"
    return f"{type(error).__name__}。"
