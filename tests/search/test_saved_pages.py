"""The pages of saved searches, for the person, for somebody else, for nobody."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search.models import SavedSearch
from tests.factories.accounts import make_admin, make_user

from .saving import make_saved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_index")]
GIVEN = {"name": "图书馆的采购", "telling": "both", "rhythm": "daily"}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_save_what_the_address_says() -> None:
    person = make_user()
    client = signed_in(person)
    link = re.search(
        r'href="(/search/saved/new/\?[^"]*)"', client.get("/search/?q=图书馆&kind=tender").content.decode()
    )
    assert link is not None
    address = link[1].replace("&amp;", "&")
    page = client.get(address)
    assert page.status_code == 200
    assert page.context["form"].initial["name"] == "图书馆 采购公告"
    answer = client.post(address, GIVEN)
    assert answer["Location"] == "/search/saved/"
    search = SavedSearch.objects.get()
    assert (search.user, search.name, search.text) == (person, "图书馆的采购", "图书馆")
    assert search.chosen == {"kind": ["tender"]}
    again = client.post(f"{address}&page=2", GIVEN)
    assert again.status_code == 409
    assert f'href="/search/saved/{search.pk}/"' in text_of(again)
    run = client.get(f"/search/saved/{search.pk}/run/")
    assert run["Location"] == "/search/?kind=tender&q=%E5%9B%BE%E4%B9%A6%E9%A6%86&sort=newest"
    assert "图书馆的采购" in text_of(client.get("/search/saved/"))


@pytest.mark.parametrize(
    ("parameters", "given", "word"),
    [
        ("q=图书馆&kind=robot", GIVEN, "类别"),
        ("", GIVEN, "请先输入关键词"),
        ("q=图书馆", {**GIVEN, "name": ""}, "名称"),
        ("q=图书馆", {**GIVEN, "rhythm": "hourly"}, "hourly"),
        ("q=图书馆", {}, "名称"),
    ],
)
def test_what_is_wrong_gets_a_sentence(parameters: str, given: dict[str, str], word: str) -> None:
    answer = signed_in(make_user()).post(f"/search/saved/new/?{parameters}", {"x": "", **given})
    assert answer.status_code == 422
    assert word in text_of(answer)
    assert not SavedSearch.objects.exists()


def test_without_an_address_only_the_site_is_offered() -> None:
    client = signed_in(make_user(email=""))
    html = text_of(client.get("/search/saved/new/?q=图书馆"))
    assert 'value="site"' in html
    assert 'value="mail"' not in html
    assert client.post("/search/saved/new/?q=图书馆", GIVEN).status_code == 422


def test_change_pause_resume_delete_and_undo() -> None:
    search = make_saved()
    client = signed_in(search.user)
    client.post(f"/search/saved/{search.pk}/", {"name": "新名", "telling": "site", "rhythm": "daily"})
    search.refresh_from_db()
    assert (search.name, search.telling, search.rhythm) == ("新名", "site", "daily")
    for verb, status in (("pause", "paused"), ("resume", "active"), ("delete", "deleted"), ("restore", "active")):
        answer = client.post(f"/search/saved/{search.pk}/{verb}/", follow=True)
        search.refresh_from_db()
        assert search.status == status
        assert "新名" in text_of(answer)
        assert client.get(f"/search/saved/{search.pk}/{verb}/").status_code == 405
    answer = client.post(f"/search/saved/{search.pk}/resume/", follow=True)
    assert "现在的状态是" in text_of(answer)


def test_nobody_elses_and_only_signed_in() -> None:
    search = make_saved()
    for client, status in ((signed_in(make_user()), 404), (signed_in(make_admin()), 404), (Client(), 302)):
        assert client.get(f"/search/saved/{search.pk}/").status_code == status
        assert client.get(f"/search/saved/{search.pk}/run/").status_code == status
        for verb in ("pause", "resume", "delete", "restore"):
            assert client.post(f"/search/saved/{search.pk}/{verb}/").status_code == status
    assert Client().get("/search/saved/").status_code == Client().get("/search/saved/new/?q=a").status_code == 302
    assert search.name not in text_of(signed_in(make_user()).get("/search/saved/"))
    search.refresh_from_db()
    assert search.status == "active"


def test_one_search_or_three_ask_the_database_alike() -> None:
    person = make_user()
    client = signed_in(person)

    def count() -> int:
        with CaptureQueriesContext(connection) as context:
            assert client.get("/search/saved/").status_code == 200
        return len(context)

    make_saved("q=一", by=person)
    client.get("/search/saved/")
    one = count()
    make_saved("q=二", by=person)
    make_saved("q=三", by=person)
    assert count() == one
