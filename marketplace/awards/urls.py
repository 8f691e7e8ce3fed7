"""Addresses of the awards chapter."""

from django.urls import path

from . import views

app_name = "awards"
urlpatterns = [
    path("<int:pk>/", views.award, name="award"),
    path("<int:pk>/object/", views.object_to, name="object"),
    path("objections/<int:pk>/decide/", views.decide, name="decide"),
]
