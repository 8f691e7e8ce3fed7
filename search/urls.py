"""Addresses of search."""

from django.urls import path

from . import views
from .views import fitting as fitting_views
from .views import saved as saved_views

app_name = "search"
urlpatterns = [
    path("", views.search, name="search"),
    path("suggest/", views.suggest, name="suggest"),
    path("recent/forget/", views.forget_recent, name="forget_recent"),
    path("saved/", saved_views.saved, name="saved"),
    path("saved/new/", saved_views.save, name="save"),
    path("saved/<int:pk>/", saved_views.change, name="change_saved"),
    path("saved/<int:pk>/run/", saved_views.run, name="run_saved"),
    path("saved/<int:pk>/pause/", saved_views.pause, name="pause_saved"),
    path("saved/<int:pk>/resume/", saved_views.resume, name="resume_saved"),
    path("saved/<int:pk>/delete/", saved_views.delete, name="delete_saved"),
    path("saved/<int:pk>/restore/", saved_views.restore, name="restore_saved"),
    path("saved/stop/<str:token>/", saved_views.stop, name="stop_mail"),
    path("fitting/", fitting_views.needs, name="needs"),
    path("fitting/choices/", fitting_views.choices, name="needs_choices"),
    path("fitting/factors/", fitting_views.factors, name="factors"),
    path("fitting/<str:number>/firms/", fitting_views.firms, name="firms_for"),
]
