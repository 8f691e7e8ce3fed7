"""Files by which the catalogue was, or was to be, changed: what stood in them, what they would do, what became of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..states import ImportStatus


class CatalogImport(models.Model):
    """Be an uploaded list with its preview.

    `sha256` is the file's, `catalogue` the hash of the list as it stood when the preview was made: it may be applied only
    while both are the same. `counts` has the rows by outcome (new, changed, same, wrong); `plan` the rows themselves, as
    `marketplace.catalog.lists.preview` writes them.
    """

    class List(models.TextChoices):
        SERVICES = "services", _("中介服务事项")
        MATTERS = "matters", _("政务服务事项")
        KINDS = "kinds", _("资质种类")
        REGIONS = "regions", _("区划")

    listing = models.CharField(_("清单"), max_length=10, choices=List.choices)
    name = models.CharField(_("文件名"), max_length=200)
    file = models.FileField(_("文件"), upload_to="catalog/%Y/")
    sha256 = models.CharField(_("文件哈希"), max_length=64)
    catalogue = models.CharField(max_length=64)
    counts = models.JSONField(_("各类行数"), default=dict)
    plan = models.JSONField(default=list)
    status = models.CharField(_("状态"), max_length=10, choices=ImportStatus.choices, default=ImportStatus.PREVIEWED)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("上传人")
    )
    uploaded_at = models.DateTimeField(_("上传时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("决定人")
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True)

    class Meta:
        verbose_name = _("目录导入")
        verbose_name_plural = _("目录导入")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.get_listing_display()} {self.name}"
