"""Addresses of django-allauth's pages: only those that we use, each in our look, and none that would go round our sign-in."""

from allauth.account import views as account
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from .views import identities, security

SIGN_IN = RedirectView.as_view(pattern_name="accounts:sign_in", query_string=True)
SECURITY = RedirectView.as_view(pattern_name="accounts:security")

urlpatterns = [
    path("login/", SIGN_IN, name="account_login"),
    path("signup/", SIGN_IN, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("again/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("password/first/", security.first_password, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    path("password/reset/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("second-factor/", SECURITY, name="mfa_index"),
    path("second-factor/webauthn/", SECURITY, name="mfa_list_webauthn"),
    path("second-factor/", include("allauth.mfa.urls")),
    path("devices/", include("allauth.usersessions.urls")),
    path("identity/<slug:provider_id>/", identities.leave, name="openid_connect_login"),
    path("identity/<slug:provider_id>/callback/", identities.callback, name="openid_connect_callback"),
]
