"""The unified identity against the real local provider, over sockets: whose account it opens, and whose never."""

import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.management import CommandError, call_command
from django.urls import reverse

from marketplace.accounts.actions import link_identity, unlink_identity
from marketplace.accounts.claims import Claims
from marketplace.accounts.models import AccountRecord, Identity, Message, User
from marketplace.accounts.queries import proven_codes
from marketplace.accounts.sandbox import roster
from marketplace.core import clock
from marketplace.core.refusals import Refused
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.identities import CODE, at_provider, come_by, to_provider, user_of

pytestmark = pytest.mark.django_db
FIRST = "/account/identity/"


def test_a_person_opens_an_account_and_comes_again(client, provider):
    answer = come_by(client, "person", "li", onward="/firms/")
    assert answer["Location"] == FIRST
    page = client.get(FIRST).content.decode()
    assert "李示例" in page
    assert user_of(client) is None
    answer = client.post(FIRST, {"open": "1"})
    assert (answer.status_code, answer["Location"]) == (302, "/firms/")
    identity = Identity.objects.select_related("user").get()
    assert user_of(client) == str(identity.user_id)
    assert not identity.user.has_usable_password()
    assert (identity.kind, identity.name, identity.level, identity.uscc) == ("person", "李示例", "L4", "")
    number = roster.FEW[0].id_number
    assert identity.last4 == number[-4:]
    assert len(identity.number_key) == 64
    assert number not in str(Identity.objects.values()) + str(AccountRecord.objects.values()) + str(
        dict(client.session)
    )
    client.post(reverse("accounts:sign_out"))
    assert come_by(client, "person", "li", onward="/firms/")["Location"] == "/firms/"
    assert user_of(client) == str(identity.user_id)
    assert User.objects.count() == 1


def test_the_request_carries_state_nonce_and_pkce(client, provider):
    words = parse_qs(urlsplit(to_provider(client, "person")).query)
    assert words["code_challenge_method"] == ["S256"]
    assert len(words["nonce"][0]) >= 43
    assert len(words["state"][0]) >= 16
    assert set(words["scope"][0].split()) == {"openid", "profile"}
    again = parse_qs(urlsplit(to_provider(client, "person")).query)
    assert words["nonce"] != again["nonce"]
    assert words["code_challenge"] != again["code_challenge"]


def test_a_legal_person_proves_its_code_for_some_hours(client, provider, settings):
    come_by(client, "legal", "firm")
    client.post(FIRST, {"open": "1"})
    user, now = User.objects.get(), clock.now()
    assert user.display_name == "李示例"
    assert proven_codes(user, now=now) == {CODE}
    assert proven_codes(user, now=now + timedelta(hours=13)) == set()
    assert proven_codes(user, now=now + timedelta(hours=13), hours=24) == {CODE}
    assert proven_codes(make_user(), now=now) == set()
    settings.IDENTITY_PROOF_LEVELS = ["L5"]
    assert proven_codes(user, now=now) == set()


def test_two_agents_of_a_firm_are_two_people(client, provider):
    come_by(client, "legal", "firm")
    client.post(FIRST, {"open": "1"})
    client.post(reverse("accounts:sign_out"))
    assert come_by(client, "legal", "firm-2")["Location"] == FIRST
    assert user_of(client) is None


def test_an_existing_account_is_tied_by_its_password_alone(client, provider):
    user = make_user(username="river", display_name="李示例", email="li@example.invalid")
    come_by(client, "person", "li", onward="/firms/")
    answer = client.post(FIRST, {"username": "river", "password": "wrong"})
    assert answer.status_code == 422
    assert "用户名或密码不对" in answer.content.decode()
    assert not Identity.objects.exists()
    answer = client.post(FIRST, {"username": "river", "password": PASSWORD})
    assert answer["Location"] == "/firms/"
    assert Identity.objects.get().user == user
    assert user_of(client) == str(user.pk)
    assert Message.objects.filter(user=user, title__contains="关联统一身份").exists()


def test_an_equal_name_never_opens_somebody_elses_account(client, provider):
    victim = make_user(display_name="李示例", email="li@example.invalid")
    come_by(client, "person", "li")
    client.post(FIRST, {"open": "1"})
    assert Identity.objects.get().user != victim
    assert user_of(client) != str(victim.pk)


def test_who_is_signed_in_ties_it_after_the_password(client, provider):
    user = make_user(username="river")
    client.post(reverse("accounts:sign_in"), {"username": "river", "password": PASSWORD})
    assert come_by(client, "person", "li")["Location"] == FIRST
    answer = client.post(FIRST, {"tie": "1"})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not Identity.objects.exists()
    client.post(answer["Location"], {"password": PASSWORD, "next": FIRST})
    client.post(FIRST, {"tie": "1"})
    assert Identity.objects.get().user == user


def test_an_identity_left_waiting_is_not_tied_to_the_next_person(client, provider):
    come_by(client, "person", "li")
    make_user(username="next")
    client.post(reverse("accounts:sign_in"), {"username": "next", "password": PASSWORD})
    assert client.get(FIRST)["Location"] == reverse("accounts:sign_in")
    client.post(FIRST, {"tie": "1"})
    assert not Identity.objects.exists()


