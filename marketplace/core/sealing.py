"""The sealed box: anybody who has its public key may put in, only who has the private key takes out. Pure, no I/O.

X25519 with a fresh key for each message, HKDF-SHA-256, ChaCha20-Poly1305 (RFC 7748, 5869, 8439); the way of HPKE's base mode
(RFC 9180), written out. A message is 1 byte of version, 32 bytes of the fresh public key, then ciphertext with its tag.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
KEY, NONCE, TAG = 32, 12, 16
OVERHEAD = len(VERSION) + KEY + TAG  # how much longer a sealed message is than what is in it


class Unopenable(Exception):
    """Be raised when a message was changed, belongs elsewhere, or was sealed to another key."""


def new_key() -> tuple[bytes, str]:
    """Make a box: return its private key (32 bytes, for the safe) and its public key (64 hexadecimal digits)."""
    key = X25519PrivateKey.generate()
    return key.private_bytes_raw(), key.public_key().public_bytes_raw().hex()


def seal(public: str, plaintext: bytes, context: bytes) -> bytes:
    """Seal `plaintext` to the box `public`; it opens with the same `context` (what it is and whose) only."""
    fresh = X25519PrivateKey.generate()
    lid = VERSION + fresh.public_key().public_bytes_raw()
    target = bytes.fromhex(public)
    key, nonce = _derive(fresh.exchange(X25519PublicKey.from_public_bytes(target)), lid, target)
    return lid + ChaCha20Poly1305(key).encrypt(nonce, plaintext, context)


def unseal(private: bytes, sealed: bytes, context: bytes) -> bytes:
    """Return what was sealed to the box of `private` under `context`; raises Unopenable."""
    lid, rest = sealed[: len(VERSION) + KEY], sealed[len(VERSION) + KEY :]
    if not sealed.startswith(VERSION) or len(rest) < TAG:
        raise Unopenable
    own = X25519PrivateKey.from_private_bytes(private)
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(lid[len(VERSION) :]))
        key, nonce = _derive(shared, lid, own.public_key().public_bytes_raw())
        return ChaCha20Poly1305(key).decrypt(nonce, rest, context)
    except (InvalidTag, ValueError) as error:  # ValueError: a public key of small order gives no secret
        raise Unopenable from error


def _derive(shared: bytes, lid: bytes, target: bytes) -> tuple[bytes, bytes]:
    """Return key and nonce of one message; both keys go in, so that a message holds for this pair alone."""
    stretched = HKDF(hashes.SHA256(), KEY + NONCE, salt=None, info=b"marketplace sealed box" + lid + target).derive(
        shared
    )
    return stretched[:KEY], stretched[KEY:]
