"""Synonyms as rows: who may change them, what is refused, and that searches follow at once."""

from __future__ import annotations

import csv

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.catalog.actions import load_catalog
from marketplace.catalog.models import Region
from marketplace.core import clock
from marketplace.core.event_words import WORDS
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Refused
from search import lexicon
from search.actions import add_synonym, change_synonym, check_group, load_synonyms, remove_synonym
from search.actions.synonyms import SEED
from search.models import Synonym
from tests.factories.accounts import make_admin, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_admin()


def add(admin, words="环评 环境影响评价", also=""):
    return add_synonym(words=words.split(), also=also.split(), by=admin, now=clock.now())


def names():
    return list(Event.objects.filter(process__ocid=lexicon.OCID).order_by("number").values_list("name", flat=True))


def test_a_group_is_kept_in_one_spelling(admin):
    synonym = add(admin, "環評 ＢＩＭ模型 環評 环境影响评价", "环保 环评")
    assert synonym.word_list == ("环评", "bim模型", "环境影响评价")
    assert synonym.also_list == ("环保",)  # what means the same is not sought along besides
    assert str(synonym) == "环评、bim模型、环境影响评价"
    event = Event.objects.get(name="synonym_added")
    assert event.data == {"words": ["环评", "bim模型", "环境影响评价"], "also": ["环保"], "group": str(synonym)}
    assert (event.actor_id, event.subject_id) == (admin.pk, str(synonym.pk))


def test_each_word_finds_the_others_and_what_is_sought_along_does_not_find_back(admin):
    add(admin, "安评 安全评价", "安全预评价")
    meaning = lexicon.read().meaning
    assert meaning == {"安评": ("安评", "安全评价", "安全预评价"), "安全评价": ("安全评价", "安评", "安全预评价")}


@pytest.mark.parametrize(
    ("words", "also", "code", "status", "field"),
    [
        ([], [], "synonym_empty", 422, "words"),
        (["  ", "\u3000"], [], "synonym_empty", 422, "words"),
        (["环评", "，。"], [], "synonym_empty", 422, "words"),
        (["环评"], [], "synonym_alone", 422, "words"),
        (["环评", "環評", "环评 "], ["评价"], "synonym_alone", 422, "words"),
        (["环评", "长" * 41], [], "synonym_too_long", 422, "words"),
        (["环评", "环境影响评价"], ["长" * 41], "synonym_too_long", 422, "also"),
        (["环评", "有限公司"], [], "synonym_too_common", 422, "words"),
        (["环评", "环"], [], "synonym_too_common", 422, "words"),
        (["环评", "环境影响评价"], ["服务"], "synonym_too_common", 422, "also"),
        ([f"环评{number}" for number in range(13)], [], "synonym_too_many", 422, "words"),
        (["环评", "水保"], [], "synonym_taken", 409, "words"),  # would make one meaning of two
    ],
)
def test_what_is_no_group_is_refused(admin, words, also, code, status, field):
    add(admin, "水保 水土保持")
    with pytest.raises(Refused) as refused:
        add_synonym(words=words, also=also, by=admin, now=clock.now())
    assert (refused.value.code, refused.value.status, refused.value.field) == (code, status, field)
    assert str(refused.value).endswith("。")
    assert names() == ["synonym_added"]


def test_a_taken_word_names_its_group(admin):
    add(admin, "水保 水土保持")
    with pytest.raises(Refused, match="“水保”已在“水保、水土保持”一组里"):
        check_group(["水保", "环评"])


def test_forty_characters_and_twelve_words_are_allowed(admin):
    assert add(admin, " ".join(["长" * 40, *(f"词{number}" for number in range(11))])).pk


def test_a_group_changes_within_itself(admin):
    synonym = add(admin)
    changed = change_synonym(synonym=synonym, words=["环评", "环境评价"], also=["环保"], by=admin, now=clock.now())
    assert (changed.word_list, changed.also_list) == (("环评", "环境评价"), ("环保",))
    data = Event.objects.get(name="synonym_changed").data
    assert data["words_before"] == ["环评", "环境影响评价"]
    change_synonym(synonym=changed, words=["环评", "环境评价"], also=["环保"], by=admin, now=clock.now())
    assert names() == ["synonym_added", "synonym_changed"]  # what is as it was is no event


def test_a_change_may_not_take_a_word_of_another_group(admin):
    synonym = add(admin)
    add(admin, "水保 水土保持")
    with pytest.raises(Refused) as refused:
        change_synonym(synonym=synonym, words=["环评", "水保"], by=admin, now=clock.now())
    assert refused.value.code == "synonym_taken"
    synonym.refresh_from_db()
    assert synonym.word_list == ("环评", "环境影响评价")


def test_a_removed_group_finds_nothing_more(admin):
    synonym = add(admin)
    assert "环评" in lexicon.read().meaning
    remove_synonym(synonym=synonym, by=admin, now=clock.now())
    assert lexicon.read().meaning == {}
    assert Event.objects.get(name="synonym_removed").data["words"] == ["环评", "环境影响评价"]


def test_only_administrators_may(admin):
    synonym, now = add(admin), clock.now()
    for by in (make_user(), None):
        with pytest.raises(Forbidden):
            add_synonym(words=["图审", "施工图审查"], by=by, now=now)
        with pytest.raises(Forbidden):
            change_synonym(synonym=synonym, words=["环评", "环境评价"], by=by, now=now)
        with pytest.raises(Forbidden):
            remove_synonym(synonym=synonym, by=by, now=now)
    assert names() == ["synonym_added"]


def test_the_first_groups_are_loaded_once(admin):
    with SEED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert load_synonyms(now=clock.now()) == len(rows) == Synonym.objects.count()
    remove_synonym(synonym=Synonym.objects.first(), by=admin, now=clock.now())
    assert load_synonyms(now=clock.now()) == 0
    assert Synonym.objects.count() == len(rows) - 1  # what was removed stays removed
    assert names() == ["synonyms_loaded", "synonym_removed"]


def test_every_event_has_words():
    assert {"synonyms_loaded", "synonym_added", "synonym_changed", "synonym_removed"} <= WORDS.keys()


def test_the_words_are_read_once_per_change(admin):
    add(admin)
    first = lexicon.read()
    with CaptureQueriesContext(connection) as queries:
        assert lexicon.read() is first
    assert len(queries) == 1
    add(admin, "水保 水土保持")  # by this process or another: the head of the chain tells
    assert "水保" in lexicon.read().meaning


def test_the_catalogue_gives_places_services_and_the_own_city(admin):
    assert lexicon.read().places == frozenset()
    load_catalog(now=clock.now())
    words = lexicon.read()
    assert {"月湖区", "月湖", "上清镇", "上清"} <= words.places
    assert "交通" not in words.places  # of 交通街道: a word of its own
    assert {"工程造价咨询", "可行性研究"} <= words.known
    assert words.home == {"江西省", "江西", "鹰潭市", "鹰潭"}
    assert words.words == words.places | words.known


def test_two_cities_are_no_home(admin):
    load_catalog(now=clock.now())
    regions = [*Region.objects.values_list("name", "level"), ("上饶市", Region.Level.CITY)]
    assert lexicon.home_of(regions) == {"江西省", "江西"}
