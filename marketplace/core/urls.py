"""Addresses of what belongs to no chapter: health, preferences, the gallery of components."""

from django.urls import path

from . import views

app_name = "core"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
]
