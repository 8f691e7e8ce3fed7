"""Searches that people saved, the documents that they were found by, and the mails that are owed about them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from search.states import SavedStatus


class Telling(models.TextChoices):
    """How somebody is told."""

    SITE = "site", _("站内消息")
    MAIL = "mail", _("邮件")
    BOTH = "both", _("站内消息和邮件")


class Rhythm(models.TextChoices):
    """When somebody is told."""

    AT_ONCE = "at_once", _("有新结果时马上告诉我")
    DAILY = "daily", _("每天早上 8 点汇总一次")


class SavedSearch(models.Model):
    """Be a search that a person saved.

    `parameters` is the query string of the result page without page and order, its names and values sorted, so that the same
    search reads the same; `text` and `chosen` (values by facet) are what the form made of it, which the index watches.
    `is_watched` says that the index knows the present state. `deleted_from` is the state to which an undo leads back.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("名称"), max_length=60)
    parameters = models.CharField(max_length=2000)
    text = models.CharField(max_length=200, blank=True)
    chosen = models.JSONField(default=dict)
    telling = models.CharField(_("告知方式"), max_length=4, choices=Telling.choices, default=Telling.SITE)
    rhythm = models.CharField(_("告知时间"), max_length=8, choices=Rhythm.choices, default=Rhythm.DAILY)
    status = models.CharField(_("状态"), max_length=8, choices=SavedStatus.choices, default=SavedStatus.ACTIVE)
    created_at = models.DateTimeField(_("保存时间"))
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_from = models.CharField(max_length=8, blank=True)
    is_watched = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("已存的搜索")
        verbose_name_plural = _("已存的搜索")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "parameters"), condition=~Q(status="deleted"), name="saved_search_once"
            ),
            models.CheckConstraint(
                condition=Q(status="deleted", deleted_at__isnull=False)
                | (~Q(status="deleted") & Q(deleted_at__isnull=True)),
                name="saved_search_deleted_when",
            ),
        )
        indexes = (
            models.Index(fields=("id",), condition=Q(is_watched=False), name="saved_search_unwatched"),
            models.Index(fields=("deleted_at",), condition=Q(status="deleted"), name="saved_search_deleted"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def by_site(self) -> bool:
        return self.telling in {Telling.SITE, Telling.BOTH}

    @property
    def by_mail(self) -> bool:
        return self.telling in {Telling.MAIL, Telling.BOTH}

    @property
    def address(self) -> str:
        """Give the address that runs it, the newest results first."""
        return f"{reverse('search:search')}?{self.parameters}&sort=newest"


class Letter(models.Model):
    """Owe a mail about what a saved search found.

    `begun_at` is written before the mail goes out and `done_at` after it: a crash between the two leaves a letter that may
    have gone out, which is tried once more and then never again (`tries`). A refusal of the mail server takes the try back.
    A letter that nobody wants any more is done too.
    """

    search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="letters")
    title = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("提醒邮件")
        verbose_name_plural = _("提醒邮件")
        indexes = (models.Index(fields=("due_at",), condition=Q(done_at=None), name="letter_owed"),)

    def __str__(self) -> str:
        return self.title


class Alert(models.Model):
    """Say that a saved search found a document; each version of it once.

    `news` is a digest of what a reader would notice: a version that has the same tells nothing new. `told_at` is empty until
    its person was told, or it turned out that there was nobody to tell.
    """

    search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="alerts")
    key = models.CharField(max_length=40)
    version = models.PositiveBigIntegerField()
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=300)
    news = models.CharField(max_length=32)
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("搜索提醒")
        verbose_name_plural = _("搜索提醒")
        ordering = ("found_at", "pk")
        constraints = (models.UniqueConstraint(fields=("search", "key", "version"), name="alert_once"),)
        indexes = (models.Index(fields=("search", "found_at"), condition=Q(told_at=None), name="alert_untold"),)

    def __str__(self) -> str:
        return f"{self.search_id} {self.key}@{self.version}"
