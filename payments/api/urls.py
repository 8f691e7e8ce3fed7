"""Addresses of /v1: its description for everybody, and one entry for all routes."""

from django.urls import path, re_path

from .entry import entry
from .openapi import serve_json, serve_yaml

app_name = "payments_api"
urlpatterns = [
    path("openapi.json", serve_json, name="openapi_json"),
    path("openapi.yaml", serve_yaml, name="openapi_yaml"),
    re_path(r"^(?P<path>[\s\S]*)$", entry, name="entry"),
]
