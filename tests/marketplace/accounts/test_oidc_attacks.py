"""Answers of a provider that must not be believed, and a provider that is down, slow or talks nonsense."""

import hashlib
import socket
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from django.core.cache import cache
from django.urls import reverse

from marketplace.accounts.models import Identity, User
from marketplace.settings.identity import providers
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.identities import CLIENTS, at_provider, come_by, to_provider, user_of

from .middleman import by_public_key, foreign_key, long_ago, middleman, signed, unsigned

pytestmark = pytest.mark.django_db
FIRST = "/account/identity/"
TOKEN, USERINFO = "/identity/o/api/token", "/identity/o/api/userinfo"


def believe(server, issuer):
    """Let our side reach the provider's back channel through the middleman; its front and its name stay."""
    document = httpx.get(f"{issuer}/.well-known/openid-configuration").json()
    for name in ("token_endpoint", "userinfo_endpoint", "jwks_uri"):
        document[name] = document[name].replace(issuer, server.address)
    cache.set(f"identity-discovery:{hashlib.sha256(issuer.encode()).hexdigest()}", document, 300)


def refused(client, answer):
    """Tell that nobody came in, and that the page says so and leads to the password."""
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, reverse("accounts:sign_in"))
    page = client.get(answer["Location"]).content.decode()
    assert user_of(client) is None
    assert "identity_waiting" not in client.session
    assert not Identity.objects.exists()
    return "统一身份认证暂时用不了" in page


