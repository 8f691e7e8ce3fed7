"""Addresses of what belongs to no chapter: health, preferences, the gallery of components."""

from django.conf import settings
from django.urls import path

from . import views
from .views_gallery import Gallery
from .views_preferences import preferences

app_name = "core"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("preferences/", preferences, name="preferences"),
]
if settings.DEBUG:
    urlpatterns.append(path("gallery/", Gallery.as_view(), name="gallery"))
