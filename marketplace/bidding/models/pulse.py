"""The platform's pulse."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Pulse(models.Model):
    """Say when the platform was last alive: one row, by which a technical failure is noticed afterwards."""

    at = models.DateTimeField(_("最近一次运行"))

    class Meta:
        verbose_name = _("运行脉搏")
        verbose_name_plural = _("运行脉搏")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
