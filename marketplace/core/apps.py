"""The core app: name it and find every chapter's handlers."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "marketplace.core"
    label = "core"
    verbose_name = "核心"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import every installed app's `handlers` so that its reactions and due work are known."""
        autodiscover_modules("handlers", "proofs")
