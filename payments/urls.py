"""Addresses of payments."""

from django.urls import path

from . import views

app_name = "payments"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("table/", views.mine_table, name="mine_table"),
    path("alipay/notify/", views.alipay_notify, name="alipay_notify"),
    path("funds/", views.funds, name="funds"),
    path("funds/statement/", views.statement, name="statement"),
    path("funds/account/", views.account, name="account"),
    path("receipts/", views.check_receipt, name="check_receipt"),
    path("<str:intent_id>/", views.payment, name="intent"),
    path("<str:intent_id>/confirm/", views.confirm, name="confirm"),
    path("<str:intent_id>/return/", views.returned, name="return"),
    path("<str:intent_id>/ask/", views.ask, name="ask"),
    path("<str:intent_id>/cancel/", views.cancel, name="cancel"),
    path("<str:intent_id>/refund/", views.refund, name="refund"),
    path("<str:intent_id>/invoice/", views.invoice, name="invoice"),
    path("<str:intent_id>/invoice/file/<str:invoice_id>/", views.invoice_file, name="invoice_file"),
    path("<str:intent_id>/receipt/", views.receipt, name="receipt"),
    path("<str:intent_id>/receipt/pdf/", views.receipt_pdf, name="receipt_pdf"),
]
