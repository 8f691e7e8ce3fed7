"""Name the realtime app and let the hub hear what is committed."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"
    label = "realtime"
    verbose_name = "实时"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.core.events import listen

        from .announcing import announce

        listen(announce)
