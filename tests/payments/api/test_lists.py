"""Lists and expand[], driven by Stripe's own client."""

from datetime import timedelta

import pytest
import stripe
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.core import clock
from payments.actions import create_payment_intent
from payments.models import PaymentEvent, PaymentIntent
from tests.factories.payments import make_party
from tests.payments.api.conftest import BACK

pytestmark = pytest.mark.django_db


def owe(number, *, now=None, payee=None):
    return create_payment_intent(
        process=None, payer=None, payee=payee, amount_fen=number, description=str(number), now=now
    )


@pytest.fixture
def seven():
    """Give seven intents; the last three were made at one moment."""
    start = clock.now() - timedelta(hours=1)
    return [owe(number + 1, now=start + timedelta(seconds=min(number, 4))) for number in range(7)]


def ids(page):
    return [one.id for one in page]


@pytest.fixture
def newest_first(seven):
    return list(PaymentIntent.objects.order_by("-created_at", "-pk").values_list("pk", flat=True))


def test_newest_first_and_ten_at_most(v1, newest_first):
    for number in range(5):
        owe(100 + number)
    page = v1.payment_intents.list()
    assert (len(page.data), page.has_more, page.url) == (10, True, "/v1/payment_intents")
    assert ids(page)[5:] == newest_first[:5]


def test_pages_forward_and_back(v1, newest_first):
    first = v1.payment_intents.list({"limit": 3})
    assert (ids(first), first.has_more) == (newest_first[:3], True)
    second = v1.payment_intents.list({"limit": 3, "starting_after": first.data[-1].id})
    assert (ids(second), second.has_more) == (newest_first[3:6], True)
    third = v1.payment_intents.list({"limit": 3, "starting_after": second.data[-1].id})
    assert (ids(third), third.has_more) == (newest_first[6:], False)
    back = v1.payment_intents.list({"limit": 3, "ending_before": third.data[0].id})
    assert (ids(back), back.has_more) == (newest_first[3:6], True)
    start = v1.payment_intents.list({"limit": 3, "ending_before": second.data[0].id})
    assert (ids(start), start.has_more) == (newest_first[:3], False)
    assert not v1.payment_intents.list({"ending_before": newest_first[0]}).data


def test_the_client_turns_the_pages(v1, newest_first, transport):
    assert [one.id for one in v1.payment_intents.list({"limit": 2}).auto_paging_iter()] == newest_first
    backwards = v1.payment_intents.list({"limit": 2, "ending_before": newest_first[-1]})
    assert [one.id for one in backwards.auto_paging_iter()] == newest_first[-2::-1]
    assert len(transport.seen) >= 7


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"gte": 2}, [7, 6, 5, 4, 3]),
        ({"gt": 2}, [7, 6, 5, 4]),
        ({"lt": 2}, [2, 1]),
        ({"lte": 2}, [3, 2, 1]),
        ({"gt": 0, "lt": 3}, [3, 2]),
    ],
)
def test_by_the_time_that_they_were_made(v1, seven, bounds, found):
    start = int(seven[0].created_at.timestamp())
    created = {name: start + seconds for name, seconds in bounds.items()}
    assert sorted(one.amount for one in v1.payment_intents.list({"created": created})) == sorted(found)


def test_of_one_second(v1, seven):
    assert [one.amount for one in v1.payment_intents.list({"created": int(seven[1].created_at.timestamp())})] == [2]


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"starting_after": "pi_none"}, "starting_after"),
        ({"ending_before": "pi_none"}, "ending_before"),
        ({"starting_after": ""}, "starting_after"),
        ({"created": {"gte": "soon"}}, "created[gte]"),
        ({"created": {"around": 5}}, "created[around]"),
        ({"created": 10**12}, "created"),
        ({"customer": "cus_1"}, "customer"),
    ],
)
def test_what_lists_refuse(v1, params, param):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.payment_intents.list(params)
    assert caught.value.param == param


def test_two_cursors_at_once(v1, newest_first):
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        v1.payment_intents.list({"starting_after": newest_first[0], "ending_before": newest_first[1]})


def test_an_empty_list(v1):
    page = v1.payment_intents.list()
    assert (page.data, page.has_more) == ([], False)


