"""What no client of Stripe's sends: answered in Stripe's shape, nothing changed."""

import pytest

from payments.api import forms
from payments.api.fields import Several, Text
from payments.models import ApiRequest, PaymentIntent

pytestmark = pytest.mark.django_db
GOOD = b"amount=5&currency=cny"


@pytest.mark.parametrize(
    ("body", "kind", "status", "says"),
    [
        (GOOD + b"&description=%ff", None, 400, "UTF-8"),
        (GOOD + b"&description=\xff", None, 400, "UTF-8"),
        (GOOD + b"&description=%00", None, 400, "null"),
        (GOOD + b"&amount=6", None, 400, "twice"),
        (GOOD + b"&metadata[a]=1&metadata[a]=2", None, 400, "twice"),
        (GOOD + b"&metadata[a]=1&metadata=2", None, 400, "twice"),
        (GOOD + b"&metadata=&metadata[a]=1", None, 400, "both"),
        (GOOD + b"&[a]=1", None, 400, "Invalid parameter name"),
        (GOOD + b"&a[b=1", None, 400, "Invalid parameter name"),
        (GOOD + b"&=1", None, 400, "Invalid parameter name"),
        (GOOD + b"&a" + b"[x]" * 9 + b"=1", None, 400, "deeply"),
        (GOOD + b"&x=1" * 2001, None, 400, "more than 2000"),
        (b"a=" + b"x" * 1024 * 1024, None, 413, "larger"),
        (b"a=" + b"x" * 10 * 1024 * 1024, None, 413, "larger"),
        (b'{"amount": 5}', "application/json", 400, "content type"),
        (b"--x", "multipart/form-data; boundary=x", 400, "content type"),
        (b"\x1f\x8b", "application/octet-stream", 400, "content type"),
        (GOOD, "application/x-www-form-urlencoded; charset=gbk", 400, "UTF-8"),
        (GOOD + b"&payment_method_types[a]=alipay", None, 400, "Invalid array"),
        (GOOD + b"&payment_method_types=alipay", None, 400, "Invalid array"),
        (GOOD + b"&metadata=x", None, 400, "Invalid hash"),
        (GOOD + b"&metadata[a][b]=x", None, 400, "must be strings"),
        (GOOD + b"&amount[]=x", None, 400, "both"),
        (b"", None, 400, "Missing required param: amount"),
        (b"&&&", None, 400, "Missing required param: amount"),
        (b"a&b", None, 400, "Received unknown parameters: a, b"),
        (GOOD + b"&" + b"k" * 5000 + b"=1", None, 400, "unknown parameter"),
    ],
)
def test_bodies(raw, body, kind, status, says):
    answer = raw("POST", "/v1/payment_intents", body, **({"kind": kind} if kind else {}), Idempotency_Key="k")
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert says in error["message"]
    assert len(answer.content) < 1000
    assert answer.headers["Request-Id"].startswith("req_")
    assert not PaymentIntent.objects.exists()
    assert not ApiRequest.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"metadata[a]=1&payment_method_types[]=alipay",
        b"metadata%5Ba%5D=1&payment_method_types%5B%5D=alipay",
        b"metadata%5ba%5d=1&payment_method_types[0]=alipay",
        b"%6Detadata[%61]=%31&payment_method_types[7]=alipay&",
    ],
)
def test_spellings_of_one_form(raw, body):
    answer = raw("POST", "/v1/payment_intents", GOOD + b"&" + body)
    assert answer.status_code == 200, answer.content
    assert answer.json()["metadata"] == {"a": "1"}


def test_parameters_in_the_address_of_a_post(raw):
    assert raw("POST", "/v1/payment_intents?amount=5", b"currency=cny").json()["amount"] == 5
    assert raw("POST", "/v1/payment_intents?amount=5", b"amount=5&currency=cny").status_code == 400


def test_spaces_and_signs(raw):
    answer = raw("POST", "/v1/payment_intents", GOOD + "&description=a+b%2Bc%26d 测".encode())
    assert answer.json()["description"] == "a b+c&d 测"
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("GET", "/v1/", 404, ""),
        ("GET", "/v1/nothing", 404, "Unrecognized request URL (GET: /v1/nothing)"),
        ("GET", "/v1/payment_intents/", 404, "Unrecognized"),
        ("GET", "/v1/payment_intents/a/b/c", 404, "Unrecognized"),
        ("GET", "/v1/payment_intents/..%2f", 404, "Unrecognized"),
        ("GET", "/v1/payment_intents/" + "x" * 65, 404, "Unrecognized"),
        ("GET", "/v1/payment_intents/x", 404, "No such payment_intent: 'x'"),
        ("DELETE", "/v1/payment_intents", 405, "GET, POST"),
        ("PUT", "/v1/balance", 405, "GET"),
        ("PATCH", "/v1/refunds/re_1", 405, "GET, POST"),
        ("OPTIONS", "/v1/balance", 405, "GET"),
    ],
)
def test_routes_that_are_none(raw, method, path, status, says):
    answer = raw(method, path)
    assert answer.status_code == status
    if says:
        assert says in answer.json()["error"]["message"]


def test_numbers_of_an_array_keep_their_order():
    tree = forms.parse(b"a[10]=z&a[2]=y&b[]=1&b[]=2")
    assert Several(of=Text()).clean(tree["a"], "a") == ["y", "z"]
    assert Several(of=Text()).clean(tree["b"], "b") == ["1", "2"]


def test_a_stripe_context_is_refused(raw):
    assert raw("GET", "/v1/balance", Stripe_Context="x").status_code == 400


def test_an_unknown_version_is_answered_with_ours(raw):
    answer = raw("GET", "/v1/balance", Stripe_Version="1999-01-01")
    assert (answer.status_code, answer.headers["Stripe-Version"]) == (200, "2026-10-28.endive")
