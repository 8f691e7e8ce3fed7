"""Name the tenders app."""

from django.apps import AppConfig


class TendersConfig(AppConfig):
    name = "marketplace.tenders"
    label = "tenders"
    verbose_name = "采购需求"
    default_auto_field = "django.db.models.BigAutoField"
