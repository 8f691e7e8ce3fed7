"""What allauth's provider asks: who issues, and what is said of whom."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.contrib.auth import get_user_model

from . import roster, settings


class Provider(DefaultOIDCAdapter):
    """Say in userinfo what the roster knows; the ID token carries the subject alone. A user's name is the subject."""

    def get_issuer(self) -> str:
        return str(settings.ISSUER)

    def get_user_sub(self, client: Any, user: Any) -> str:
        return str(user.get_username())

    def get_user_by_sub(self, client: Any, sub: str) -> Any:
        return get_user_model().objects.filter(username=sub, is_active=True).first()

    def get_claims(
        self, purpose: str, user: Any, client: Any, scopes: Any, email: str | None = None, **more: Any
    ) -> dict[str, Any]:
        claims: dict[str, Any] = {"sub": self.get_user_sub(client, user)}
        holder = roster.read(settings.FOLDER).get(claims["sub"])
        if holder is not None and purpose == "userinfo" and "profile" in scopes:
            claims |= holder.claims()
        return claims

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        data["scopes_supported"] = ["openid", "profile"]
        data["claims_supported"] = ["sub", "name", "id_kind", "id_number", "uscc", "agent", "level"]
