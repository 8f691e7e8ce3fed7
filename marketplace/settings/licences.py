"""Settings of licences: which electronic licence library we ask, with which key, and how long we wait."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from .environment import PRODUCTION, env

__all__ = ["LICENCE_LIBRARY_KEY", "LICENCE_LIBRARY_TIMEOUT", "LICENCE_LIBRARY_URL"]

LOCAL_KEY = "local-licence-library"  # of the demo's own library; whoever knows it can sign
# Empty: there is no library, and everything goes on by hand.
LICENCE_LIBRARY_URL = env("LICENCE_LIBRARY_URL").rstrip("/")
LICENCE_LIBRARY_KEY = env("LICENCE_LIBRARY_KEY", LOCAL_KEY)
LICENCE_LIBRARY_TIMEOUT = float(env("LICENCE_LIBRARY_TIMEOUT", "5"))  # seconds for one whole answer
if PRODUCTION and LICENCE_LIBRARY_URL and LICENCE_LIBRARY_KEY in {"", LOCAL_KEY}:
    raise ImproperlyConfigured("PRODUCTION with LICENCE_LIBRARY_URL needs the library's own LICENCE_LIBRARY_KEY.")
