"""Addresses of the projects chapter."""

from django.urls import URLPattern

app_name = "projects"
urlpatterns: list[URLPattern] = []
