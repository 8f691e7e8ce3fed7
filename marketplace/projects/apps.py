"""Name the projects app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "marketplace.projects"
    label = "projects"
    verbose_name = "投资项目"
    default_auto_field = "django.db.models.BigAutoField"