def ways_to_lie(pem):
    public = serialization.load_pem_private_key(pem, None).public_key()
    text = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    other = foreign_key()
    return {
        "signed by another key": lambda token: signed(token, other),
        "not signed": unsigned,
        "signed with the public key as a secret": lambda token: by_public_key(token, text),
        "expired": lambda token: signed(token, pem, exp=long_ago()),
        "of another issuer": lambda token: signed(token, pem, iss="https://elsewhere.invalid"),
        "for another client": lambda token: signed(token, pem, aud="somebody-else"),
        "for several clients, ours not the one that asked": lambda token: signed(
            token, pem, aud=["marketplace-person", "other"], azp="other"
        ),
        "with another nonce": lambda token: signed(token, pem, nonce="x" * 43),
        "without a nonce": lambda token: signed(token, pem, nonce=None),
        "without an end": lambda token: signed(token, pem, exp=None),
        "about somebody else than userinfo": lambda token: signed(token, pem, sub="0" * 32),
        "from the future": lambda token: signed(token, pem, iat=int(time.time()) + 3600),
        "cut short": lambda token: token[: len(token) // 2],
    }


def test_id_tokens_that_lie(client, provider):
    lie = {"now": lambda token: token}

    def change(path, answer):
        return answer | {"id_token": lie["now"](answer["id_token"])} if path == TOKEN else answer

    pem = (provider.folder / "key.pem").read_bytes()
    with middleman(provider.issuer, change) as server:
        believe(server, provider.issuer)
        for name, lie["now"] in ways_to_lie(pem).items():
            assert refused(client, come_by(client, "person", "li")), name
        lie["now"] = lambda token: signed(token, pem)
        assert come_by(client, "person", "li")["Location"] == FIRST, "the control: re-signed truthfully"


NONSENSE = {
    "another kind of holder": {"id_kind": "legal"},
    "a number that is no text": {"id_number": 5},
    "an unknown level": {"level": "L9"},
    "no name": {"name": ""},
    "another subject": {"sub": "f" * 32},
    "a subject that is a list": {"sub": ["a"]},
}


def test_userinfo_that_lies(client, provider):
    lie = {}

    def change(path, answer):
        return answer | lie if path == USERINFO else answer

    with middleman(provider.issuer, change) as server:
        believe(server, provider.issuer)
        for name, words in NONSENSE.items():
            lie.clear()
            lie.update(words)
            assert refused(client, come_by(client, "person", "li")), name


def test_an_equal_mail_address_never_opens_somebody_elses_account(client, provider):
    victim = make_user(email="li@example.invalid")
    mail = {"email": "li@example.invalid", "email_verified": True, "preferred_username": victim.username}

    def change(path, answer):
        return answer | mail if path == USERINFO else answer

    with middleman(provider.issuer, change) as server:
        believe(server, provider.issuer)
        assert come_by(client, "person", "li")["Location"] == FIRST
    assert user_of(client) is None
    client.post(FIRST, {"open": "1"})
    assert Identity.objects.get().user != victim
    assert user_of(client) != str(victim.pk)


@pytest.mark.parametrize("text", ["<html>", "[]", "null", '"text"', '{"access_token": 1}', "{}"])
def test_nonsense_from_every_address(client, provider, text):
    for place in (TOKEN, USERINFO, "/.well-known/jwks.json"):

        def change(path, answer, place=place):
            return text if path == place else answer

        with middleman(provider.issuer, change) as server:
            believe(server, provider.issuer)
            assert refused(client, come_by(client, "person", "li")), place


def test_a_code_is_good_once_and_in_one_browser(client, provider, client_again):
    back = at_provider(to_provider(client, "person"), "li")
    refused(client_again, client_again.get(back))  # somebody lured onto the attacker's answer: no state there
    assert client.get(back)["Location"] == FIRST
    assert refused(client_again, client_again.get(back))
    words = {name: value[0] for name, value in parse_qs(urlsplit(back).query).items()}
    to_provider(client_again, "person")
    state = next(iter(client_again.session["socialaccount_states"]))
    replayed = f"{urlsplit(back).path}?{urlencode({**words, 'state': state})}"
    assert refused(client_again, client_again.get(replayed))


@pytest.fixture
def client_again():
    from django.test import Client

    return Client()


def test_a_code_of_another_request_fails_at_pkce(client, provider, client_again):
    """An attacker puts the code of their own sign-in into the victim's request: the verifier does not fit."""
    theirs = parse_qs(urlsplit(at_provider(to_provider(client_again, "person"), "li")).query)["code"][0]
    to_provider(client, "person")
    state = next(iter(client.session["socialaccount_states"]))
    address = reverse("openid_connect_callback", args=["person"])
    assert refused(client, client.get(address, {"code": theirs, "state": state}))


def test_an_answer_for_the_other_client_is_refused(client, provider):
    back = at_provider(to_provider(client, "person"), "li")
    other = reverse("openid_connect_callback", args=["legal"])
    assert refused(client, client.get(f"{other}?{urlsplit(back).query}"))


def test_who_cancels_is_told(client, provider):
    to_provider(client, "person", onward="/firms/")
    state = next(iter(client.session["socialaccount_states"]))
    address = reverse("openid_connect_callback", args=["person"])
    answer = client.get(address, {"error": "access_denied", "state": state})
    assert answer["Location"] == f"{reverse('accounts:sign_in')}?next=%2Ffirms%2F"
    assert "您取消了统一身份登录" in client.get(answer["Location"]).content.decode()


def clients_of(settings, issuer):
    settings.IDENTITY_CLIENTS = {kind: {**client, "issuer": issuer} for kind, client in CLIENTS.items()}
    settings.SOCIALACCOUNT_PROVIDERS = providers(settings.IDENTITY_CLIENTS)


def leave_in_vain(client):
    answer = client.post(reverse("openid_connect_login", args=["person"]), {"next": "/firms/"})
    assert answer["Location"] == f"{reverse('accounts:sign_in')}?next=%2Ffirms%2F"
    page = client.get(answer["Location"]).content.decode()
    assert "统一身份认证暂时用不了" in page
    make_user(username="river")
    answer = client.post(reverse("accounts:sign_in"), {"username": "river", "password": PASSWORD, "next": "/firms/"})
    assert answer["Location"] == "/firms/"


def test_a_provider_that_is_down(client, settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # taken, and nobody listens
        clients_of(settings, f"http://127.0.0.1:{probe.getsockname()[1]}")
        leave_in_vain(client)


def test_a_provider_that_never_answers(client, settings):
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.3
    with socket.create_server(("127.0.0.1", 0)) as silent:
        clients_of(settings, f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        leave_in_vain(client)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "document", [{"issuer": "https://elsewhere.invalid"}, {"authorization_endpoint": "javascript:1"}, []]
)
def test_a_discovery_that_is_not_the_configured_providers(client, provider, settings, document):
    def change(path, answer):
        return {**answer, **document} if isinstance(document, dict) else document

    with middleman(provider.issuer, change) as server:
        clients_of(settings, server.address)
        if isinstance(document, dict) and "issuer" not in document:
            document["issuer"] = server.address
        leave_in_vain(client)


def test_without_a_provider_there_are_no_buttons(client):
    page = client.get(reverse("accounts:sign_in")).content.decode()
    assert "法人登录" not in page
    assert client.post(reverse("openid_connect_login", args=["person"])).status_code == 404
    assert client.get(reverse("openid_connect_callback", args=["person"])).status_code == 404
    assert not User.objects.exists()
