"""Reads of messages."""

from __future__ import annotations

from django.db.models import QuerySet

from .models import Message, User


def inbox(user: User) -> QuerySet[Message]:
    """Return a person's messages, the newest first."""
    return Message.objects.filter(user=user)
