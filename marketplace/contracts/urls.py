"""Addresses of the contracts chapter."""

from django.urls import path

from . import views

app_name = "contracts"
urlpatterns = [
    path("milestones/<int:pk>/pay/", views.pay, name="pay"),
    path("milestones/<int:pk>/deliver/", views.deliver, name="deliver"),
    path("milestones/<int:pk>/accept/", views.accept, name="accept"),
    path("milestones/<int:pk>/return/", views.give_back, name="return"),
    path("due/", views.due, name="due"),
    path("files/<int:pk>/", views.file, name="file"),
    path("<slug:number>/", views.contract, name="contract"),
    path("<slug:number>/pdf/", views.pdf, name="pdf"),
    path("<slug:number>/statement/", views.statement, name="statement"),
    path("<slug:number>/edit/", views.edit, name="edit"),
    path("<slug:number>/offer/", views.offer, name="offer"),
    path("<slug:number>/sign/", views.sign, name="sign"),
    path("<slug:number>/received/", views.received, name="received"),
]
