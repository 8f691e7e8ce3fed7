"""Reads of messages, of what happened to an account, and of whom it is proven to be."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from .models import AccountRecord, Identity, Message, User


def inbox(user: User) -> QuerySet[Message]:
    """Return a person's messages, the newest first."""
    return Message.objects.filter(user=user)


def records(user: User) -> QuerySet[AccountRecord]:
    """Return what happened to somebody's account, the newest first."""
    return AccountRecord.objects.filter(user=user)


def identities(user: User) -> QuerySet[Identity]:
    """Return the persons and legal persons as whom the unified identity has proven somebody, oldest tie first."""
    return Identity.objects.filter(user=user)


def proven(user: User | AnonymousUser, *, now: datetime, hours: int | None = None) -> QuerySet[Identity]:
    """Return the legal persons for whom somebody signed in within `hours` (IDENTITY_PROOF_HOURS).

    Only sign-ins of a level in IDENTITY_PROOF_LEVELS count. Who holds a proven code may claim its organization without waiting;
    whether the code is well-formed is for parties.uscc to say.
    """
    if not isinstance(user, User):
        return Identity.objects.none()
    since = now - timedelta(hours=settings.IDENTITY_PROOF_HOURS if hours is None else hours)
    return identities(user).filter(
        kind=Identity.Kind.LEGAL,
        last_used_at__gt=since,
        last_used_at__lte=now,
        level__in=settings.IDENTITY_PROOF_LEVELS,
    )


def proven_codes(user: User | AnonymousUser, *, now: datetime, hours: int | None = None) -> set[str]:
    """Return the codes (USCC) of the legal persons that are `proven`."""
    return set(proven(user, now=now, hours=hours).values_list("uscc", flat=True))
