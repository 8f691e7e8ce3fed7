"""Who asks: the organization for which a signed-in person acts, and the gates in front of views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from marketplace.core.refusals import Forbidden

from .models import Organization
from .states import OrganizationStatus

SESSION_KEY = "organization"
View = Callable[..., HttpResponseBase]


def organizations_of(user: Any) -> list[Organization]:
    """Return the organizations that `user` may act for, the oldest membership first."""
    if not getattr(user, "is_authenticated", False):
        return []
    rows = user.memberships.current().select_related("organization__process").order_by("pk")
    return [row.organization for row in rows if row.organization.status != OrganizationStatus.REMOVED]


def current_organization(request: HttpRequest) -> Organization | None:
    """Return the organization chosen in this session, else the user's first, else None. Cached on the request."""
    if not hasattr(request, "acting_organization"):
        mine = organizations_of(request.user)
        chosen = request.session.get(SESSION_KEY)
        picked = next((one for one in mine if one.pk == chosen), mine[0] if mine else None)
        request.acting_organization = picked  # type: ignore[attr-defined]
    return request.acting_organization  # type: ignore[attr-defined]


def is_member(user: Any, organization: Organization | None, *, power: str | None = None) -> bool:
    """Tell whether `user` may act for `organization` today, and with `power` (of Membership.Power) whether in this."""
    if organization is None or not getattr(user, "is_authenticated", False):
        return False
    row = user.memberships.current().filter(organization=organization).first()
    return row is not None and (power is None or row.has_power(power))


def acts_as(role: str) -> Callable[[View], View]:
    """Let a view in only for somebody who acts for a "buyer" or an "intermediary"; sign-in first, else 403 in words."""

    def gate(view: View) -> View:
        @login_required
        @wraps(view)
        def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            organization = current_organization(request)
            if organization is None or not getattr(organization, f"is_{role}"):
                message = (
                    _("这一页供项目业主使用，请先登记业主身份。")
                    if role == "buyer"
                    else _("这一页供中介机构使用，请先办理入驻。")
                )
                raise Forbidden("role_needed", message)
            return view(request, *args, **kwargs)

        return inside

    return gate
