"""Tell whether this process can serve."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from .health import standings
from .models import Process


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, 503 when it does not. Parts that the site can do without only say how they stand."""
    try:
        connection.ensure_connection()
        Process.objects.exists()
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "unreachable"}, status=503)
    return JsonResponse({"status": "ok", "database": connection.vendor, **standings()})
