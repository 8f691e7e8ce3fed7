"""Addresses of /v1."""

from django.urls import path

from .entry import entry

app_name = "payments_api"
urlpatterns = [path("<path:path>", entry, name="entry")]
