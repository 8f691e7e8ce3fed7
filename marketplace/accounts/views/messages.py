"""Read one's messages."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from marketplace.core import clock

from .. import queries
from ..actions import read_message
from ..models import Message, User


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.inbox(cast(User, request.user)), 20).get_page(request.GET.get("page"))
    return render(request, "accounts/inbox.html", {"page": page})


@login_required
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message and mark it as read; somebody else's does not exist here."""
    row = get_object_or_404(Message, pk=pk, user=request.user)
    read_message(message=row, by=request.user, now=clock.now())
    return render(request, "accounts/message.html", {"row": row})
