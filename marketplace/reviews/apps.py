"""Name the reviews app."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "marketplace.reviews"
    label = "reviews"
    verbose_name = "评价"
    default_auto_field = "django.db.models.BigAutoField"
