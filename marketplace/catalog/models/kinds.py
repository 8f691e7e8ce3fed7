"""Kinds of qualification: what firms hold, and what professionals hold."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .words import Bilingual


class QualificationKind(Bilingual):
    """Be a kind of qualification; `grades` lists its grades, highest first, empty when it has none.

    A kind that a person holds is a registered practitioner's profession. `licence_type` is the 证照类型代码 under which
    the electronic licence library keeps such certificates, empty where it does not; `is_licence_type_local` that we made it up
    until the library's own is known.
    """

    class Holder(models.TextChoices):
        ORGANIZATION = "organization", _("机构")
        PERSON = "person", _("执业人员")

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    holder = models.CharField(_("持有人"), max_length=12, choices=Holder.choices, default=Holder.ORGANIZATION)
    authority = models.CharField(_("发证机关"), max_length=120, blank=True)
    grades = models.JSONField(_("等级（由高到低）"), default=list, blank=True)
    abolished_on = models.DateField(_("取消日期"), null=True, blank=True)
    licence_type = models.CharField(_("证照类型代码"), max_length=32, blank=True)
    is_licence_type_local = models.BooleanField(_("证照类型代码是本地编号"), default=False)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("资质种类")
        verbose_name_plural = _("资质种类")
        ordering = ("code",)
