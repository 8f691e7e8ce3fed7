"""Addresses of public oversight."""

from django.urls import path

from . import views

app_name = "oversight"
urlpatterns = [
    path("", views.oversight, name="oversight"),
    path("records/", views.records, name="records"),
]
