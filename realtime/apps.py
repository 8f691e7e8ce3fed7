"""Name the realtime app."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"
    label = "realtime"
    verbose_name = "实时"
    default_auto_field = "django.db.models.BigAutoField"
