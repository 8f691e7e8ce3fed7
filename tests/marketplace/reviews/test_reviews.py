"""Publish, reply, score, and the pages before four people."""

import pytest
from django.template import Context, Template
from django.urls import reverse

from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.reviews.actions import publish_review, reply_to_review
from marketplace.reviews.models import CreditScore, Review
from marketplace.reviews.queries import credit_of
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of
from tests.factories.contracts import make_contract
from tests.factories.reviews import STARS, TEXT, make_review

pytestmark = pytest.mark.django_db
REPLY = "谢谢认可，后续报批我们继续配合。"


@pytest.fixture
def contract():
    return make_contract(status="completed")


def refused(code, action, **arguments):
    with pytest.raises(Refused) as caught:
        action(**arguments)
    assert caught.value.code == code
    return caught.value


def test_a_review_is_public_and_counts(contract):
    assert credit_of(contract.supplier) == (8000, "B", 0)
    review = make_review(contract=contract)
    assert review.stars == 4.6
    credit = CreditScore.objects.get(organization=contract.supplier)
    assert (credit.score, credit.review_count) == (8100, 1)
    data = Event.objects.get(name="review_published").data
    assert (data["quality"], data["text"], data["score_hundredths"]) == (5, TEXT, 8100)
    assert agent_of(contract.supplier).messages.filter(key=f"review-{review.pk}").exists()


def test_one_review_for_a_contract(contract):
    assert make_review(contract=contract) == make_review(contract=contract)
    refused("already_reviewed", make_review, contract=contract, quality=1)
    assert Event.objects.filter(name="review_published").count() == 1


def test_bad_input(contract):
    by = agent_of(contract.buyer)
    for text in ("", "太短", "长" * 1001):
        error = refused("text_length", publish_review, contract=contract, by=by, **STARS, text=text)
        assert error.field == "text"
    error = refused("stars_invalid", publish_review, contract=contract, by=by, **{**STARS, "price": 6}, text=TEXT)
    assert error.field == "price"


def test_who_may_not_review(contract):
    for person in (agent_of(contract.supplier), make_user(), make_admin()):
        refused("not_buyer", publish_review, contract=contract, by=person, **STARS, text=TEXT)
    active = make_contract(status="active")
    refused("contract_not_completed", make_review, contract=active)


def test_the_firm_replies_once(contract):
    review = make_review(contract=contract)
    refused("not_supplier", reply_to_review, review=review, text=REPLY, by=agent_of(contract.buyer))
    refused("text_length", reply_to_review, review=review, text="谢谢", by=agent_of(contract.supplier))
    for _twice in range(2):
        reply_to_review(review=review, text=REPLY, by=agent_of(contract.supplier))
    refused("already_replied", reply_to_review, review=review, text=REPLY + "再", by=agent_of(contract.supplier))
    assert Event.objects.filter(name="review_replied").count() == 1


def test_the_owner_writes_it_in_the_browser(client, contract):
    address = reverse("reviews:review", args=[contract.number])
    client.force_login(agent_of(contract.buyer))
    assert client.get(address).content.decode().count('type="radio"') == 25
    wrong = client.post(address, {**STARS, "price": "", "text": "短"})
    assert wrong.status_code == 422
    assert "请选择星级" in wrong.content.decode()
    assert not Review.objects.exists()
    target = client.post(address, {**STARS, "text": TEXT})
    assert target.status_code == 302
    assert target["Location"].startswith(contract.supplier.get_absolute_url())
    assert client.post(address, {**STARS, "text": TEXT}).status_code == 302
    assert client.post(address, {**STARS, "text": TEXT + "改"}).status_code == 409
    assert TEXT in client.get(address).content.decode()


def test_four_people_on_the_page(client, contract):
    address = reverse("reviews:review", args=[contract.number])
    client.force_login(agent_of(contract.supplier))
    assert "还不能评价" in client.get(address).content.decode()
    assert client.post(address, {**STARS, "text": TEXT}).status_code == 403
    client.force_login(make_admin())
    assert client.get(address).status_code == 200
    client.force_login(make_user())
    assert client.get(address).status_code == 403
    client.logout()
    assert client.get(address).status_code == 302


def test_the_firm_replies_in_the_browser(client, contract):
    review = make_review(contract=contract)
    address = reverse("reviews:reply", args=[review.pk])
    client.force_login(agent_of(contract.buyer))
    assert client.get(address).status_code == 403
    client.force_login(agent_of(contract.supplier))
    assert client.get(address).status_code == 200
    assert client.post(address, {"reply": "短"}).status_code == 422
    assert client.post(address, {"reply": REPLY}).status_code == 302
    assert client.post(address, {"reply": REPLY + "再"}).status_code == 409


def test_not_before_the_contract_is_completed(client):
    contract = make_contract(status="active")
    client.force_login(agent_of(contract.buyer))
    address = reverse("reviews:review", args=[contract.number])
    assert "还不能评价" in client.get(address).content.decode()
    assert client.post(address, {**STARS, "text": TEXT}).status_code == 409


def test_the_part_of_the_firm_page(rf, contract, django_assert_num_queries):
    def shown():
        request = rf.get("/")
        request.user = make_user()
        template = Template('{% include "reviews/of_firm.html" %}')
        return template.render(Context({"firm": contract.supplier, "request": request}))

    assert "还没有评价" in shown()
    review = make_review(contract=contract)
    reply_to_review(review=review, text=REPLY, by=agent_of(contract.supplier))
    text = shown()
    for words in ("服务质量", "服务时效", "服务态度", "服务收费", "服务规范", TEXT, REPLY, "信用分 81.0"):
        assert words in text
