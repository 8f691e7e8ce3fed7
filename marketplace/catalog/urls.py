"""Addresses of the catalog chapter."""

from django.urls import path

from . import views

app_name = "catalog"
urlpatterns = [
    path("", views.services, name="services"),
    path("matters/<str:code>/", views.matter, name="matter"),
    path("<str:code>/", views.service, name="service"),
]
