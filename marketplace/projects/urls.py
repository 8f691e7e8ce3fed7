"""Addresses of the projects chapter."""

from django.urls import path

from . import views

app_name = "projects"
urlpatterns = [
    path("pull/", views.pull, name="pull"),
]
