"""Addresses of the accounts chapter."""

from django.urls import path

from .views import addresses, identities, messages, security, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("identity/", identities.first_time, name="identity"),
    path("security/", security.security, name="security"),
    path("security/identities/<int:pk>/unlink/", identities.unlink, name="unlink_identity"),
    path("security/email/", addresses.email, name="email"),
    path("security/email/<str:token>/", addresses.confirm_email, name="confirm_email"),
    path("inbox/", messages.inbox, name="inbox"),
    path("inbox/<int:pk>/", messages.message, name="message"),
]
