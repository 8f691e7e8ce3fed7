"""Moments as people say them: a limit that falls on midnight belongs to the day that ends."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils.formats import date_format

from .workdays import SHANGHAI


def until(moment: datetime, pattern: str = "Y-m-d H:i") -> str:
    """Say until when, in Shanghai: 2 December 00:00 is "2026-12-01 24:00", the end of the day before."""
    local = moment.astimezone(SHANGHAI)
    if local.time() != time():
        return str(date_format(local, pattern))
    return str(date_format(local - timedelta(days=1), pattern.replace("H", "24")))
