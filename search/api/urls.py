"""Addresses of search for programs."""

from django.urls import path

from .answers import search, suggest
from .openapi import serve_json, serve_yaml

app_name = "search_api"
urlpatterns = [
    path("search", search, name="search"),
    path("search/suggest", suggest, name="suggest"),
    path("search/openapi.json", serve_json, name="openapi_json"),
    path("search/openapi.yaml", serve_yaml, name="openapi_yaml"),
]
