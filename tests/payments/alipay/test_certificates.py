"""Certificate mode: Alipay's numbers of certificates, root files as they really are, chains that do not fit."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from payments.alipay.certificates import CertificateRefused, load, number, read_certificates, root_number
from payments.sandbox.certificates import ensure_sandbox_certificates
from tests.payments.conftest import APP

NOW = datetime.now(UTC)
SHA256_WITH_RSA, SHA1_WITH_RSA = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
ANT = (("C", "CN"), ("O", "Ant Financial"), ("OU", "Certification Authority"))
OIDS = {
    "C": NameOID.COUNTRY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
}


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def files(key_folder):
    return ensure_sandbox_certificates(key_folder, app_id=APP)


def named(*parts):
    return x509.Name([x509.NameAttribute(OIDS[name], value) for name, value in parts])


def certificate(key, name, serial=7, signer=None):
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .sign(signer or key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()


# The public names and serial numbers of Alipay's own certificates, and the numbers that its gateway knows them by.
KNOWN = [
    (
        (*ANT, ("CN", "Ant Financial Certification Authority R1")),
        2292228364100439313,
        "687b59193f3f462dd5336e5abf83c5d8",
    ),
    (
        (
            ("C", "CN"),
            ("O", "iTrusChina"),
            ("OU", "China Trust Network"),
            ("CN", "iTrusChina Class 2 Root CA - G3"),
        ),
        95790491425698859646659490580052089075020051350,
        "02941eef3187dddf3d3b83462e1dfcf6",
    ),
    (
        (*ANT, ("CN", "Ant Financial Certification Authority Class 1 R1")),
        42701552708448241360226107228231049510,
        "866efef280dec9137a87d047ac446315",
    ),
]


@pytest.mark.parametrize(("issuer", "serial", "expected"), KNOWN)
def test_a_certificate_has_the_number_that_alipay_gives_it(key, issuer, serial, expected):
    assert number(read_certificates(certificate(key, named(*issuer), serial))[0]) == expected


def with_sha1(pem):
    """Return a certificate that says to be signed with SHA-1; the library makes no such ones any more."""
    der = base64.b64decode("".join(pem.splitlines()[1:-1])).replace(SHA256_WITH_RSA, SHA1_WITH_RSA)
    return f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(der).decode()}\n-----END CERTIFICATE-----\n"


def test_a_root_file_like_alipays_counts_rsa_alone_and_survives_what_it_cannot_read(key):
    elliptic = certificate(ec.generate_private_key(ec.SECP256R1()), named(("CN", "ROOTCA")))
    unreadable = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"
    (first, first_serial, first_number), (second, second_serial, second_number), _ = KNOWN
    bundle = (
        elliptic
        + certificate(key, named(*first), first_serial)
        + unreadable
        + with_sha1(certificate(key, named(*second), second_serial))
    )
    roots = read_certificates(bundle)
    assert len(roots) == 3
    assert root_number(roots) == f"{first_number}_{second_number}"


def test_certificates_are_read_from_text_file_or_one_line(files, tmp_path):
    text = files.app_cert.read_text()
    path = tmp_path / "appCertPublicKey.crt"
    path.write_text(text.replace("\n", "\r\n"))
    forms = (text, str(path), text.replace("\n", "\\n"), text.replace("\n", " "), f"Subject: …\n{text}")
    assert len({number(read_certificates(form)[0]) for form in forms}) == 1


def test_the_local_authority_issues_what_fits(files):
    papers = files.load()
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in papers.in_requests.values())
    assert len({papers.app_number, papers.root_number, papers.alipay_number}) == 3
    assert len(read_certificates(str(files.root_cert))) == 2


def texts_of(files, **other):
    whole = {name: getattr(files, name).read_text() for name in ("app_cert", "alipay_cert", "root_cert")}
    return {**whole, **other}


@pytest.mark.parametrize(
    ("changes", "code", "setting"),
    [
        ({"root_cert": ""}, "missing", "ALIPAY_ROOT_CERT"),
        ({"alipay_cert": "/nowhere/at/all.crt"}, "unreadable", "ALIPAY_CERT"),
        ({"app_cert": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}, "unreadable", "ALIPAY_APP_CERT"),
    ],
)
def test_what_cannot_be_read_is_refused(files, changes, code, setting):
    with pytest.raises(CertificateRefused) as refused:
        load(**texts_of(files, **changes))
    assert (refused.value.code, refused.value.setting) == (code, setting)


def test_what_does_not_fit_together_is_refused(files, key, tmp_path_factory):
    elliptic = certificate(ec.generate_private_key(ec.SECP256R1()), named(("CN", "E")))
    for changes, code in (({"alipay_cert": elliptic}, "not_rsa"), ({"root_cert": elliptic}, "no_rsa_root")):
        with pytest.raises(CertificateRefused) as refused:
            load(**texts_of(files, **changes))
        assert refused.value.code == code
    root = read_certificates(str(files.root_cert))[1]
    namesake = certificate(key, root.subject)
    with pytest.raises(CertificateRefused, match="not issued") as refused:
        load(**texts_of(files, root_cert=namesake))
    assert refused.value.setting == "ALIPAY_APP_CERT"


def test_a_chain_without_its_middle_proves_nothing_and_is_taken(files):
    alone = files.alipay_cert.read_text().partition("-----END CERTIFICATE-----")
    assert load(**texts_of(files, alipay_cert=alone[0] + alone[1])).alipay_number == files.load().alipay_number
