"""Addresses of the oversight chapter."""

from django.urls import URLPattern

app_name = "oversight"
urlpatterns: list[URLPattern] = []
