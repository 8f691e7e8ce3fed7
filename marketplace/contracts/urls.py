"""Addresses of the contracts chapter."""

from django.urls import URLPattern

app_name = "contracts"
urlpatterns: list[URLPattern] = []
