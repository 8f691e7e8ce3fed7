"""Addresses of the live rooms over HTTP; sockets have theirs in routing.py."""

from django.urls import path

from .streams import stream

app_name = "realtime"
urlpatterns = [path("auctions/<str:number>/stream/", stream, name="stream")]
