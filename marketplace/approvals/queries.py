"""Reads of messages to the approval platform."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender

from .models import Push
from .states import PushStatus


def pushes_of(organization: Organization) -> QuerySet[Push]:
    """Return the messages about an owner's needs, newest first."""
    return Push.objects.filter(tender__buyer=organization).select_related("tender__project", "tender__case", "event")


def pushes_for(tender: Tender) -> QuerySet[Push]:
    """Return the messages about one need, newest first."""
    return Push.objects.filter(tender=tender).select_related("tender__project", "tender__case", "event")


def last_taken(tender: Tender) -> Push | None:
    """Return the message about a need that the platform took last, or None."""
    return pushes_for(tender).filter(status=PushStatus.SENT).order_by("-sent_at", "-pk").first()


def due_pushes(now: datetime) -> QuerySet[Push]:
    """Return what may be sent now, oldest first; a need's messages go out in the order of its events."""
    waiting = Push.objects.filter(status=PushStatus.WAITING)
    earlier = waiting.filter(tender=OuterRef("tender"), pk__lt=OuterRef("pk"))
    return waiting.filter(~Exists(earlier), next_at__lte=now).select_related("tender__process").order_by("pk")