def test_a_second_factor_is_asked_for_before_an_identity_is_tied(client, provider):
    user = make_user(username="river")
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    come_by(client, "person", "li")
    answer = client.post(FIRST, {"username": "river", "password": PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not Identity.objects.exists()
    code = format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", int(time.time()) // 30))
    assert client.post(answer["Location"], {"code": code})["Location"] == FIRST
    asked = client.post(FIRST, {"tie": "1"})["Location"]
    client.post(asked, {"password": PASSWORD, "next": FIRST})
    client.post(FIRST, {"tie": "1"})
    assert Identity.objects.get().user == user
    client.post(reverse("accounts:sign_out"))
    assert come_by(client, "person", "li")["Location"] == reverse(
        "mfa_authenticate"
    )  # the identity alone is one factor
    assert user_of(client) is None


def test_a_taken_identity_is_not_moved(client, provider):
    come_by(client, "person", "li")
    client.post(FIRST, {"open": "1"})
    owner = Identity.objects.get().user
    client.post(reverse("accounts:sign_out"))
    make_user(username="thief")
    client.post(reverse("accounts:sign_in"), {"username": "thief", "password": PASSWORD})
    answer = come_by(client, "person", "li")
    assert answer["Location"] == reverse("accounts:security")
    assert "已关联到另一个账号" in client.get(answer["Location"]).content.decode()
    assert Identity.objects.get().user == owner


def test_the_last_way_in_stays(client, provider):
    come_by(client, "person", "li")
    client.post(FIRST, {"open": "1"})
    identity, now = Identity.objects.select_related("user").get(), clock.now()
    with pytest.raises(Refused) as refused:
        unlink_identity(identity=identity, by=identity.user, now=now)
    assert refused.value.code == "last_way_in"
    with pytest.raises(Refused) as refused:
        unlink_identity(identity=identity, by=make_user(), now=now)
    assert refused.value.code == "not_yours"
    answer = client.get(reverse("accounts:unlink_identity", args=[identity.pk]))
    assert answer["Location"].startswith(reverse("account_set_password"))
    password = {"password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_set_password"), password)
    address = reverse("accounts:unlink_identity", args=[identity.pk])
    asked = client.get(address)["Location"]
    client.post(asked, {"password": PASSWORD, "next": address})
    assert "不能再登录这个账号" in client.get(address).content.decode()
    client.post(address)
    assert not Identity.objects.exists()


def test_a_first_password_wants_the_identity_again(client, provider):
    come_by(client, "person", "li")
    client.post(FIRST, {"open": "1"})
    session = client.session
    for one in session["account_authentication_methods"]:
        one["at"] -= 601  # a session left open since then
    session.save()
    address, words = reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(address, words)["Location"] == reverse("accounts:security")
    assert not User.objects.get().has_usable_password()
    assert "再次核实个人身份" in client.get(reverse("accounts:security")).content.decode()
    assert come_by(client, "person", "li", onward=address)["Location"] == address
    client.post(address, words)
    assert User.objects.get().has_usable_password()


def test_somebody_elses_identity_is_not_there(client, provider):
    come_by(client, "person", "li")
    client.post(FIRST, {"open": "1"})
    stranger = make_user(username="stranger")
    client.force_login(stranger)
    address = reverse("accounts:unlink_identity", args=[Identity.objects.get().pk])
    asked = client.get(address)["Location"]
    client.post(asked, {"password": PASSWORD, "next": address})
    assert client.post(address).status_code == 404
    assert Identity.objects.count() == 1


def test_one_subject_is_tied_once():
    user, other, now = make_user(), make_user(), clock.now()
    claims = Claims("https://id.invalid", "s1", "person", "李示例")
    made = link_identity(user=user, claims=claims, by=user, now=now)
    assert link_identity(user=user, claims=claims, by=user, now=now) == made
    with pytest.raises(Refused) as refused:
        link_identity(user=other, claims=claims, by=other, now=now)
    assert refused.value.code == "identity_taken"
    with pytest.raises(Refused) as refused:
        link_identity(user=user, claims=claims, by=other, now=now)
    assert refused.value.code == "not_yours"


def test_signing_out_ends_the_session_at_the_provider_too(client, provider):
    come_by(client, "person", "li")
    client.post(FIRST, {"open": "1"})
    answer = client.post(reverse("accounts:sign_out"))
    assert user_of(client) is None
    address = urlsplit(answer["Location"])
    assert address.path == "/identity/o/logout"
    words = parse_qs(address.query)
    assert words["post_logout_redirect_uri"] == ["http://testserver/"]
    assert words["id_token_hint"][0].count(".") == 2


def test_the_session_gets_a_new_key(client, provider):
    client.get(reverse("accounts:sign_in"))
    back = at_provider(to_provider(client, "person"), "li")
    client.get(back)
    before = client.session.session_key
    client.post(FIRST, {"open": "1"})
    assert client.session.session_key != before


def test_a_foreign_next_is_not_kept(client, provider):
    come_by(client, "person", "li", onward="https://example.invalid/")
    assert client.post(FIRST, {"open": "1"})["Location"] == reverse("process:desk")


def test_an_operator_takes_lost_second_factors_away(client):
    user = make_user(username="river")
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    call_command("reset_second_factor", "river", reason="手机遗失，已当面核对身份证")
    client.post(reverse("accounts:sign_in"), {"username": "river", "password": PASSWORD})
    assert user_of(client) == str(user.pk)
    assert "手机遗失" in AccountRecord.objects.get(what="codes_removed").how
    assert Message.objects.filter(user=user, title__contains="停用动态验证码").exists()
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "river", reason="再一次")
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody", reason="没有这个人")


def test_the_sandbox_never_runs_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("identity_sandbox")
    settings.PRODUCTION = False
    with pytest.raises(CommandError, match="IDENTITY_ISSUER"):
        call_command("identity_sandbox")
