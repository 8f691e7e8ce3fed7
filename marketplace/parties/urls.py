"""Addresses of the parties chapter."""

from django.urls import URLPattern

app_name = "parties"
urlpatterns: list[URLPattern] = []
