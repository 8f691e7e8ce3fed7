"""Certificates of the certificate mode: all three or none, in their time, ours of this app and this key."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from payments.alipay.certificates import CertificateRefused, Certificates, load, read_certificates

from .findings import Finding, Setup, doubtful, good, wrong

SOON = timedelta(days=30)
# What certificates.CertificateRefused says by code, of what cannot be seen in one certificate alone.
SENTENCES = {
    "not_rsa": "不是 RSA 密钥的证书",
    "no_rsa_root": "里没有用 RSA 签名的根证书，不是支付宝的根证书文件",
    "not_issued": "不是所配置的根证书签发的：三张证书要来自同一个环境",
}
CODES = {"ALIPAY_APP_CERT": "app_cert", "ALIPAY_CERT": "alipay_cert", "ALIPAY_ROOT_CERT": "root_cert"}


def check_certificates(
    setup: Setup, private: rsa.RSAPrivateKey | None
) -> Generator[Finding, None, Certificates | None]:
    """Look at the three certificates when any is set; return them when they can be used together."""
    given = dict(zip(CODES, (setup.app_cert, setup.alipay_cert, setup.root_cert), strict=True))
    if not any(given.values()):
        return None
    missing = [name for name, text in given.items() if not text]
    if missing:
        yield wrong("certificates", f"证书要么三张都配，要么都不配；还缺 {'、'.join(missing)}。")
    for name, text in given.items():
        if text:
            yield from _certificate(name, text, setup, private)
    try:
        return load(app_cert=setup.app_cert, alipay_cert=setup.alipay_cert, root_cert=setup.root_cert)
    except CertificateRefused as refused:
        if refused.code in SENTENCES:
            yield wrong(CODES[refused.setting], f"{refused.setting} {SENTENCES[refused.code]}。")
        return None


def _certificate(name: str, text: str, setup: Setup, private: rsa.RSAPrivateKey | None) -> Iterator[Finding]:
    code = CODES[name]
    try:
        chain = read_certificates(text)
    except (OSError, ValueError):
        yield wrong(code, f"{name} 读不出证书：应为 PEM 文字，或能读到的 PEM 文件的路径。")
        return
    now = datetime.now(UTC)
    if name == "ALIPAY_ROOT_CERT":  # a bundle: an old root among several does no harm
        alive = [each for each in chain if each.not_valid_after_utc > now]
        yield good(code, f"根证书 {len(alive)} 张有效。") if alive else wrong(code, f"{name} 里的证书全部过期了。")
        return
    certificate = chain[0]
    found = _out_of_time(name, code, certificate, now)
    if name == "ALIPAY_APP_CERT":
        found = _not_ours(certificate, setup, private) or found
    yield found or good(code, f"{name} 有效期到 {certificate.not_valid_after_utc:%Y-%m-%d}。")


def _out_of_time(name: str, code: str, certificate: x509.Certificate, now: datetime) -> Finding | None:
    until = certificate.not_valid_after_utc
    if until <= now:
        return wrong(code, f"{name} 已于 {until:%Y-%m-%d} 过期，请到开放平台换新证书。")
    if certificate.not_valid_before_utc > now:
        return wrong(code, f"{name} 从 {certificate.not_valid_before_utc:%Y-%m-%d} 才生效；也请看看本机的时钟。")
    if until <= now + SOON:
        return doubtful(code, f"{name} 将于 {until:%Y-%m-%d} 过期，请尽早更换。")
    return None


def _not_ours(certificate: x509.Certificate, setup: Setup, private: rsa.RSAPrivateKey | None) -> Finding | None:
    """Say when our certificate is of another key or, by the sixteen digits in its name, of another app."""
    key = certificate.public_key()
    if private and not (
        isinstance(key, rsa.RSAPublicKey) and key.public_numbers() == private.public_key().public_numbers()
    ):
        return wrong("app_cert", "ALIPAY_APP_CERT 与 ALIPAY_APP_PRIVATE_KEY 不是一对。")
    names = [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    apps = [number for name in names for number in re.findall(r"[0-9]{16}", name) if not number.startswith("2088")]
    if apps and setup.app_id not in apps:
        return wrong("app_cert", f"ALIPAY_APP_CERT 是应用 {apps[0]} 的，我们的应用号是 {setup.app_id}。")
    return None
