"""The visitor's own last searches: his own, of pages of ours, ten at most, and forgotten when he says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.search.documents import fill, tender

pytestmark = pytest.mark.django_db
FROM_HERE = {"sec-fetch-site": "same-origin"}


@pytest.fixture(autouse=True)
def found(data_dir: Path) -> None:
    fill(*(tender(number, f"道路监理{number}") for number in range(10, 25)))


def recent(client: Client, typed: str = "") -> list[str]:
    return [past for _url, past in client.get("/search/suggest/", {"q": typed}).context["recent"]]


def test_the_newest_first_each_once_and_ten_at_most(client: Client) -> None:
    for number in (*range(10, 25), 20):
        client.get("/search/", {"q": f"监理{number}"}, headers=FROM_HERE)
    assert client.session["recent_searches"][:3] == ["监理20", "监理24", "监理23"]
    assert len(client.session["recent_searches"]) == 10
    assert recent(client) == ["监理20", "监理24", "监理23", "监理22", "监理21"]
    assert recent(client, "监理2") == ["监理20", "监理24", "监理23", "监理22", "监理21"]
    assert recent(client, "监理24") == []
    assert recent(client, "丹") == []


def test_they_are_the_visitors_alone(client: Client) -> None:
    client.get("/search/", {"q": "监理20"}, headers=FROM_HERE)
    assert recent(Client()) == []
    answer = client.get("/search/suggest/")
    assert answer["Cache-Control"] == "private, no-store"
    assert "监理20" in answer.content.decode()


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "none"}])
def test_a_link_from_elsewhere_puts_nothing_in(client: Client, headers: dict[str, str]) -> None:
    client.get("/search/", {"q": "监理20"}, headers=headers)
    assert recent(client) == []
    assert not Session.objects.exists()


def test_what_found_nothing_or_was_wrong_is_not_kept(client: Client) -> None:
    client.get("/search/", {"q": "丹霞"}, headers=FROM_HERE)
    client.get("/search/", {"q": "监理", "page": "0"}, headers=FROM_HERE)
    assert recent(client) == []


def test_they_are_forgotten_when_asked(client: Client) -> None:
    for script in (False, True):
        client.get("/search/", {"q": "监理20"}, headers=FROM_HERE)
        assert "清空" in client.get("/search/").content.decode()
        headers = {"hx-request": "true"} if script else {}
        answer = client.post("/search/recent/forget/", headers=headers)
        assert answer.status_code == (200 if script else 302)
        assert recent(client) == []
    assert client.get("/search/recent/forget/").status_code == 405


def test_nobody_elses_page_can_make_them_forgotten() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/search/recent/forget/").status_code == 403
