"""Addresses of search for programs."""

from django.urls import path

from .answers import search, suggest
from .openapi import serve_json, serve_yaml

app_name = "search_api"
urlpatterns = [
    path("", search, name="search"),
    path("/suggest", suggest, name="suggest"),
    path("/openapi.json", serve_json, name="openapi_json"),
    path("/openapi.yaml", serve_yaml, name="openapi_yaml"),
]
