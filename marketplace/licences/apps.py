"""Name the licences app, and say at /healthz how the library stands."""

from django.apps import AppConfig


class LicencesConfig(AppConfig):
    name = "marketplace.licences"
    label = "licences"
    verbose_name = "电子证照"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import standing  # noqa: F401
