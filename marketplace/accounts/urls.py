"""Addresses of the accounts chapter."""

from django.urls import URLPattern

app_name = "accounts"
urlpatterns: list[URLPattern] = []
