"""The safe: secrets that nobody may read before their hour, kept outside the database.

Who reads the database, and every administrator of the site, finds only ciphertext and commitments; the secret that opens
them lies here, encrypted with a key derived from settings.SAFE_KEY, and is given out from its hour on. The default safe is a
folder of the machine (settings.SAFE_DIR, readable by the service alone); a key management service takes its place by
another `Safe` in settings.SAFE. Who owns the machine itself could read memory: docs/decisions/0012 says what that means.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.module_loading import import_string

NAME = re.compile(r"^[a-z0-9][a-z0-9.-]{0,80}$", re.IGNORECASE)


class TooEarly(Exception):
    """Be raised when a secret is asked for before its hour."""


class Missing(Exception):
    """Be raised when the safe does not hold a secret, or cannot read it."""


class Safe(Protocol):
    """Keep secrets by name, each with the hour from which it may be read."""

    def put(self, name: str, secret: bytes, opens_at: datetime) -> None:
        """Keep a secret; name it by its own hash or public key, so that names never meet."""

    def postpone(self, name: str, opens_at: datetime) -> None:
        """Move the hour of a secret later; it never moves earlier."""

    def take(self, name: str, now: datetime) -> bytes:
        """Return a secret whose hour has come; raises TooEarly or Missing."""


class FolderSafe:
    """Keep each secret in a file of its own, encrypted together with its name and hour."""

    def __init__(self) -> None:
        self.folder = Path(settings.SAFE_DIR)
        key = hmac.digest(settings.SAFE_KEY.encode(), b"marketplace safe", hashlib.sha256)
        self.box = Fernet(base64.urlsafe_b64encode(key))

    def put(self, name: str, secret: bytes, opens_at: datetime) -> None:
        """Keep a secret."""
        self._write(self._path(name), name, secret, opens_at)

    def postpone(self, name: str, opens_at: datetime) -> None:
        """Move the hour of a secret later; it never moves earlier."""
        secret, until = self._read(name)
        if opens_at > until:
            self._write(self._path(name), name, secret, opens_at)

    def take(self, name: str, now: datetime) -> bytes:
        """Return a secret whose hour has come; raises TooEarly or Missing."""
        secret, until = self._read(name)
        if now < until:
            raise TooEarly(name)
        return secret

    def _path(self, name: str) -> Path:
        if not NAME.match(name):
            raise ValueError(f"not a name for a secret: {name!r}")
        return self.folder / name

    def _write(self, path: Path, name: str, secret: bytes, opens_at: datetime) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = {"name": name, "opens_at": opens_at.isoformat(), "secret": base64.b64encode(secret).decode()}
        fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(self.box.encrypt(json.dumps(content).encode()))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)

    def _read(self, name: str) -> tuple[bytes, datetime]:
        try:
            content = json.loads(self.box.decrypt(self._path(name).read_bytes()))
        except (OSError, InvalidToken) as error:
            raise Missing(name) from error
        if content["name"] != name:
            raise Missing(name)
        return base64.b64decode(content["secret"]), datetime.fromisoformat(content["opens_at"])


def safe() -> Safe:
    """Return the safe that the settings name."""
    made: Safe = import_string(settings.SAFE)()
    return made
