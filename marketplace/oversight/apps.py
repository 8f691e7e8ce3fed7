"""Name the oversight app."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "marketplace.oversight"
    label = "oversight"
    verbose_name = "公开监督"
    default_auto_field = "django.db.models.BigAutoField"
