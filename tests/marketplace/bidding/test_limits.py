"""The limit that a firm leaves with the system, on the room's page and for scripts."""

import pytest
from django.test import Client

from marketplace.bidding.models import ProxyBid
from tests.factories.bidding import agent_of

from .conftest import Scene

pytestmark = pytest.mark.django_db


def post(scene, place=0, **data):
    browser = Client()
    browser.force_login(agent_of(scene.bidders[place].organization))
    return browser, browser.post(f"{scene.room}proxy/", {"key": "one", **data}, headers={"accept": "application/json"})


def test_a_limit_is_set_shown_to_its_firm_alone_and_taken_back():
    scene = Scene()
    browser, answer = post(scene, limit="88,000")
    assert (answer.status_code, answer.json()["limit_fen"]) == (200, 8_800_000)
    assert "底线 88,000.00 元" in browser.get(scene.room).content.decode()
    other = Client()
    other.force_login(scene.agents[1])
    page = other.get(scene.room).content.decode()
    assert "代理报价" in page
    assert "88,000.00" not in page
    assert "代理报价" not in Client().get(scene.room).content.decode()
    _browser, answer = post(scene, key="two", withdraw="1")
    assert answer.json()["limit_fen"] is None
    assert ProxyBid.objects.get().limit_fen is None


@pytest.mark.parametrize("typed", ["", "abc", "-1", "0"])
def test_what_is_no_amount_is_refused_in_words(typed):
    scene = Scene()
    _browser, answer = post(scene, limit=typed)
    assert answer.status_code == 422
    assert answer.json()["message"]
    assert not ProxyBid.objects.exists()


def test_a_limit_worse_than_the_price_comes_back_with_the_sentence_on_the_page():
    scene = Scene()
    post(scene, place=1, limit="88,000")
    browser = Client()
    browser.force_login(scene.agents[0])
    page = browser.post(f"{scene.room}proxy/", {"key": "x", "limit": "150,000"}, follow=True).content.decode()
    assert "报价不能高于最高限价 100,000.00 元" in page


def test_only_firms_that_signed_up_leave_limits():
    scene = Scene()
    assert Client().post(f"{scene.room}proxy/", {"key": "x", "limit": "1"}).status_code == 403
