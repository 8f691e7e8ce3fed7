"""Certificates of Alipay's certificate mode, which the official SDK lacks: read, numbered as Alipay numbers them, believed.

The mode is a small thing: a request names our certificate and Alipay's roots by number, an answer names Alipay's
certificate, and its key takes the place of Alipay's public key. Signatures stay what they are.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa

_RSA_SIGNATURES = "1.2.840.113549.1.1."
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


class CertificateRefused(ValueError):
    """Say in a sentence what is wrong with a certificate; `code` names it, `setting` says which."""

    def __init__(self, code: str, setting: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.setting = code, setting


@dataclass(frozen=True)
class Certificates:
    """What certificate mode puts into requests (`app_number`, `root_number`), and whom it believes in answers."""

    app_number: str
    root_number: str
    alipay_number: str
    alipay_key: rsa.RSAPublicKey

    @property
    def in_requests(self) -> dict[str, str]:
        return {"app_cert_sn": self.app_number, "alipay_root_cert_sn": self.root_number}


def read_certificates(text: str) -> list[x509.Certificate]:
    """Return the certificates in a PEM text or file, line breaks lost or not; raises OSError or ValueError.

    One of several that cannot be read is left out: the root file that Alipay hands out holds SM2 certificates whose form
    the `cryptography` package refuses, and RSA2 has no use for them. None that can be read is an error.
    """
    content = text if "-----BEGIN" in text else Path(text).read_text(encoding="utf-8")
    found = []
    for block in _BLOCK.findall(content.replace("\\n", "\n")):
        try:
            found.append(x509.load_der_x509_certificate(base64.b64decode(re.sub(r"\s+", "", block), validate=True)))
        except (ValueError, binascii.Error):
            continue
    if not found:
        raise ValueError("no certificate that can be read")
    return found


def number(certificate: x509.Certificate) -> str:
    """Return Alipay's number (cert_sn) of a certificate: MD5 of its issuer's name (RFC 2253) and decimal serial number."""
    text = certificate.issuer.rfc4514_string() + str(certificate.serial_number)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def root_number(roots: Sequence[x509.Certificate]) -> str:
    """Return the number of a root file: those of its certificates with an RSA signature, SHA-1 too, joined by `_`."""
    return "_".join(
        number(root) for root in roots if root.signature_algorithm_oid.dotted_string.startswith(_RSA_SIGNATURES)
    )


@lru_cache(maxsize=8)
def load(*, app_cert: str, alipay_cert: str, root_cert: str) -> Certificates:
    """Return the certificates in three PEM texts or files; loaded once, kept.

    Raises CertificateRefused: `missing`, `unreadable`, `not_rsa`, `no_rsa_root`, `not_issued` (a root or intermediate
    of the issuer's name is there, but has not signed it). Dates are not looked at: `alipay_check` does, and Alipay.
    """
    chains = {
        setting: _read(setting, text)
        for setting, text in (
            ("ALIPAY_APP_CERT", app_cert),
            ("ALIPAY_CERT", alipay_cert),
            ("ALIPAY_ROOT_CERT", root_cert),
        )
    }
    app, alipay, roots = chains["ALIPAY_APP_CERT"][0], chains["ALIPAY_CERT"][0], chains["ALIPAY_ROOT_CERT"]
    key = alipay.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise CertificateRefused("not_rsa", "ALIPAY_CERT", "Alipay's certificate is not of an RSA key")
    if not root_number(roots):
        raise CertificateRefused("no_rsa_root", "ALIPAY_ROOT_CERT", "the root file holds no root with an RSA signature")
    for setting in ("ALIPAY_APP_CERT", "ALIPAY_CERT"):
        if not is_issued(chains[setting], roots):
            raise CertificateRefused("not_issued", setting, f"{setting} was not issued by the roots given")
    return Certificates(number(app), root_number(roots), number(alipay), key)


def _read(setting: str, text: str) -> list[x509.Certificate]:
    if not text:
        raise CertificateRefused("missing", setting, f"{setting} is missing: certificate mode needs all three")
    try:
        return read_certificates(text)
    except (OSError, ValueError) as error:
        raise CertificateRefused("unreadable", setting, f"{setting} is no certificate that can be read") from error


def is_issued(chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]) -> bool:
    """Tell whether nothing speaks against a chain: each link whose issuer is at hand was signed by it.

    Files as Alipay hands them out may lack the intermediate certificate; a link without its issuer proves nothing.
    """
    for link in chain:
        issuers = [each for each in (*chain, *roots) if each.subject == link.issuer]
        if issuers and not any(_has_signed(each, link) for each in issuers):
            return False
    return True


def _has_signed(issuer: x509.Certificate, link: x509.Certificate) -> bool:
    try:
        link.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
