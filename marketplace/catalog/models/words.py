"""What rows of the catalogue share: names in two languages, and lengths of time with their unit."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _


class Bilingual(models.Model):
    """Carry a name in Chinese and in English."""

    name = models.CharField(_("名称"), max_length=200)
    name_en = models.CharField(_("英文名称"), max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """Give the name in the reader's language."""
        return self.in_language("name")

    def in_language(self, field: str) -> str:
        """Give a field that has an `_en` twin in the reader's language, in Chinese where English is missing."""
        english = getattr(self, f"{field}_en") if (get_language() or "").startswith("en") else ""
        return str(english or getattr(self, field))


class TimeUnit(models.TextChoices):
    """Name what a length of time is counted in."""

    WORKING_DAY = "working_day", _("工作日")
    DAY = "day", _("自然日")
    MONTH = "month", _("个月")
    YEAR = "year", _("年")


def duration_words(count: int | None, unit: str) -> str:
    """Put a length of time into words ("20 个工作日"); "" where nobody has said how long."""
    if count is None:
        return ""
    if unit == TimeUnit.WORKING_DAY:
        return ngettext("%(count)d 个工作日", "%(count)d 个工作日", count) % {"count": count}
    if unit == TimeUnit.MONTH:
        return ngettext("%(count)d 个月", "%(count)d 个月", count) % {"count": count}
    if unit == TimeUnit.YEAR:
        return ngettext("%(count)d 年", "%(count)d 年", count) % {"count": count}
    return ngettext("%(count)d 天（自然日）", "%(count)d 天（自然日）", count) % {"count": count}
