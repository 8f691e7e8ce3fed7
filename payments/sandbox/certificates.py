"""The local gateway's own small authority: a root, an intermediate, and the certificates of the merchant and of the gateway."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from payments.alipay import certificates, keys

from .keys import ensure_sandbox_keys
from .store import SELLER

LASTS = timedelta(days=3650)
FILES = {
    "app_cert": "appCertPublicKey.crt",
    "alipay_cert": "alipayCertPublicKey_RSA2.crt",
    "root_cert": "alipayRootCert.crt",
}
AUTHORITY = "Local Sandbox Certification Authority"
CaKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class SandboxCertificates:
    """Where the three files of certificate mode lie."""

    app_cert: Path
    alipay_cert: Path
    root_cert: Path

    def load(self) -> certificates.Certificates:
        """Return them as the merchant reads them."""
        return certificates.load(
            app_cert=str(self.app_cert), alipay_cert=str(self.alipay_cert), root_cert=str(self.root_cert)
        )


def ensure_sandbox_certificates(data_dir: Path, *, app_id: str) -> SandboxCertificates:
    """Return the certificates of the keys below `data_dir`, making them when they are not there yet, complete or not at all."""
    return _ensure(Path(data_dir), app_id)


@lru_cache(maxsize=8)
def _ensure(data_dir: Path, app_id: str) -> SandboxCertificates:
    pair = ensure_sandbox_keys(data_dir)
    folder = data_dir / f"certificates-{app_id}"
    if not folder.exists():
        fresh = Path(tempfile.mkdtemp(dir=data_dir, prefix=".certificates-"))
        for name, text in _issue(keys.private_key(pair.app_private), keys.private_key(pair.alipay_private), app_id):
            (fresh / FILES[name]).write_text(text)
        with contextlib.suppress(OSError):  # somebody else was first: theirs count
            fresh.rename(folder)
        shutil.rmtree(fresh, ignore_errors=True)
    return SandboxCertificates(**{name: folder / file for name, file in FILES.items()})


def _issue(app: rsa.RSAPrivateKey, alipay: rsa.RSAPrivateKey, app_id: str) -> list[tuple[str, str]]:
    """Return the three files. The roots' keys are forgotten: nothing more is ever issued."""
    roots: list[CaKey] = [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())]
    middle = rsa.generate_private_key(65537, 2048)
    root_name, other_name, middle_name = (
        distinguished_name(f"{AUTHORITY} {word}") for word in ("R1", "E1", "Class 1 R1")
    )
    root = issue_certificate(root_name, roots[0], root_name, roots[0], is_authority=True)
    # As in Alipay's file, a root without an RSA signature stands among the others; it is not part of the number.
    other = issue_certificate(other_name, roots[1], other_name, roots[1], is_authority=True)
    between = issue_certificate(middle_name, middle, root_name, roots[0], is_authority=True)
    ours = issue_certificate(distinguished_name(f"{SELLER}-{app_id}"), app, middle_name, middle)
    theirs = issue_certificate(distinguished_name(f"Local Alipay-{SELLER}"), alipay, middle_name, middle)
    return [("app_cert", ours + between), ("alipay_cert", theirs + between), ("root_cert", other + root)]


def distinguished_name(common: str) -> x509.Name:
    """Return a name in the form of Alipay's certificates."""
    parts = (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, "Local Sandbox"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Certification Authority"),
        (NameOID.COMMON_NAME, common),
    )
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def issue_certificate(
    name: x509.Name, key: CaKey, issuer: x509.Name, signer: CaKey, *, is_authority: bool = False
) -> str:
    """Return a certificate as PEM, good for ten years from yesterday."""
    begins = datetime.now(UTC) - timedelta(days=1)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + LASTS)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()
