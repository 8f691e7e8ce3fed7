"""Certificates in `alipay_check`: all three or none, in their time, of our key and our app."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from payments.alipay import keys
from payments.alipay.check import Setup
from payments.alipay.check.certificates import check_certificates

APP = "2021000000000001"
NOW = datetime.now(UTC).replace(microsecond=0)
YEAR = timedelta(days=365)


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def other_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key, name=f"2088000000000001-{APP}", *, begins=NOW - YEAR, ends=NOW + YEAR):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()


def setup_of(key, **certs):
    whole = {name: certificate(key) for name in ("app_cert", "alipay_cert", "root_cert")}
    return Setup("", APP, "2088000000000001", keys.to_pem(key), "", "", **{**whole, **certs})


def found(setup, key):
    return {finding.code: (finding.level, finding.sentence) for finding in check_certificates(setup, key)}


def test_without_certificates_there_is_nothing_to_say(key):
    assert found(setup_of(key, app_cert="", alipay_cert="", root_cert=""), key) == {}


def test_good_certificates_as_text_or_file(key, tmp_path):
    path = tmp_path / "appCertPublicKey.crt"
    path.write_text(certificate(key))
    for app_cert in (certificate(key), str(path), certificate(key, "样例单位")):
        seen = found(setup_of(key, app_cert=app_cert), key)
        assert set(seen) == {"app_cert", "alipay_cert", "root_cert"}
        assert {level for level, _ in seen.values()} == {"ok"}


def test_one_missing_of_three_is_named(key):
    level, sentence = found(setup_of(key, root_cert=""), key)["certificates"]
    assert (level, "ALIPAY_ROOT_CERT" in sentence, "ALIPAY_CERT" in sentence) == ("error", True, False)


def test_times_are_named(key):
    for ends, level, words in (
        (NOW - timedelta(days=1), "error", "过期"),
        (NOW + timedelta(days=29), "warning", "尽早"),
    ):
        for name in ("app_cert", "alipay_cert"):
            seen = found(setup_of(key, **{name: certificate(key, ends=ends)}), key)
            assert (seen[name][0], words in seen[name][1]) == (level, True)
    seen = found(setup_of(key, alipay_cert=certificate(key, begins=NOW + timedelta(days=1))), key)
    assert seen["alipay_cert"][0] == "error"


def test_an_old_root_among_good_ones_does_no_harm(key):
    old = certificate(key, ends=NOW - timedelta(days=1))
    assert found(setup_of(key, root_cert=old + certificate(key)), key)["root_cert"][0] == "ok"
    assert found(setup_of(key, root_cert=old), key)["root_cert"][0] == "error"


def test_a_certificate_of_another_key_or_app_is_named(key, other_key):
    assert "不是一对" in found(setup_of(key, app_cert=certificate(other_key)), key)["app_cert"][1]
    foreign = certificate(key, "2088000000000001-2021000000000009")
    assert "应用 2021000000000009 的" in found(setup_of(key, app_cert=foreign), key)["app_cert"][1]
    assert found(setup_of(key), None)["app_cert"][0] == "ok"  # the key is refused elsewhere


@pytest.mark.parametrize("text", ["/nowhere/at/all.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n", "x"])
def test_what_is_no_certificate_is_named(key, text):
    level, sentence = found(setup_of(key, alipay_cert=text), key)["alipay_cert"]
    assert (level, "读不出" in sentence) == ("error", True)
