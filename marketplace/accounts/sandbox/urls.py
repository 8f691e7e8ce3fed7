"""Addresses of the local identity provider."""

from django.urls import include, path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("style.css", views.style, name="style"),
    path("choose/", views.choose, name="account_login"),
    path("leave/", views.leave, name="account_logout"),
    path("identity/o/authorize", views.authorize),
    path("", include("allauth.idp.urls")),
]
