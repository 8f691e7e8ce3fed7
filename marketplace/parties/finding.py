"""Find services by words: by their letters, and as the site's search does where SERVICE_FINDER names its function."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from marketplace.catalog.models import ServiceCategory


def services_found(words: str) -> set[str]:
    """Return the codes of the open services that say all the words, or that the search finds for them."""
    rows = ServiceCategory.objects.open()
    for word in words.split():
        says = Q(name__icontains=word) | Q(name_en__icontains=word) | Q(requirement_text__icontains=word)
        rows = rows.filter(says | Q(department__icontains=word) | Q(code__iexact=word))
    found = set(rows.values_list("code", flat=True))
    if settings.SERVICE_FINDER:
        codes = import_string(settings.SERVICE_FINDER)(words)
        found |= set(ServiceCategory.objects.open().filter(code__in=codes).values_list("code", flat=True))
    return found
