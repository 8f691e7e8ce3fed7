"""Settings of signing in: django-allauth's, second factors, and which unified identity provider we ask."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .environment import DATA_DIR, PRODUCTION, env, flag

__all__ = [
    "ACCOUNT_ADAPTER",
    "ACCOUNT_DEFAULT_HTTP_PROTOCOL",
    "ACCOUNT_EMAIL_NOTIFICATIONS",
    "ACCOUNT_EMAIL_SUBJECT_PREFIX",
    "ACCOUNT_EMAIL_VERIFICATION",
    "ACCOUNT_FORMS",
    "ACCOUNT_LOGIN_METHODS",
    "ACCOUNT_RATE_LIMITS",
    "ACCOUNT_REAUTHENTICATION_METHODS",
    "ACCOUNT_SIGNUP_ENABLED",
    "ACCOUNT_SIGNUP_FIELDS",
    "ACCOUNT_USER_DISPLAY",
    "IDENTITY_CLIENTS",
    "IDENTITY_ORIGINS",
    "IDENTITY_PROOF_HOURS",
    "IDENTITY_PROOF_LEVELS",
    "MFA_ADAPTER",
    "MFA_ALLOW_UNVERIFIED_EMAIL",
    "MFA_FORMS",
    "MFA_PASSKEY_LOGIN_ENABLED",
    "MFA_RECOVERY_CODES_SHOW_ONCE",
    "MFA_SUPPORTED_TYPES",
    "MFA_TOTP_TOLERANCE",
    "SOCIALACCOUNT_ADAPTER",
    "SOCIALACCOUNT_PROVIDERS",
    "SOCIALACCOUNT_REQUESTS_TIMEOUT",
    "STAFF_SECOND_FACTOR",
    "USERSESSIONS_ADAPTER",
]

# Accounts are opened inside entry or from a proven identity; allauth's own sign-up is neither open nor routed.
ACCOUNT_ADAPTER = "marketplace.accounts.adapters.AccountAdapter"
ACCOUNT_SIGNUP_ENABLED = False
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "【鹰潭市网上中介服务超市】"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
ACCOUNT_USER_DISPLAY = str
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
# Guesses of a one-time code or of the password asked for again: of one address, and of one account.
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/300s/key"}
ACCOUNT_FORMS = {
    "change_password": "marketplace.accounts.forms.ChangePasswordForm",
    "reauthenticate": "marketplace.accounts.forms.ReauthenticateForm",
    "reset_password": "marketplace.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "marketplace.accounts.forms.ResetPasswordKeyForm",
    "set_password": "marketplace.accounts.forms.SetPasswordForm",
}

USERSESSIONS_ADAPTER = "marketplace.accounts.adapters.DevicesAdapter"
MFA_ADAPTER = "marketplace.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an address is optional here, and no way of signing in
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # 30 seconds early or late: phones' clocks
MFA_FORMS = {
    "activate_totp": "marketplace.accounts.forms.ActivateCodesForm",
    "add_webauthn": "marketplace.accounts.forms.AddPasskeyForm",
    "authenticate": "marketplace.accounts.forms.CodeForm",
    "edit_webauthn": "marketplace.accounts.forms.RenamePasskeyForm",
    "reauthenticate": "marketplace.accounts.forms.CodeAgainForm",
}
# Administrators open the desks with a second factor only; in a demo they are advised to have one.
STAFF_SECOND_FACTOR = flag("STAFF_SECOND_FACTOR", "1" if PRODUCTION else "0")


# Unified identity 统一身份认证 over OpenID Connect: natural persons, and legal persons with their agents. A city with one
# provider and one client gives three variables; where legal persons have a client or a provider of their own, three more.
def local_secret() -> str:
    """Return the secret between us and the provider in the sandbox, made at the first start and kept beside the data."""
    path = DATA_DIR / "identity_secret"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(32))
        path.chmod(0o600)
    return path.read_text()


IDENTITY_ISSUER = env("IDENTITY_ISSUER").rstrip("/")
IDENTITY_CLIENTS: dict[str, dict[str, str]] = {}
if IDENTITY_ISSUER:
    person = {
        "issuer": IDENTITY_ISSUER,
        "client_id": env("IDENTITY_CLIENT_ID"),
        "secret": env("IDENTITY_CLIENT_SECRET") or ("" if PRODUCTION else local_secret()),
    }
    legal = {
        "issuer": env("IDENTITY_LEGAL_ISSUER", IDENTITY_ISSUER).rstrip("/"),
        "client_id": env("IDENTITY_LEGAL_CLIENT_ID", person["client_id"]),
        "secret": env("IDENTITY_LEGAL_CLIENT_SECRET", person["secret"]),
    }
    IDENTITY_CLIENTS = {"person": person, "legal": legal}
    if PRODUCTION and not all(
        one["issuer"].startswith("https://") and one["client_id"] and one["secret"] for one in (person, legal)
    ):
        raise ImproperlyConfigured("IDENTITY_ISSUER needs https, IDENTITY_CLIENT_ID and IDENTITY_CLIENT_SECRET.")
IDENTITY_ORIGINS = sorted(
    {"{0.scheme}://{0.netloc}".format(urlsplit(one["issuer"])) for one in IDENTITY_CLIENTS.values()}
)
# A code of a legal person counts as proven for so long after a sign-in of one of these levels of assurance.
IDENTITY_PROOF_HOURS = int(env("IDENTITY_PROOF_HOURS", "12"))
IDENTITY_PROOF_LEVELS = [level for level in env("IDENTITY_PROOF_LEVELS", "L3,L4").split(",") if level]

SOCIALACCOUNT_ADAPTER = "marketplace.accounts.adapters.IdentityAdapter"
SOCIALACCOUNT_REQUESTS_TIMEOUT = int(env("IDENTITY_TIMEOUT", "5"))  # seconds


def providers(clients: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Return allauth's setting of its providers for our clients, by kind of holder."""
    apps = [
        {
            "provider_id": kind,
            "name": kind,
            "client_id": client["client_id"],
            "secret": client["secret"],
            "settings": {"server_url": client["issuer"], "issuer": client["issuer"]},
        }
        for kind, client in clients.items()
    ]
    return {"openid_connect": {"provider_class": "marketplace.accounts.oidc.UnifiedIdentity", "APPS": apps}}


SOCIALACCOUNT_PROVIDERS = providers(IDENTITY_CLIENTS)
