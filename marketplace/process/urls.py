"""Addresses of the desk and of timelines."""

from django.urls import path

from . import views

app_name = "process"
urlpatterns = [
    path("desk/", views.desk, name="desk"),
    path("process/<str:ocid>/", views.process_timeline, name="timeline"),
]
