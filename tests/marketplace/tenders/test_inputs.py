"""What an owner types is kept as it was typed until it is a draft, and shown again when one comes back."""

import json

import pytest
from django.urls import reverse

from marketplace.core.refusals import Refused
from marketplace.tenders import actions
from marketplace.tenders.models import TermsInput
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender, terms

pytestmark = pytest.mark.django_db
URL = reverse("tenders:autosave")
TERMS_URL = reverse("tenders:terms")


def refusal(call, **arguments):
    with pytest.raises(Refused) as refused:
        call(**arguments)
    return refused.value


def save(client, data, tender=""):
    return client.post(
        URL,
        json.dumps({"tender": tender, "data": data}),
        content_type="application/json",
        headers={"accept": "application/json"},
    )


@pytest.fixture
def buyer(client):
    buyer = make_buyer()
    client.force_login(agent_of(buyer))
    return buyer


def test_one_row_a_person_and_draft():
    tender = make_tender(status="draft")
    by, buyer = tender.created_by, tender.buyer
    for title in ("一", "二"):
        actions.keep_input(organization=buyer, data={"title": title}, by=by)
        actions.keep_input(organization=buyer, tender=tender, data={"title": f"{title}！"}, by=by)
    assert set(TermsInput.objects.values_list("data__title", flat=True)) == {"二", "二！"}
    actions.discard_input(organization=buyer, by=by)
    assert [row.tender for row in TermsInput.objects.all()] == [tender]


def test_saving_the_draft_deletes_it():
    buyer = make_buyer()
    by = agent_of(buyer)
    actions.keep_input(organization=buyer, data={"title": "新"}, by=by)
    tender = actions.save_draft(buyer=buyer, values=terms(), by=by)
    assert not TermsInput.objects.exists()
    actions.keep_input(organization=buyer, data={"title": "另一份"}, by=by)
    actions.keep_input(organization=buyer, tender=tender, data={"title": "改"}, by=by)
    actions.save_draft(tender=tender, buyer=buyer, values={"title": "改好的名称"}, by=by)
    assert [row.data["title"] for row in TermsInput.objects.all()] == ["另一份"]


def test_refusals():
    tender, published = make_tender(status="draft"), make_tender()
    keep = {"organization": tender.buyer, "data": {}}
    for by in (make_user(), make_admin(), agent_of(make_firm()), published.created_by):
        assert refusal(actions.keep_input, by=by, **keep).status == 403
        assert refusal(actions.discard_input, organization=tender.buyer, by=by).status == 403
    by = published.created_by
    assert refusal(actions.keep_input, organization=published.buyer, tender=tender, data={}, by=by).status == 403
    refused = refusal(actions.keep_input, organization=published.buyer, tender=published, data={}, by=by)
    assert refused.code == "state_conflict"
    for data, code in (
        ({"title": 1}, "input_invalid"),
        ({"title": {"a": "b"}}, "input_invalid"),
        ({"title": ["a", 1]}, "input_invalid"),
        ({"description": "长" * 60_001}, "input_too_long"),
    ):
        assert refusal(actions.keep_input, organization=published.buyer, data=data, by=by).code == code


class TestPages:
    def test_kept_then_continued(self, client, buyer):
        data = {
            "method": "merit",
            "title": "还没写完的名称",
            "ceiling_fen": "12万",
            "signup_ends_at": "2027-01-05T17:00",
            "is_urgent": "on",
            "criteria-0-name": "现场服务",
            "criteria-0-points": "70",
            "criteria-0-by": "owner",
            "more_services": [],
        }
        answer = save(client, data)
        assert answer.status_code == 200
        assert answer.json()["words"] == f"已自动保存 {answer.json()['saved_at']}"
        page = client.get(TERMS_URL, {"method": "draw"}).text
        assert "继续上次填写" in page
        assert "还没写完的名称" not in page
        assert "data-autosave-waits" in page
        resume = f"{TERMS_URL}?resume=1&amp;method=merit"
        assert resume in page
        again = client.get(TERMS_URL, {"resume": "1", "method": "merit"}).text
        for words in ("还没写完的名称", 'value="12万"', 'value="2027-01-05T17:00"', "现场服务", 'value="70"'):
            assert words in again
        assert "data-autosave-waits" not in again
        assert "checked" in again.split('id="id_is_urgent"')[1].split(">")[0]

    def test_given_up(self, client, buyer):
        save(client, {"title": "不要了的名称", "method": "draw"})
        answer = client.post(reverse("tenders:drop_input"), {"method": "draw"})
        assert answer["Location"] == f"{TERMS_URL}?method=draw"
        assert not TermsInput.objects.exists()
        assert "继续上次填写" not in client.get(answer["Location"]).text

    def test_of_a_draft(self, client):
        tender = make_tender(status="draft")
        client.force_login(tender.created_by)
        edit = reverse("tenders:edit", args=[tender.number])
        assert save(client, {"title": "改到一半"}, tender.number).status_code == 200
        assert tender.title in client.get(edit).text
        assert "改到一半" in client.get(edit, {"resume": "1"}).text
        client.post(reverse("tenders:drop_input"), {"tender": tender.number})
        assert not TermsInput.objects.exists()

    def test_anothers_and_broken_ones_are_refused_in_json(self, client, buyer):
        foreign = make_tender(status="draft")
        assert save(client, {"title": "x"}, foreign.number).status_code == 404
        for body in ("", "[]", '{"tender": ""}', '{"tender": "", "data": 5}', '{"tender": "", "data": {"title": 5}}'):
            answer = client.post(URL, body, content_type="application/json", headers={"accept": "application/json"})
            assert answer.status_code == 422
            assert answer.json()["code"] == "input_invalid"
        assert not TermsInput.objects.exists()

    def test_the_gate(self, client):
        assert save(client, {}).status_code == 302
        for person in (make_user(), agent_of(make_firm())):
            client.force_login(person)
            assert save(client, {}).status_code == 403

    def test_without_the_token_nothing_is_kept(self, buyer):
        from django.test import Client

        strict = Client(enforce_csrf_checks=True)
        strict.force_login(agent_of(buyer))
        assert save(strict, {"title": "x"}).status_code == 403
        assert not TermsInput.objects.exists()