@pytest.mark.parametrize(
    ("what", "expand"),
    [
        ("payment_intents", "data.latest_charge.balance_transaction"),
        ("charges", "data.payment_intent"),
        ("refunds", "data.charge"),
        ("transfers", "data.destination"),
        ("events", None),
        ("balance_transactions", None),
        ("accounts", None),
    ],
)
def test_a_longer_page_asks_the_database_no_more_often(v1, gateway, what, expand):
    for _turn in range(3):
        firm = make_party(role="intermediary")
        account = f"acct_{firm.pk:016d}"
        sent = v1.payment_intents.create({"amount": 900, "currency": "cny", "confirm": True, "return_url": BACK})
        gateway.pay(sent.next_action.alipay_handle_redirect.url)
        v1.refunds.create({"payment_intent": sent.id, "amount": 100})
        asks = {"amount": 200, "currency": "cny", "destination": account, "source_transaction": sent.latest_charge}
        v1.transfers.create(asks)
    counts = []
    for limit in (1, 3):
        with CaptureQueriesContext(connection) as seen:
            page = getattr(v1, what).list({"limit": limit, **({"expand": [expand]} if expand else {})})
        assert len(page.data) == limit
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.fixture
def paid(v1, gateway):
    firm = make_party(role="intermediary")
    sent = v1.payment_intents.create(
        {"amount": 900, "currency": "cny", "confirm": True, "return_url": BACK, "on_behalf_of": f"acct_{firm.pk:016d}"}
    )
    gateway.pay(sent.next_action.alipay_handle_redirect.url)
    return sent


def test_expand_one_and_its_own(v1, paid):
    found = v1.payment_intents.retrieve(paid.id, {"expand": ["latest_charge.balance_transaction", "on_behalf_of"]})
    assert found.latest_charge.balance_transaction.amount == 900
    assert found.on_behalf_of.object == "account"


def test_expand_four_levels_and_no_more(v1, paid):
    deep = "latest_charge.balance_transaction.source.payment_intent"
    found = v1.payment_intents.retrieve(paid.id, {"expand": [deep]})
    assert found.latest_charge.balance_transaction.source.payment_intent.id == paid.id
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        v1.payment_intents.retrieve(paid.id, {"expand": [f"{deep}.latest_charge"]})


def test_expand_in_a_list(v1, paid):
    v1.payment_intents.create({"amount": 1, "currency": "cny"})
    found = v1.payment_intents.list({"expand": ["data.latest_charge"]}).data
    assert [one.latest_charge and one.latest_charge.amount for one in found] == [None, 900]
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        v1.payment_intents.list({"expand": ["latest_charge"]})


@pytest.mark.parametrize("path", ["amount", "nothing", "latest_charge.amount", "", "latest_charge..x"])
def test_what_cannot_be_expanded(v1, paid, path):
    with pytest.raises(stripe.InvalidRequestError):
        v1.payment_intents.retrieve(paid.id, {"expand": [path]})


def test_expand_when_something_is_made(v1, paid):
    refund = v1.refunds.create({"payment_intent": paid.id, "expand": ["charge", "payment_intent"]})
    assert (refund.charge.refunded, refund.payment_intent.status) == (True, "succeeded")


def test_a_wrong_expand_makes_nothing(v1, paid):
    with pytest.raises(stripe.InvalidRequestError):
        v1.refunds.create({"payment_intent": paid.id, "expand": ["nothing"]})
    assert not v1.refunds.list().data


def test_events_by_type(v1, paid):
    assert {one.type for one in v1.events.list({"type": "charge.*"})} == {"charge.succeeded"}
    two = v1.events.list({"types": ["payment_intent.created", "charge.succeeded"]})
    assert ids(two) == ids(v1.events.list({"types": ["charge.succeeded", "payment_intent.created"]}))
    assert {one.type for one in two} == {"payment_intent.created", "charge.succeeded"}
    with pytest.raises(stripe.InvalidRequestError, match="type, types"):
        v1.events.list({"type": "a", "types": ["b"]})
    event = v1.events.retrieve(two.data[0].id)
    assert event.data.object.object in {"charge", "payment_intent"}
    assert event.api_version == stripe.api_version


def test_events_older_than_thirty_days_are_not_listed(v1, paid):
    some = PaymentEvent.objects.first()
    PaymentEvent.objects.filter(pk=some.pk).update(created_at=clock.now() - timedelta(days=31))
    assert some.pk not in ids(v1.events.list({"limit": 100}))
    assert v1.events.retrieve(some.pk).id == some.pk
