"""Addresses of the process chapter."""

from django.urls import URLPattern

app_name = "process"
urlpatterns: list[URLPattern] = []
