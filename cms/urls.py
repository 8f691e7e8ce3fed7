"""Addresses of the cms beside Wagtail's own."""

from django.urls import path

from . import views

app_name = "cms"
urlpatterns = [path("home/live/", views.live, name="live")]
