"""Addresses of the reviews chapter."""

from django.urls import path

from . import views

app_name = "reviews"
urlpatterns = [
    path("contracts/<slug:number>/", views.review, name="review"),
    path("<int:pk>/reply/", views.reply, name="reply"),
]
