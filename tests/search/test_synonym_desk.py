"""The desk of synonyms, as an administrator and as others meet it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from cms.seed import seed_groups, seed_pages
from marketplace.core import clock
from search import preview
from search.documents import Document
from search.embedded import Embedded
from search.engine import Unavailable, connect
from search.models import Synonym
from tests.factories.accounts import make_admin, make_user

pytestmark = pytest.mark.django_db
TITLES = ["建设项目环境影响报告书编制", "环评审批办事指南", "水土保持方案编制"]
NEW, INDEX = reverse("desk_synonyms:new"), reverse("desk_synonyms:index")


@pytest.fixture
def desk(client: Client, data_dir: Path) -> Client:
    Embedded().index(Document("service", at, 1, title, "", f"/{at}/") for at, title in enumerate(TITLES, start=1))
    client.force_login(make_admin())
    return client


def typed(words: str, also: str = "", **more: str) -> dict[str, str]:
    return {"words": words.replace(" ", "\n"), "also": also.replace(" ", "\n"), **more}


def test_the_effect_is_shown_before_anything_is_saved(desk: Client) -> None:
    page = desk.post(NEW, typed("环评 环境影响报告", preview="1"))
    assert page.status_code == 200
    shown = {effect.word: (effect.before, effect.after, effect.fresh) for effect in page.context["effects"]}
    assert shown == {"环评": (1, 2, (TITLES[0],)), "环境影响报告": (1, 2, (TITLES[1],))}
    assert TITLES[0] in page.content.decode()
    assert not Synonym.objects.exists()


def test_words_may_be_parted_as_people_part_them(desk: Client) -> None:
    desk.post(NEW, {"words": "环评、环境影响报告，环境评价", "also": "水保; 水土保持"})
    assert set(Synonym.objects.get().word_list) == {"环评", "环境影响报告", "环境评价"}


def test_saving_makes_it_so_at_once(desk: Client) -> None:
    answer = desk.post(NEW, typed("环评 环境影响报告"))
    synonym = Synonym.objects.get()
    assert answer["Location"] == reverse("desk_synonyms:inspect", args=[synonym.pk])
    result = connect().search(preview.lexicon.read().query("环评"))
    assert {hit.title for hit in result.hits} == set(TITLES[:2])  # and nothing was indexed anew


def test_a_change_shows_what_is_no_longer_found(desk: Client) -> None:
    desk.post(NEW, typed("环评 环境影响报告"))
    change = reverse("desk_synonyms:change", args=[Synonym.objects.get().pk])
    assert "环境影响报告" in desk.get(change).content.decode()
    page = desk.post(change, typed("环评 水保", also="水土保持", preview="1"))
    shown = {
        effect.word: (effect.before, effect.after, effect.fresh, effect.gone) for effect in page.context["effects"]
    }
    assert shown == {
        "环评": (2, 2, (TITLES[2],), (TITLES[0],)),
        "水保": (0, 2, tuple(shown["水保"][2]), ()),
        "环境影响报告": (2, 1, (), (TITLES[1],)),
    }
    assert set(shown["水保"][2]) == set(TITLES[1:])
    desk.post(change, typed("环评 水保", also="水土保持"))
    assert Synonym.objects.get().word_list == ("环评", "水保")


@pytest.mark.parametrize("button", [{}, {"preview": "1"}])
def test_a_refusal_stands_at_its_field(desk: Client, button: dict[str, str]) -> None:
    page = desk.post(NEW, typed("环评", **button))
    assert page.status_code == 422
    assert "只有一个词" in page.content.decode()
    assert "环评" in page.content.decode()  # what was typed is not lost


def test_a_silent_index_hinders_nobody(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def search(self, _query: object) -> None:
            raise Unavailable

    monkeypatch.setattr(preview, "connect", Silent)
    page = desk.post(NEW, typed("环评 环境影响报告", preview="1"))
    assert "检索服务暂时没有应答" in page.content.decode()
    assert desk.post(NEW, typed("环评 环境影响报告")).status_code == 302


def test_list_search_and_removal(desk: Client) -> None:
    desk.post(NEW, typed("环评 环境影响报告"))
    desk.post(NEW, typed("水保 水土保持"))
    page = desk.get(reverse("desk_synonyms:index_results"), {"q": "水土"}).content.decode()
    assert "水保、水土保持" in page
    assert "环评" not in page
    synonym = Synonym.objects.get(words__startswith="水保")
    answer = desk.post(reverse("desk_synonyms:inspect", args=[synonym.pk]), {"verb": "remove"})
    assert answer["Location"] == INDEX
    assert [str(row) for row in Synonym.objects.all()] == ["环评、环境影响报告"]


def test_supervisors_look_and_others_stay_outside(client: Client, desk: Client) -> None:
    desk.post(NEW, typed("环评 环境影响报告"))
    synonym = Synonym.objects.get()
    seed_pages(now=clock.now())
    supervisor = make_user()
    supervisor.groups.add(seed_groups()["supervisors"])
    client.force_login(supervisor)
    assert client.get(INDEX).status_code == 200
    inspect = reverse("desk_synonyms:inspect", args=[synonym.pk])
    assert client.get(inspect).status_code == 200
    for address in (NEW, reverse("desk_synonyms:change", args=[synonym.pk])):
        assert client.post(address, typed("水保 水土保持")).status_code in {302, 403}
    client.post(inspect, {"verb": "remove"})
    client.force_login(make_user())
    assert client.get(INDEX).status_code in {302, 403}
    assert [str(row) for row in Synonym.objects.all()] == ["环评、环境影响报告"]
