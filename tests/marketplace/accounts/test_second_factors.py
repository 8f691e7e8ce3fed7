"""Codes, recovery codes and passkeys: what lets in, what does not, and what the owner hears of it."""

import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import AccountRecord, Message
from tests.factories.accounts import PASSWORD, make_admin, make_user
from tests.factories.identities import user_of

from .soft_key import SoftKey

pytestmark = pytest.mark.django_db
SECOND = "/account/second-factor/authenticate/"


@pytest.fixture
def client():
    return Client(SERVER_NAME="localhost")


def sign_in(client, user, **more):
    words = {"username": user.username, "password": PASSWORD, **more}
    return client.post(reverse("accounts:sign_in"), words)


def again(client, address):
    """Open a page that asks for the password first, and give it."""
    asked = client.get(address)
    if asked.status_code == 302:
        client.post(asked["Location"], {"password": PASSWORD, "next": address})
        asked = client.get(address)
    return asked


def code(secret, *, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def wrong(secret):
    near = {code(secret, steps=step) for step in range(-2, 3)}
    return next(text for text in ("123456", "654321", "111111", "222222", "333333", "444444") if text not in near)


def with_codes(client, user):
    """Enable codes as a person does; return the secret and the recovery codes shown once."""
    sign_in(client, user)
    address = reverse("mfa_activate_totp")
    page = again(client, address).content.decode()
    secret = re.search(r'id="secret">([A-Z2-7]+)<', page).group(1)
    answer = client.post(address, {"code": code(secret, steps=-1)})
    shown = client.get(answer["Location"]).content.decode()
    client.post(reverse("accounts:sign_out"))
    return secret, re.findall(r"<li>(\d{8})</li>", shown)


def with_passkey(client, user, key):
    sign_in(client, user)
    address = reverse("mfa_add_webauthn")
    answer = client.post(
        address, {"credential": json.dumps(made(client, address, key)), "name": "办公室电脑", "passwordless": "True"}
    )
    client.post(reverse("accounts:sign_out"))
    return answer


def data_of(page):
    return json.loads(re.search(r'id="passkey-data" type="application/json">(.*?)</script>', page, re.DOTALL).group(1))


def made(client, address, key):
    return key.create(data_of(again(client, address).content.decode())["creation_options"])


def offered(client):
    answer = client.get(reverse("mfa_login_webauthn"), HTTP_ACCEPT="application/json")
    return answer.json()["request_options"]


def test_codes_are_asked_for_after_the_password(client):
    user = make_user()
    secret, _recovery = with_codes(client, user)
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret not in stored
    answer = sign_in(client, user, next="/firms/")
    assert answer["Location"] == SECOND
    assert user_of(client) is None
    assert client.get(reverse("process:desk")).status_code == 302
    assert "第二步验证" in client.get(SECOND).content.decode()
    answer = client.post(SECOND, {"code": wrong(secret)})
    assert "验证码不对" in answer.content.decode()
    answer = client.post(SECOND, {"code": code(secret)})
    assert answer["Location"] == "/firms/"
    assert user_of(client) == str(user.pk)
    assert AccountRecord.objects.filter(user=user, what="code_failed").count() == 1
    assert AccountRecord.objects.filter(user=user, what="signed_in").first().how == "密码＋动态验证码"
    assert Message.objects.filter(user=user, title__contains="启用动态验证码").count() == 1


def test_a_code_is_good_once(client):
    user = make_user()
    secret, _recovery = with_codes(client, user)
    used = code(secret)
    sign_in(client, user)
    client.post(SECOND, {"code": used})
    client.post(reverse("accounts:sign_out"))
    sign_in(client, user)
    assert client.post(SECOND, {"code": used}).status_code == 200
    assert user_of(client) is None


def test_codes_cannot_be_guessed(client):
    user = make_user()
    secret, recovery = with_codes(client, user)
    sign_in(client, user)
    for _time in range(5):
        client.post(SECOND, {"code": wrong(secret)})
    for right in (code(secret), recovery[0]):
        page = client.post(SECOND, {"code": right}).content.decode()
        assert "试错的次数太多" in page
        assert user_of(client) is None
    other = Client(SERVER_NAME="localhost", REMOTE_ADDR="127.0.0.9")  # a limit of the account, not of the address
    sign_in(other, user)
    other.post(SECOND, {"code": code(secret)})
    assert user_of(other) is None


def test_a_second_factor_cannot_be_walked_round(client):
    user = make_user()
    with_codes(client, user)
    sign_in(client, user)
    for address in (reverse("accounts:security"), reverse("mfa_deactivate_totp"), reverse("account_change_password")):
        answer = client.get(address)
        assert (answer.status_code, "sign-in" in answer["Location"]) == (302, True), address
    assert "login" not in client.get("/admin/login/")["Location"]
    client.post("/admin/login/", {"username": user.username, "password": PASSWORD})
    assert user_of(client) is None


def test_each_recovery_code_is_good_once(client):
    user = make_user()
    _secret, recovery = with_codes(client, user)
    assert len(set(recovery)) == 10
    for turn, expected in ((0, str(user.pk)), (0, None), (1, str(user.pk))):
        sign_in(client, user)
        client.post(SECOND, {"code": recovery[turn]})
        assert user_of(client) == expected
        client.post(reverse("accounts:sign_out"))
    sign_in(client, user)
    client.post(SECOND, {"code": recovery[2]})
    assert "恢复码还有 7 个" in client.get(reverse("accounts:security")).content.decode()
    shown = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert not any(one in shown for one in recovery)


def test_codes_are_disabled_after_the_password(client):
    user = make_user()
    secret, _recovery = with_codes(client, user)
    sign_in(client, user)
    client.post(SECOND, {"code": code(secret)})
    address = reverse("mfa_deactivate_totp")
    assert client.post(address)["Location"].startswith(reverse("account_reauthenticate"))
    assert Authenticator.objects.filter(user=user).count() == 2
    again(client, address)
    client.post(address)
    assert not Authenticator.objects.filter(user=user).exists()


def test_a_passkey_signs_in_without_a_password(client):
    user, key = make_user(), SoftKey()
    assert with_passkey(client, user, key)["Location"] == reverse("mfa_view_recovery_codes")
    answer = client.post(
        reverse("mfa_login_webauthn"), {"credential": json.dumps(key.get(offered(client))), "next": "/firms/"}
    )
    assert answer["Location"] == "/firms/"
    assert user_of(client) == str(user.pk)
    assert AccountRecord.objects.filter(user=user, what="signed_in").first().how == "通行密钥"
    page = client.get(reverse("accounts:security")).content.decode()
    assert "办公室电脑" in page
    pk = Authenticator.objects.get(user=user, type="webauthn").pk
    address = reverse("mfa_edit_webauthn", args=[pk])
    again(client, address)
    client.post(address, {"name": "书房", "next": reverse("accounts:security")})
    assert "书房" in client.get(reverse("accounts:security")).content.decode()
    client.post(reverse("mfa_remove_webauthn", args=[pk]))
    assert not Authenticator.objects.filter(user=user).exists()


def test_a_passkey_is_a_second_step_too(client):
    user, key = make_user(), SoftKey()
    with_passkey(client, user, key)
    assert sign_in(client, user, next="/firms/")["Location"] == SECOND
    options = data_of(client.get(SECOND).content.decode())["request_options"]
    assert client.post(SECOND, {"credential": json.dumps(key.get(options))})["Location"] == "/firms/"
    assert user_of(client) == str(user.pk)


def test_forged_and_repeated_passkeys_do_not_let_in(client):
    user, key = make_user(), SoftKey()
    with_passkey(client, user, key)
    login = reverse("mfa_login_webauthn")
    options = offered(client)
    good = key.get(options)
    stranger, elsewhere = SoftKey(), SoftKey(origin="https://example.invalid")
    stranger.handle, elsewhere.id, elsewhere.handle, elsewhere.key = key.handle, key.id, key.handle, key.key
    unverified = SoftKey(verifies=False)
    unverified.id, unverified.handle, unverified.key = key.id, key.handle, key.key
    lies = {
        "signed by another key": lambda now: key.get(now, key=ec.generate_private_key(ec.SECP256R1())),
        "of a key that nobody added": stranger.get,
        "given to another site": elsewhere.get,
        "without looking who is there": unverified.get,
        "for an earlier question": lambda now: good,
        "no object": lambda now: [],
        "without an answer": lambda now: {"response": {}},
        "for nobody": lambda now: {**good, "response": {**good["response"], "userHandle": None}},
    }
    for name, lie in lies.items():
        client.post(login, {"credential": json.dumps(lie(offered(client)))})
        assert user_of(client) is None, name
    right = key.get(offered(client))
    client.post(login, {"credential": json.dumps(right)})
    assert user_of(client) == str(user.pk)
    client.post(reverse("accounts:sign_out"))
    client.post(login, {"credential": json.dumps(right)})
    assert user_of(client) is None


def test_a_passkey_that_knows_nobody_is_not_taken(client):
    user = make_user()
    page = with_passkey(client, user, SoftKey(verifies=False)).content.decode()
    assert "验证码不对" in page
    assert not Authenticator.objects.exists()


def test_passkeys_want_a_name_not_an_ip_address():
    client = Client(HTTP_HOST="127.0.0.1:8000")
    client.force_login(make_user())
    page = client.get(reverse("accounts:security")).content.decode()
    assert "http://localhost:8000/account/security/" in page
    assert "添加通行密钥" not in page


def test_administrators_need_a_second_factor_where_it_is_required(client, settings):
    admin = make_admin()
    client.force_login(admin)
    assert client.get("/admin/").status_code == 200
    settings.STAFF_SECOND_FACTOR = True
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain == [("/account/security/", 302)]
    assert "管理后台要求第二步验证" in answer.content.decode()
    assert client.get("/firms/").status_code == 200
    secret, _recovery = with_codes(client, admin)
    sign_in(client, admin)
    client.post(SECOND, {"code": code(secret)})
    assert client.get("/admin/").status_code == 200


def test_changes_are_told_by_mail(client):
    user = make_user()
    with_codes(client, user)
    assert any("启用动态验证码" in one.subject for one in mail.outbox)
