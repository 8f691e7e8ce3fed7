"""The local gateway's two key pairs, made on first use and shared by both sides through the data folder."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from payments.alipay.keys import to_pem

NAMES = ("app_private", "app_public", "alipay_private", "alipay_public")


@dataclass(frozen=True)
class SandboxKeys:
    """PEM texts: the merchant's pair and the gateway's pair."""

    app_private: str
    app_public: str
    alipay_private: str
    alipay_public: str


def ensure_sandbox_keys(data_dir: Path) -> SandboxKeys:
    """Return the keys below `data_dir`/keys, making them when they are not there yet.

    The folder appears complete or not at all, so that two processes that start together agree.
    """
    return _ensure(Path(data_dir))


@lru_cache(maxsize=8)
def _ensure(data_dir: Path) -> SandboxKeys:
    folder = data_dir / "keys"
    if not folder.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=data_dir, prefix=".keys-"))
        for owner in ("app", "alipay"):
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            for name, text in ((f"{owner}_private", to_pem(key)), (f"{owner}_public", to_pem(key.public_key()))):
                path = fresh / f"{name}.pem"
                path.write_text(text)
                path.chmod(0o600)
        with contextlib.suppress(OSError):  # somebody else was first: theirs count
            fresh.rename(folder)
        shutil.rmtree(fresh, ignore_errors=True)
    return SandboxKeys(**{name: (folder / f"{name}.pem").read_text() for name in NAMES})
