"""Whose key it is, what it reaches, how often it may ask; and that no key is ever written down."""

import base64
import io
import re

import pytest
import stripe
from django.core.management import CommandError, call_command

from marketplace.core.refusals import Forbidden, Invalid
from payments.actions.keys import create_api_key, revoke_api_key
from payments.api.resources import ROUTES
from payments.models import ApiKey, PaymentIntent
from tests.factories.payments import make_party, member_of

pytestmark = pytest.mark.django_db
OWED = {"amount": 700, "currency": "cny"}


def test_only_a_digest_is_kept(v1):
    key, secret = create_api_key(name="财务系统")
    assert secret.startswith("sk_test_")
    assert (key.last_four, len(key.digest)) == (secret[-4:], 64)
    assert not any(secret in str(value) for value in vars(ApiKey.objects.get(pk=key.pk)).values())


def test_live_keys_say_so(settings):
    settings.PRODUCTION = True
    assert create_api_key(name="a")[1].startswith("sk_live_")
    assert create_api_key(name="a", kind="publishable")[1].startswith("pk_live_")


@pytest.mark.parametrize("secret", ["sk_test_wrong", "", "sk_test_" + "键" * 5, " "])
def test_an_unknown_key(client_for, secret, raw):
    answer = raw("GET", "/v1/balance", Authorization=f"Bearer {secret}".encode().decode("latin-1"))
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert not secret.strip() or secret not in answer.content.decode()


def test_stripes_client_calls_it_an_authentication_error(client_for, db):
    with pytest.raises(stripe.AuthenticationError) as caught:
        client_for("sk_test_wrong").v1.balance.retrieve()
    assert caught.value.http_status == 401
    assert "sk_test" not in str(caught.value)


def test_a_revoked_key(client_for):
    key, secret = create_api_key(name="a")
    client = client_for(secret).v1
    client.balance.retrieve()
    assert ApiKey.objects.get(pk=key.pk).last_used_at is not None
    revoke_api_key(key=key)
    with pytest.raises(stripe.AuthenticationError, match="Expired"):
        client.balance.retrieve()


def test_basic_as_curl_sends_it(raw):
    _key, secret = create_api_key(name="a")
    named = base64.b64encode(f"{secret}:".encode()).decode()
    assert raw("GET", "/v1/balance", Authorization=f"Basic {named}").status_code == 200
    for wrong in ("Basic !!", "Basic " + base64.b64encode(b"\xff:").decode(), "Digest x"):
        assert raw("GET", "/v1/balance", Authorization=wrong).status_code == 401
    assert raw("GET", "/v1/balance", key=None).status_code == 401


def test_a_session_opens_nothing(client):
    client.force_login(member_of(make_party(role="buyer")))
    answer = client.get("/v1/balance")
    assert answer.status_code == 401
    assert not answer.cookies


def test_a_restricted_key_reaches_what_its_scopes_say(client_for):
    whole = client_for(kind="restricted", scopes={"payment_intents": "write", "events": "read"})
    client = whole.v1
    made = client.payment_intents.create(OWED)
    assert client.payment_intents.retrieve(made.id).id == made.id
    assert client.events.list().data
    event = client.events.list().data[0]
    for reach in (
        client.refunds.list,
        client.balance.retrieve,
        client.webhook_endpoints.list,
        lambda: client.refunds.create({"payment_intent": made.id}),
        lambda: whole.raw_request("post", f"/v1/events/{event.id}/resend"),
    ):
        with pytest.raises(stripe.PermissionError):
            reach()


def test_every_route_asks_for_its_scope(client_for, raw):
    """Go through all routes with keys that hold everything but the one scope, or reading alone."""
    from payments.actions.keys import RESOURCES

    assert {route.scope for route in ROUTES} == RESOURCES
    for route in ROUTES:
        others = dict.fromkeys(RESOURCES - {route.scope}, "write")
        _key, without = create_api_key(name="a", kind="restricted", scopes=others)
        _key, reader = create_api_key(name="a", kind="restricted", scopes={route.scope: "read"})
        path = "/v1/" + re.sub(r"{\w+}", "x_1", route.path)
        refused = raw(route.method, path, key=without)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "more_permissions_required"), path
        assert (raw(route.method, path, key=reader).status_code == 403) == (route.method != "GET"), path


