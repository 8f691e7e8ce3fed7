"""Name the awards app."""

from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "marketplace.awards"
    label = "awards"
    verbose_name = "中选"
    default_auto_field = "django.db.models.BigAutoField"
