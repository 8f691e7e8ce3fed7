"""Name the process app."""

from django.apps import AppConfig


class ProcessConfig(AppConfig):
    name = "marketplace.process"
    label = "process"
    verbose_name = "过程"
    default_auto_field = "django.db.models.BigAutoField"
