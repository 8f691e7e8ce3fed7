"""The unified identity 统一身份认证 as OpenID Connect provider: the one file behind which it sits.

django-allauth keeps state, PKCE and the exchange of the code. Added here is what OpenID Connect Core 1.0 asks of a client beyond
that: a nonce (3.1.2.1), the signature of every ID token whatever the channel (3.1.3.7), the subject of userinfo against that of
the token (5.3.2), and discovery whose issuer is the configured one (Discovery 4.3). Whatever is wrong becomes `OAuth2Error`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from .box import box
from .claims import Claims, Nonsense

ALGORITHMS = ("RS256", "ES256")
LEEWAY_SECONDS = 30  # two machines' clocks
DISCOVERY_SECONDS = 300
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
UNREACHABLE = (requests.RequestException, OAuth2Error)


def nonce_of(verifier: str) -> str:
    """Derive the nonce from PKCE's verifier: both live in the session, and the digest of one gives nothing away."""
    digest = hashlib.sha256(b"nonce:" + verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Door(OpenIDConnectOAuth2Adapter):
    """Talk to the provider: discovery, the exchange, and the checks of what it answers."""

    verifier = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        if not hasattr(self, "_openid_config"):
            self._openid_config = discover(self.get_provider().app.settings["issuer"])
        return self._openid_config

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        self.verifier = pkce_code_verifier or ""
        answer = super().get_access_token_data(request, app, client, pkce_code_verifier=pkce_code_verifier)
        if not isinstance(answer.get("id_token"), str) or not isinstance(answer.get("access_token"), str):
            raise OAuth2Error("no ID token")
        return answer

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **more: Any) -> Any:
        id_token = more["response"]["id_token"]
        proven = self._decode_id_token(app, id_token)
        said = self._fetch_user_info(token.token)
        if not isinstance(said, dict) or said.get("sub") != proven["sub"]:
            raise OAuth2Error("userinfo is about somebody else")
        try:
            claims = Claims.read(app.settings["issuer"], {**proven, **said}, kind=app.provider_id)
        except Nonsense as nonsense:
            raise OAuth2Error(str(nonsense)) from nonsense
        answer = claims.as_dict() | {"sign_out": box().encrypt(id_token.encode()).decode()}
        return self.get_provider().sociallogin_from_response(request, answer)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """Return the token's claims after every check of OpenID Connect Core 3.1.3.7 that a code flow needs."""
        try:
            proven = jwt.decode(
                id_token,
                key=self._key(id_token),
                algorithms=list(ALGORITHMS),
                audience=app.client_id,
                issuer=app.settings["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
            )
        except jwt.PyJWTError as wrong:
            raise OAuth2Error(f"ID token: {wrong}") from wrong
        if isinstance(proven["aud"], list) and len(proven["aud"]) > 1 and proven.get("azp") != app.client_id:
            raise OAuth2Error("ID token: meant for another client")
        if not self.verifier or not hmac.compare_digest(str(proven["nonce"]), nonce_of(self.verifier)):
            raise OAuth2Error("ID token: wrong nonce")
        return proven

    def _key(self, id_token: str) -> Any:
        """Return the provider's key that the token names; without a name, its only one."""
        named = jwt.get_unverified_header(id_token).get("kid")
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            published = answer.json()
        if not isinstance(published, dict):
            raise OAuth2Error("no key set")
        keys = [one for one in jwt.PyJWKSet.from_dict(published).keys if named is None or one.key_id == named]
        if len(keys) != 1:
            raise OAuth2Error("ID token: signed with an unknown key")
        return keys[0].key


class UnifiedIdentity(OpenIDConnectProvider):
    """allauth's OpenID Connect provider with our claims; PKCE and nonce always, nothing taken from the query string."""

    oauth2_adapter_class = Door

    def get_default_scope(self) -> list[str]:
        return ["openid", "profile"]

    def get_pkce_params(self) -> dict[str, str]:
        params = generate_code_challenge()
        return {**params, "nonce": nonce_of(params["code_verifier"])}

    def extract_uid(self, data: dict[str, Any]) -> str:
        # allauth's own column is shorter than a subject may be, and its row is never saved: ours is Identity.
        return hashlib.sha256(f"{data['issuer']} {data['subject']}".encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return data

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []


def discover(issuer: str) -> dict[str, Any]:
    """Return the provider's discovery document, at most five minutes old; raises OAuth2Error or RequestException."""
    key = f"identity-discovery:{hashlib.sha256(issuer.encode()).hexdigest()}"
    if known := cache.get(key):
        return known
    with get_adapter().get_requests_session() as session:
        answer = session.get(f"{issuer}/.well-known/openid-configuration")
        answer.raise_for_status()
        document = answer.json()
    if not isinstance(document, dict) or document.get("issuer") != issuer:
        raise OAuth2Error("discovery: not the configured issuer")
    schemes = {"https"} if settings.PRODUCTION else {"https", "http"}
    for name in ENDPOINTS:
        address = document.get(name)
        if not isinstance(address, str) or urlsplit(address).scheme not in schemes:
            raise OAuth2Error(f"discovery: no usable {name}")
    cache.set(key, document, DISCOVERY_SECONDS)
    return document


def sign_out_address(kind: str, sealed_token: str, back: str) -> str:
    """Return where to send a browser to end its session at the provider too, or "" when that cannot be said now."""
    client = settings.IDENTITY_CLIENTS.get(kind)
    if client is None:
        return ""
    try:
        address = discover(client["issuer"]).get("end_session_endpoint")
    except UNREACHABLE:
        return ""
    if not isinstance(address, str) or not address.startswith("http"):
        return ""
    hint = box().decrypt(sealed_token.encode()).decode()
    words = {"id_token_hint": hint, "client_id": client["client_id"], "post_logout_redirect_uri": back}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(words)}"