def test_a_publishable_key_sees_one_payment_by_its_secret(client_for, v1):
    made = v1.payment_intents.create({**OWED, "metadata": {"内": "部"}})
    client = client_for(kind="publishable").v1
    seen = client.payment_intents.retrieve(made.id, {"client_secret": made.client_secret})
    assert (seen.id, seen.amount) == (made.id, 700)
    assert not {"metadata", "transfer_group", "latest_charge"} & set(seen.to_dict())
    other = v1.payment_intents.create(OWED)
    for wrong in ({"client_secret": other.client_secret}, {"client_secret": "x"}, {}):
        with pytest.raises(stripe.InvalidRequestError):
            client.payment_intents.retrieve(made.id, wrong)
    for reach in (client.payment_intents.list, client.balance.retrieve, lambda: client.payment_intents.create(OWED)):
        with pytest.raises(stripe.PermissionError, match="publishable"):
            reach()
    assert PaymentIntent.objects.count() == 2


def test_a_publishable_key_expands_nothing(client_for, v1):
    made = v1.payment_intents.create(OWED)
    client = client_for(kind="publishable").v1
    asks = {"client_secret": made.client_secret, "expand": ["latest_charge"]}
    assert "latest_charge" not in client.payment_intents.retrieve(made.id, asks).to_dict()


def test_a_wrong_client_secret_with_a_secret_key(v1):
    made = v1.payment_intents.create(OWED)
    with pytest.raises(stripe.InvalidRequestError, match="does not match"):
        v1.payment_intents.retrieve(made.id, {"client_secret": "x"})


def test_the_pace_of_a_key(client_for, settings):
    settings.PAYMENTS_API_REQUESTS_PER_SECOND = 0.001
    one, two = client_for().v1, client_for().v1
    one.balance.retrieve()
    with pytest.raises(stripe.RateLimitError) as caught:
        one.balance.retrieve()
    assert caught.value.json_body["error"]["code"] == "rate_limit"
    two.balance.retrieve()


def test_no_key_in_the_log(v1, client_for, raw, caplog):
    caplog.set_level("DEBUG")
    key, secret = create_api_key(name="a")
    client = client_for(secret).v1
    client.payment_intents.create(OWED)
    with pytest.raises(stripe.InvalidRequestError):
        client.payment_intents.create({"amount": secret, "currency": "cny"})
    revoke_api_key(key=key)
    with pytest.raises(stripe.AuthenticationError):
        client.balance.retrieve()
    assert "/v1" in caplog.text
    logged = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("payments", "django", "marketplace"))
    ]
    assert logged
    assert not any(secret in line for line in logged)


def test_who_may_make_keys():
    stranger = member_of(make_party(role="buyer"))
    with pytest.raises(Forbidden):
        create_api_key(name="a", by=stranger)
    for wrong in (
        {"name": " "},
        {"kind": "restricted"},
        {"kind": "secret", "scopes": {"charges": "read"}},
        {"kind": "restricted", "scopes": {"cards": "read"}},
        {"kind": "restricted", "scopes": {"charges": "all"}},
    ):
        with pytest.raises(Invalid):
            create_api_key(**{"name": "a", **wrong})
    with pytest.raises(Forbidden):
        revoke_api_key(key=create_api_key(name="a")[0], by=stranger)
    assert ApiKey.objects.count() == 1


def test_the_command(client_for):
    def run(*words):
        out = io.StringIO()
        call_command("payments_key", *words, stdout=out)
        return out.getvalue().strip()

    secret = run("create", "财务", "--restricted", "balance=read", "charges=read")
    client_for(secret).v1.balance.retrieve()
    assert run("create", "页面", "--publishable").startswith("pk_test_")
    listed = run("list")
    assert "balance=read charges=read" in listed
    assert secret not in listed
    run("revoke", str(ApiKey.objects.get(name="财务").pk))
    assert "已停用" in run("list")
    with pytest.raises(stripe.AuthenticationError):
        client_for(secret).v1.balance.retrieve()
    for wrong in (["revoke", "0"], ["revoke", "x"], ["create", ""], ["create", "a", "--restricted", "cards=read"]):
        with pytest.raises(CommandError):
            run(*wrong)
