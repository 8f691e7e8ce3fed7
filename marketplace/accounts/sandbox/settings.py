"""Settings of the local identity provider: its own database, keys and cookies; nothing of the marketplace's.

`manage.py identity_sandbox` gives the environment; on its own the module refuses.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured

if os.environ.get("PRODUCTION", "0") in {"1", "true", "yes"}:
    raise ImproperlyConfigured("The local identity provider never runs in production: set IDENTITY_ISSUER.")
FOLDER = Path(os.environ["IDENTITY_SANDBOX_DIR"])
FOLDER.mkdir(parents=True, exist_ok=True)
ISSUER = os.environ["IDENTITY_SANDBOX_ISSUER"]
CLIENTS: dict[str, dict[str, str]] = json.loads(os.environ["IDENTITY_SANDBOX_CLIENTS"])  # kind: client_id, secret
RETURNS: list[str] = json.loads(os.environ["IDENTITY_SANDBOX_RETURNS"])  # origins of the marketplace
PASSWORD = os.environ["IDENTITY_SANDBOX_PASSWORD"]


def kept(name: str, make: str) -> str:
    """Return what lies in the folder under `name`; made at the first start, readable by its owner alone."""
    path = FOLDER / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make)
    return path.read_text()


def new_key() -> str:
    if (FOLDER / "key.pem").exists():
        return ""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


SECRET_KEY = kept("secret_key", secrets.token_urlsafe(50))
IDP_OIDC_PRIVATE_KEY = kept("key.pem", new_key())
IDP_OIDC_ADAPTER = "marketplace.accounts.sandbox.provider.Provider"
IDP_OIDC_RP_INITIATED_LOGOUT_ASKS_FOR_OP_LOGOUT = False  # the token that comes along says enough

ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = [
    "allauth.account",
    "allauth.idp.oidc",
    "allauth",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]
MIDDLEWARE = [
    "marketplace.accounts.sandbox.views.policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "marketplace.accounts.sandbox.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "identity.sqlite3",
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
}
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
# Cookies know no ports: other names, so that the marketplace's session beside it lives on.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "identity_session", "identity_csrf"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
USE_TZ, TIME_ZONE, LANGUAGE_CODE = True, "Asia/Shanghai", "zh-hans"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
