"""Addresses of payments."""

from django.urls import path

from . import views

app_name = "payments"
urlpatterns = [
    path("alipay/notify/", views.alipay_notify, name="alipay_notify"),
    path("<str:intent_id>/", views.payment, name="intent"),
    path("<str:intent_id>/confirm/", views.confirm, name="confirm"),
    path("<str:intent_id>/return/", views.returned, name="return"),
]
