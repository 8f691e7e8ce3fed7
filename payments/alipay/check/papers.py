"""Ids and keys: what can be seen by looking at them."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from payments.alipay import keys
from payments.alipay.certificates import Certificates

from .findings import Finding, Setup, good, wrong

# What keys.KeyRefused says by code, for whoever pastes the settings.
SENTENCES = {
    "not_base64": "不是 base64 文字：复制时可能丢了一段，或混进了别的字符",
    "public_for_private": "是一把公钥，这里应该放应用私钥",
    "not_pkcs": "既不是 PKCS#1 也不是 PKCS#8 私钥：内容残缺，或不是私钥",
    "not_rsa": "不是 RSA 密钥",
    "not_spki": "不是公钥：内容残缺，或是别的文件",
    "too_short": "不足 2048 位，RSA2 不能用",
}


def check_ids(setup: Setup) -> Iterator[Finding]:
    """Look at app and seller: texts of sixteen digits, the seller's beginning with 2088."""
    found = _id("ALIPAY_APP_ID", setup.app_id) or _not_swapped(setup)
    yield found or good("app_id", f"应用号 {setup.app_id}。")
    found = _id("ALIPAY_SELLER_ID", setup.seller_id)
    if not found and not str(setup.seller_id).startswith("2088"):
        found = wrong("seller_id", f"ALIPAY_SELLER_ID 是 {setup.seller_id}，收款方编号（PID）应以 2088 开头。")
    yield found or good("seller_id", f"收款方编号 {setup.seller_id}。")


def _id(name: str, value: Any) -> Finding | None:
    code = name.removeprefix("ALIPAY_").lower()
    if not isinstance(value, str):
        return wrong(code, f"{name} 是数字类型，应写成文字（加引号），否则签名会出错。")
    if not value:
        return wrong(code, f"{name} 没有填写。")
    if value != value.strip():
        return wrong(code, f"{name} 的前后有空白，请删去。")
    if not re.fullmatch(r"[0-9]{16}", value):
        return wrong(code, f"{name} 是“{value}”，应为十六位数字。")
    return None


def _not_swapped(setup: Setup) -> Finding | None:
    if str(setup.app_id).startswith("2088"):
        return wrong("app_id", "ALIPAY_APP_ID 以 2088 开头，那是收款方编号（PID），不是应用号。")
    return None


def check_private_key(setup: Setup) -> Generator[Finding, None, rsa.RSAPrivateKey | None]:
    """Look at our private key; return it when it can be used."""
    private = None
    try:
        private = keys.private_key(setup.private_key) if setup.private_key else None
        yield (
            good("private_key", f"应用私钥可用，{private.key_size} 位。")
            if private
            else wrong("private_key", "ALIPAY_APP_PRIVATE_KEY 没有填写。")
        )
    except keys.KeyRefused as refused:
        yield wrong("private_key", f"ALIPAY_APP_PRIVATE_KEY {SENTENCES[refused.code]}。")
    return private


def check_public_key(
    setup: Setup, private: rsa.RSAPrivateKey | None, papers: Certificates | None
) -> Generator[Finding, None, rsa.RSAPublicKey | None]:
    """Look at Alipay's public key, in certificate mode the one in its certificate; return it when it can be used."""
    if setup.alipay_cert:
        if papers and private and papers.alipay_key.public_numbers() == private.public_key().public_numbers():
            yield wrong("alipay_cert", "ALIPAY_CERT 是我们自己的应用证书：请到开放平台换成“支付宝公钥证书”。")
            return None
        return papers.alipay_key if papers else None
    public = None
    try:
        public = keys.public_key(setup.public_key) if setup.public_key else None
    except keys.KeyRefused as refused:
        yield wrong("public_key", f"ALIPAY_PUBLIC_KEY {_about_public(setup.public_key, refused)}。")
        return None
    if public is None:
        yield wrong("public_key", "ALIPAY_PUBLIC_KEY 没有填写：请到开放平台复制“支付宝公钥”。")
        return None
    if private and public.public_numbers() == private.public_key().public_numbers():
        yield wrong(
            "own_public_key",
            "ALIPAY_PUBLIC_KEY 是我们自己的应用公钥：请到开放平台换成“支付宝公钥”，两者只有一字之差。",
        )
        return None
    yield good("public_key", f"支付宝公钥可用，{public.key_size} 位，不是我们自己的公钥。")
    return public


def _about_public(text: str, refused: keys.KeyRefused) -> str:
    try:
        keys.private_key(text)
    except keys.KeyRefused:
        return SENTENCES[refused.code]
    return "是一把私钥，这里应该放支付宝公钥；请立即更换这把私钥，它不该出现在这里"
