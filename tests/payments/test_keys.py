"""Keys in every form that Alipay hands out, and the one signature that we accept."""

import base64

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from payments.alipay import keys
from payments.sandbox.keys import ensure_sandbox_keys

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PKCS1 = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
).decode()
PKCS8 = keys.to_pem(KEY)
PUBLIC = keys.to_pem(KEY.public_key())


def bare(pem):
    return "".join(line for line in pem.splitlines() if "-----" not in line)


@pytest.mark.parametrize("text", [PKCS1, PKCS8, bare(PKCS1), bare(PKCS8), PKCS1.replace("\n", "\r\n"), f"  {PKCS8}\n"])
def test_private_keys_in_every_form_are_the_same_key(text):
    assert keys.private_key(text).private_numbers() == KEY.private_numbers()


@pytest.mark.parametrize("text", [PUBLIC, bare(PUBLIC), PUBLIC.replace("\n", "\r\n")])
def test_public_keys_in_every_form_are_the_same_key(text):
    assert keys.public_key(text).public_numbers() == KEY.public_key().public_numbers()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (bare(PKCS8)[:-7], "private key"),
        ("not base64!", "not base64"),
        (PUBLIC, "a public key stands where the private key belongs"),
        (
            keys.to_pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
            "1024 bits",
        ),
    ],
)
def test_a_wrong_private_key_is_refused_in_words(text, words):
    with pytest.raises(keys.KeyRefused, match=words):
        keys.private_key(text)


def test_a_signature_fits_its_content_only():
    signature = keys.sign(KEY, "金额=1".encode())
    assert keys.verify(KEY.public_key(), "金额=1".encode(), signature)
    assert not keys.verify(KEY.public_key(), "金额=2".encode(), signature)


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.MD5(), hashes.SHA512()])
def test_only_sha256_counts(algorithm):
    signature = base64.b64encode(KEY.sign(b"x", padding.PKCS1v15(), algorithm)).decode()
    assert not keys.verify(KEY.public_key(), b"x", signature)


@pytest.mark.parametrize(
    "spoil", [lambda s: s[:10] + "\n" + s[10:], lambda s: s + "=", lambda s: "", lambda s: "é" + s]
)
def test_loose_base64_is_no_signature(spoil):
    assert not keys.verify(KEY.public_key(), b"x", spoil(keys.sign(KEY, b"x")))


def test_what_is_signed_is_sorted_raw_and_without_empties():
    fields = {"b": "2&=", "a": "", "sign": "s", "sign_type": "RSA2", "名": "值"}
    assert keys.content_to_sign(fields) == "b=2&=&sign_type=RSA2&名=值".encode()
    assert keys.content_to_sign(fields, without=keys.NOTICE_WITHOUT) == "b=2&=&名=值".encode()


def test_sandbox_keys_are_made_once_and_fit(tmp_path):
    pair = ensure_sandbox_keys(tmp_path)
    assert ensure_sandbox_keys(tmp_path) == pair
    assert {path.name for path in tmp_path.iterdir()} == {"keys"}
    signature = keys.sign(keys.private_key(pair.app_private), b"x")
    assert keys.verify(keys.public_key(pair.app_public), b"x", signature)
    assert not keys.verify(keys.public_key(pair.alipay_public), b"x", signature)
