"""A passkey in software: an authenticator (WebAuthn level 2, attestation none, ES256) that tests play a browser with."""

import hashlib
import json
import secrets
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftKey:
    """Make one credential and sign with it."""

    def __init__(self, *, origin="http://localhost", verifies=True):
        self.origin = origin
        self.flags = PRESENT | (VERIFIED if verifies else 0)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.handle = b""
        self.count = 0

    def client(self, kind, options):
        words = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(words).encode()

    def data(self, name, *, attested=b""):
        self.count += 1
        flags = self.flags | (ATTESTED if attested else 0)
        return hashlib.sha256(name.encode()).digest() + struct.pack(">BI", flags, self.count) + attested

    def create(self, options, *, client=None):
        """Answer navigator.credentials.create() as our script hands it over."""
        public = options["publicKey"]
        from fido2.utils import websafe_decode

        self.handle = websafe_decode(public["user"]["id"])
        cose = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        statement = {"fmt": "none", "attStmt": {}, "authData": self.data(public["rp"]["id"], attested=attested)}
        return {
            "type": "public-key",
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": {
                "clientDataJSON": websafe_encode(client or self.client("webauthn.create", public)),
                "attestationObject": websafe_encode(cbor.encode(statement)),
            },
        }

    def get(self, options, *, key=None):
        """Answer navigator.credentials.get(); with another `key` the signature is a forgery."""
        public = options["publicKey"]
        client, data = self.client("webauthn.get", public), self.data(public.get("rpId", "localhost"))
        signature = (key or self.key).sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "type": "public-key",
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(self.handle),
            },
        }
