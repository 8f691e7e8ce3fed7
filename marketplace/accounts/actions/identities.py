"""Tie proven identities to accounts, and part them again."""

from __future__ import annotations

import secrets
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.core.refusals import Forbidden, Refused

from ..claims import Claims
from ..models import AccountRecord, Identity, User
from .messages import notify
from .opening import create_account
from .records import record


def use_identity(*, claims: Claims, now: datetime) -> Identity | None:
    """Return the identity that these claims prove, with what the provider now says of it written down; None when no account
    is tied to it yet.
    """
    found = Identity.objects.select_related("user").filter(**_whose(claims)).first()
    if found is None:
        return None
    for name, value in _facts(claims).items():
        setattr(found, name, value)
    found.last_used_at = now
    found.save(update_fields=[*_facts(claims), "last_used_at"])
    return found


@transaction.atomic
def link_identity(
    *, user: User, claims: Claims, request: HttpRequest | None = None, by: User, now: datetime
) -> Identity:
    """Tie a freshly proven identity to an account.

    The caller has made sure that `by` is signed in as `user`; an equal name or mail address never suffices.
    Refuses: not_yours (403), identity_taken (it belongs to another account; nothing is moved).
    """
    if by.pk != user.pk:
        raise Forbidden("not_yours", _("只能把身份关联到您自己的账号。"))
    known = Identity.objects.filter(**_whose(claims)).first()
    if known is not None and known.user_id == user.pk:
        return known
    taken = Refused("identity_taken", _("这个身份已关联到另一个账号。请用它登录那个账号，解除后再来关联。"))
    if known is not None:
        raise taken
    try:
        with transaction.atomic():
            made = Identity.objects.create(
                user=user, **_whose(claims), **_facts(claims), linked_at=now, last_used_at=now
            )
    except IntegrityError as twice:
        raise taken from twice
    _tell(user, AccountRecord.What.IDENTITY_LINKED, made, request, now)
    return made


@transaction.atomic
def open_account(*, claims: Claims, request: HttpRequest | None = None, now: datetime) -> User:
    """Open an account for somebody whom the provider proves and who has none; without a password, which may be set later.

    Refuses: identity_taken.
    """
    user = create_account(
        username=f"id-{secrets.token_hex(5)}", password=None, display_name=claims.agent or claims.name
    )
    record(user=user, what=AccountRecord.What.OPENED, request=request, how=str(_("统一身份")), now=now)
    link_identity(user=user, claims=claims, request=request, by=user, now=now)
    return user


@transaction.atomic
def unlink_identity(*, identity: Identity, request: HttpRequest | None = None, by: User, now: datetime) -> None:
    """Part an identity from its account. Refuses: not_yours (403), last_way_in (nothing else would let the owner in)."""
    owner = User.objects.select_for_update().get(pk=identity.user_id)
    if by.pk != owner.pk:
        raise Forbidden("not_yours", _("这个身份关联在别人的账号上。"))
    others = owner.identities.exclude(pk=identity.pk).exists()
    has_passkey = Authenticator.objects.filter(user=owner, type=Authenticator.Type.WEBAUTHN).exists()
    if not (others or has_passkey or owner.has_usable_password()):
        raise Refused("last_way_in", _("这是您登录的唯一方式。请先设一个密码，再解除关联。"))
    identity.delete()
    _tell(owner, AccountRecord.What.IDENTITY_UNLINKED, identity, request, now)


def _whose(claims: Claims) -> dict[str, str]:
    return {"issuer": claims.issuer, "subject": claims.subject, "agent": claims.agent}


def _facts(claims: Claims) -> dict[str, str]:
    return {
        "kind": claims.kind,
        "name": claims.name,
        "uscc": claims.uscc,
        "number_key": claims.number_key,
        "last4": claims.last4,
        "level": claims.level,
    }


def _tell(user: User, what: AccountRecord.What, identity: Identity, request: HttpRequest | None, now: datetime) -> None:
    record(user=user, what=what, request=request, how=str(identity), now=now)
    title = _("账号安全：%(what)s %(identity)s") % {"what": what.label, "identity": identity}
    body = _("如果不是您本人操作，请马上修改密码，并在“账号安全”里解除关联、退出其他设备。")
    notify(user=user, title=title, body=body, url=reverse("accounts:security"), now=now)
