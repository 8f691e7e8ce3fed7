"""Name the contracts app."""

from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "marketplace.contracts"
    label = "contracts"
    verbose_name = "合同"
    default_auto_field = "django.db.models.BigAutoField"
