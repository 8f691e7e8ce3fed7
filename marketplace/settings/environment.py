"""What every setting reads: the environment, where data lies, and which kind of run this is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: str = "0") -> bool:
    return env(name, default) in {"1", "true", "yes"}


# One machine by default: everything that is written lies below DATA_DIR. Tests leave the demo's folder alone.
TESTING = "pytest" in sys.modules
DATA_DIR = Path(env("DATA_DIR", str(BASE_DIR / "var" / "tests" if TESTING else BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
PRODUCTION, DEMO, DEBUG = flag("PRODUCTION"), flag("DEMO"), flag("DEBUG")
BASE_URL = env("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
if PRODUCTION and (DEMO or DEBUG):
    raise ImproperlyConfigured("PRODUCTION refuses DEMO and DEBUG: sandboxes are never on in production.")
