"""Passwords changed, forgotten and set; devices signed out elsewhere; the session's key; where `next` may lead."""

import re

import pytest
from django.core import mail
from django.test import Client, TestCase
from django.urls import reverse

from marketplace.accounts.models import AccountRecord
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.identities import user_of

pytestmark = pytest.mark.django_db
NEW = "copper-mountain-88"


def sign_in(client, username, password=PASSWORD, **more):
    return client.post(reverse("accounts:sign_in"), {"username": username, "password": password, **more})


def test_a_telephone_number_signs_in_too(client):
    user, other = make_user(phone="13907010001"), make_user(phone="13907010001", password=NEW)
    sign_in(client, " １３９０７０１０００１ ")
    assert user_of(client) == str(user.pk)
    client.post(reverse("accounts:sign_out"))
    sign_in(client, "13907010001", NEW)
    assert user_of(client) == str(other.pk)
    client.post(reverse("accounts:sign_out"))
    assert sign_in(client, "13907010001", "wrong").status_code == 422


def test_a_name_comes_before_a_number(client):
    owner = make_user(username="13907010002", password=NEW)
    make_user(phone="13907010002")
    assert sign_in(client, "13907010002").status_code == 422
    sign_in(client, "13907010002", NEW)
    assert user_of(client) == str(owner.pk)


def test_an_account_that_was_closed_stays_closed(client):
    user = make_user(username="river")
    user.is_active = False
    user.save()
    assert sign_in(client, "river").status_code == 422
    assert user_of(client) is None


def test_the_session_gets_a_new_key_and_the_device_is_listed(client):
    make_user(username="river")
    client.get(reverse("accounts:sign_in"))
    client.session["seen"] = 1
    session = client.session
    session["seen"] = 1
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    client.post(
        reverse("accounts:sign_in"), {"username": "river", "password": PASSWORD}, HTTP_USER_AGENT="River/1.0 (Phone)"
    )
    assert client.session.session_key != before
    page = client.get(reverse("usersessions_list")).content.decode()
    assert "River/1.0 (Phone)" in page
    assert "这台设备" in page


def test_others_are_signed_out_elsewhere(client):
    user, elsewhere = make_user(username="river"), Client()
    sign_in(elsewhere, "river")
    sign_in(client, "river")
    assert elsewhere.get(reverse("process:desk")).status_code == 200
    client.post(reverse("usersessions_list"))
    assert elsewhere.get(reverse("process:desk")).status_code == 302
    assert client.get(reverse("process:desk")).status_code == 200
    assert AccountRecord.objects.filter(user=user, what="signed_out_elsewhere").count() == 1


def test_a_new_password_signs_others_out(client):
    make_user(username="river")
    elsewhere = Client()
    sign_in(elsewhere, "river")
    sign_in(client, "river")
    address = reverse("account_change_password")
    words = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    assert "现在的密码不对" in client.post(address, words).content.decode()
    weak = client.post(address, {"oldpassword": PASSWORD, "password1": "12345678901", "password2": "12345678901"})
    assert weak.status_code == 200
    answer = client.post(address, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert answer["Location"] == reverse("accounts:security")
    assert client.get(reverse("accounts:security")).status_code == 200
    assert elsewhere.get(reverse("accounts:security")).status_code == 302
    assert any("修改密码" in one.subject for one in mail.outbox)


def test_a_forgotten_password_is_set_anew_by_mail(client):
    user = make_user(username="river", email="river@example.invalid")
    client.post(reverse("account_reset_password"), {"email": "River@Example.invalid"})
    assert [one.lower() for one in mail.outbox[0].to] == ["river@example.invalid"]
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body).group(1)
    page = client.get(link, follow=True)
    form = page.request["PATH_INFO"]
    assert "设置新密码" in page.content.decode()
    client.post(form, {"password1": NEW, "password2": NEW})
    assert user_of(client) is None
    sign_in(client, "river", NEW)
    assert user_of(client) == str(user.pk)
    assert AccountRecord.objects.filter(user=user, what="password_reset").exists()
    assert "这个链接已失效" in Client().get(link, follow=True).content.decode()


def test_nobody_learns_which_addresses_are_known(client):
    make_user(email="river@example.invalid")
    known = client.post(reverse("account_reset_password"), {"email": "river@example.invalid"})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.invalid"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert "没有账号留过这个邮箱" in mail.outbox[1].body


def test_a_mail_address_counts_when_it_is_confirmed(client):
    user = make_user(username="river", email="old@example.invalid")
    sign_in(client, "river")
    address = reverse("accounts:email")
    client.post(client.get(address)["Location"], {"password": PASSWORD, "next": address})
    assert client.post(address, {"email": "old@example.invalid"}).status_code == 422
    assert client.post(address, {"email": "new@example.invalid"}).status_code == 302
    link = re.search(r"http://[^/]+(\S+)", mail.outbox[-1].body).group(1)
    assert mail.outbox[-1].to == ["new@example.invalid"]
    assert "new@example.invalid" in Client().get(link).content.decode()
    user.refresh_from_db()
    assert user.email == "old@example.invalid"
    assert Client().post(link[:-4] + "abc/").status_code == 422
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(link)
    user.refresh_from_db()
    assert user.email == "new@example.invalid"
    assert mail.outbox[-1].to == ["old@example.invalid"]
    assert Client().post(link).status_code == 422
    for _time in range(5):
        answer = client.post(address, {"email": "third@example.invalid"})
    assert answer.status_code == 429


@pytest.mark.parametrize(
    "foreign",
    [
        "https://example.invalid/",
        "//example.invalid/",
        "javascript:alert(1)",
        "http:example.invalid",
        "\\\\example.invalid",
    ],
)
def test_next_stays_on_this_site(client, foreign):
    make_user(username="river")
    assert sign_in(client, "river", next=foreign)["Location"] == reverse("process:desk")
    again = client.post(f"{reverse('account_reauthenticate')}?next={foreign}", {"password": PASSWORD, "next": foreign})
    assert "example.invalid" not in again["Location"]


def test_allauths_own_doors_lead_to_ours(client):
    for name in ("account_login", "account_signup"):
        assert client.get(reverse(name))["Location"] == reverse("accounts:sign_in")
    make_user(username="river")
    client.post(reverse("account_login"), {"login": "river", "password": PASSWORD})
    assert user_of(client) is None
    assert client.get("/admin/login/?next=/admin/")["Location"] == f"{reverse('accounts:sign_in')}?next=/admin/"
    assert client.get("/admin/password_reset/").status_code == 404
