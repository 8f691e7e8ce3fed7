"""Name the bidding app."""

from django.apps import AppConfig


class BiddingConfig(AppConfig):
    name = "marketplace.bidding"
    label = "bidding"
    verbose_name = "报名与竞价"
    default_auto_field = "django.db.models.BigAutoField"
