"""Name the approvals app."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "marketplace.approvals"
    label = "approvals"
    verbose_name = "审批协同"
    default_auto_field = "django.db.models.BigAutoField"
