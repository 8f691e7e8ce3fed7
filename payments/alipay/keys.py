"""RSA keys as Alipay hands them out, and the one signature that we accept: SHA256withRSA (RSA2)."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

MIN_BITS = 2048
PADDING, SHA256 = padding.PKCS1v15(), hashes.SHA256()
_ARMOR = re.compile(r"-----(BEGIN|END) [A-Z ]+-----")


class KeyRefused(ValueError):
    """Say in a sentence what is wrong with a key; `code` names it."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def _der(text: str, what: str) -> bytes:
    body = re.sub(r"\s+", "", _ARMOR.sub("", text))
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise KeyRefused("not_base64", f"the {what} is not base64: was a part of it lost in copying?") from error


@lru_cache(maxsize=32)
def private_key(text: str) -> rsa.RSAPrivateKey:
    """Return the private key in `text`: PKCS#1 or PKCS#8, bare base64 or PEM, any line ends. Loaded once, kept."""
    der = _der(text, "private key")
    try:
        key = serialization.load_der_private_key(der, password=None)
    except (ValueError, TypeError) as error:
        if _is_public(der):
            raise KeyRefused("public_for_private", "a public key stands where the private key belongs") from error
        raise KeyRefused("not_pkcs", "the private key is neither PKCS#1 nor PKCS#8") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyRefused("not_rsa", "the private key is not an RSA key")
    _check_size(key)
    return key


@lru_cache(maxsize=32)
def public_key(text: str) -> rsa.RSAPublicKey:
    """Return the public key in `text`: SubjectPublicKeyInfo or PKCS#1, bare base64 or PEM."""
    der = _der(text, "public key")
    try:
        key = serialization.load_der_public_key(der)
    except ValueError as error:
        raise KeyRefused("not_spki", "the public key is not an X.509 SubjectPublicKeyInfo") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise KeyRefused("not_rsa", "the public key is not an RSA key")
    _check_size(key)
    return key


def _is_public(der: bytes) -> bool:
    try:
        serialization.load_der_public_key(der)
    except ValueError:
        return False
    return True


def _check_size(key: rsa.RSAPrivateKey | rsa.RSAPublicKey) -> None:
    if key.key_size < MIN_BITS:
        raise KeyRefused("too_short", f"the key has {key.key_size} bits; RSA2 needs {MIN_BITS}")


def sign(key: rsa.RSAPrivateKey, content: bytes) -> str:
    """Return the base64 SHA256withRSA signature of `content`."""
    return base64.b64encode(key.sign(content, PADDING, SHA256)).decode("ascii")


def verify(key: rsa.RSAPublicKey, content: bytes, signature: str) -> bool:
    """Tell whether `signature` is a SHA256withRSA signature of `content`; SHA-1, MD5 and loose base64 are not."""
    try:
        key.verify(base64.b64decode(signature, validate=True), content, PADDING, SHA256)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def content_to_sign(parameters: dict[str, str], *, without: frozenset[str] = frozenset({"sign"})) -> bytes:
    """Return what is signed: parameters that are not empty, sorted by name, ``k=v`` joined by ``&``, raw values.

    Requests leave out `sign` alone; notices and return addresses leave out `sign` and `sign_type`.
    """
    return "&".join(
        [f"{name}={parameters[name]}" for name in sorted(parameters) if parameters[name] and name not in without]
    ).encode()


NOTICE_WITHOUT = frozenset({"sign", "sign_type"})


def to_pem(key: rsa.RSAPrivateKey | rsa.RSAPublicKey) -> str:
    """Return a key as PEM: PKCS#8 for a private one, SubjectPublicKeyInfo for a public one."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
