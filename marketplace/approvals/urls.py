"""Addresses of the approvals pages."""

from django.urls import path

from . import views

app_name = "approvals"
urlpatterns = [
    path("", views.pushes, name="pushes"),
    path("<str:number>/", views.pushes, name="tender"),
    path("messages/<int:pk>/retry/", views.retry, name="retry"),
]
