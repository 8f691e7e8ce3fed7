"""People save searches, change them, delete them and bring them back; the index follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.core import clock
from marketplace.core.refusals import Refused
from search import actions, watching
from search.actions.saved import MOST_SEARCHES
from search.models import SavedSearch
from search.queries import kept_searches, searches_of
from search.states import SAVED_SEARCH, SavedStatus
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_region

from .memory_index import MemoryIndex
from .saving import make_saved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_index")]
VERBS = {
    "pause_search": actions.pause_search,
    "resume_search": actions.resume_search,
    "delete_search": actions.delete_search,
    "restore_search": actions.restore_search,
}


def refusal(action: Any, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        action(now=arguments.pop("now", None) or clock.now(), **arguments)
    return caught.value


def led_to(status: str) -> SavedSearch:
    """Make a saved search in a state."""
    search = make_saved()
    if status == SavedStatus.PAUSED:
        search = actions.pause_search(search=search, by=search.user, now=clock.now())
    if status == SavedStatus.DELETED:
        search = actions.delete_search(search=search, by=search.user, now=clock.now())
    return search


def test_the_index_watches_what_is_saved_and_only_while_it_is_active(memory_index: MemoryIndex) -> None:
    make_region(code="360602", name="月湖区")
    search = make_saved("q=造价&region=360602&sort=newest&page=3")
    assert search.parameters == "q=%E9%80%A0%E4%BB%B7&region=360602"
    query = memory_index.kept[search.pk]
    assert (query.text, query.chosen) == ("造价", {"region": ("360602",)})
    assert "月湖区" in query.places
    assert dict(kept_searches()) == memory_index.kept
    for verb, is_watched in (
        (actions.pause_search, False),
        (actions.resume_search, True),
        (actions.delete_search, False),
    ):
        search = verb(search=search, by=search.user, now=clock.now())
        assert (search.pk in memory_index.kept) is is_watched
        assert dict(kept_searches()) == memory_index.kept
    actions.restore_search(search=search, by=search.user, now=clock.now())
    assert search.pk in memory_index.kept


def test_the_index_is_caught_up_when_it_was_silent(memory_index: MemoryIndex) -> None:
    memory_index.is_silent = True
    search = make_saved()
    search.refresh_from_db()
    assert not search.is_watched
    assert watching.keep_in_step(clock.now()) == 1
    memory_index.is_silent = False
    watching.keep_in_step(clock.now())
    search.refresh_from_db()
    assert search.is_watched
    assert list(memory_index.kept) == [search.pk]
    assert watching.keep_in_step(clock.now()) == 0


def test_somebody_whose_account_is_closed_watches_nothing(memory_index: MemoryIndex) -> None:
    search = make_saved()
    search.user.is_active = False
    search.user.save()
    assert list(kept_searches()) == []
    actions.register(number=search.pk)
    assert memory_index.kept == {}


@pytest.mark.parametrize(("source", "target"), list(SAVED_SEARCH.pairs()))
def test_every_pair_of_states(source: str, target: str) -> None:
    search = led_to(source)
    verb = SAVED_SEARCH.moves.get(source, {}).get(target)
    if verb == "restore_search" and search.deleted_from != target:
        search.deleted_from = target
        search.save(update_fields=["deleted_from"])
    if verb:
        assert VERBS[verb](search=search, by=search.user, now=clock.now()).status == target
        return
    reaching = {targets[target] for targets in SAVED_SEARCH.moves.values() if target in targets} - {"restore_search"}
    for name in reaching:
        assert refusal(VERBS[name], search=search, by=search.user).code in {"state_conflict", "search_deleted"}
    search.refresh_from_db()
    assert search.status == source


def test_the_same_search_is_saved_once_whatever_its_order() -> None:
    person = make_user()
    first = make_saved("q=图书馆&kind=tender&sort=newest", by=person)
    refused = refusal_of_saving("kind=tender&page=2&q=%20图书馆%20", person)
    assert (refused.code, refused.search.pk) == ("already_saved", first.pk)  # type: ignore[attr-defined]
    make_saved("q=图书馆&kind=firm", by=person)
    make_saved("q=图书馆&kind=tender")  # somebody else
    actions.delete_search(search=first, by=person, now=clock.now())
    again = make_saved("q=图书馆&kind=tender", by=person)
    refused = refusal(actions.restore_search, search=first, by=person)
    assert (refused.code, refused.search.pk) == ("already_saved", again.pk)  # type: ignore[attr-defined]


def refusal_of_saving(parameters: str, by: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        make_saved(parameters, by=by, **more)
    return caught.value


def test_what_cannot_be_saved() -> None:
    person = make_user()
    assert refusal_of_saving("sort=newest", person).code == "nothing_sought"
    assert refusal_of_saving("q=图书馆", person, name="  ").code == "name_missing"
    assert refusal_of_saving("q=图书馆", person, name="长" * 61).code == "name_too_long"
    person.email = ""
    person.save()
    assert refusal_of_saving("q=图书馆", person).code == "mail_missing"
    assert not searches_of(person).exists()


def test_a_date_alone_is_no_search_and_does_not_narrow_what_comes(memory_index: MemoryIndex) -> None:
    values = {"name": "近一周", "parameters": "date=week", "telling": "site", "rhythm": "daily", "by": make_user()}
    assert refusal(actions.save_search, text="", chosen={"date": ("week",)}, **values).code == "nothing_sought"
    search = actions.save_search(text="桥", chosen={"date": ("week",)}, now=clock.now(), **values)
    assert memory_index.kept[search.pk].chosen == {}
    assert search.chosen == {"date": ["week"]}


def test_fifty_and_no_more() -> None:
    person, now = make_user(), clock.now()
    rows = [
        SavedSearch(user=person, name=f"第 {number} 个", parameters=f"q={number}", text=str(number), created_at=now)
        for number in range(MOST_SEARCHES - 1)
    ]
    SavedSearch.objects.bulk_create(rows)
    last = make_saved(by=person)
    assert refusal_of_saving("q=另一个", person).code == "too_many"
    actions.delete_search(search=last, by=person, now=now)
    make_saved("q=另一个", by=person)
    assert refusal(actions.restore_search, search=last, by=person).code == "too_many"


def test_undo_lasts_a_day_and_brings_back_the_state(memory_index: MemoryIndex) -> None:
    now = clock.now()
    search = led_to(SavedStatus.PAUSED)
    search = actions.delete_search(search=search, by=search.user, now=now)
    soon, late = now + timedelta(hours=23), now + timedelta(days=1)
    assert not actions.forget_search(search=search, now=soon)
    assert refusal(actions.restore_search, search=search, by=search.user, now=late).code == "undo_over"
    assert actions.restore_search(search=search, by=search.user, now=soon).status == SavedStatus.PAUSED
    actions.delete_search(search=search, by=search.user, now=now)
    watching.keep_in_step(soon)
    assert SavedSearch.objects.filter(pk=search.pk).exists()
    watching.keep_in_step(late)
    assert not SavedSearch.objects.filter(pk=search.pk).exists()


def test_only_the_person_changes_it() -> None:
    search = make_saved()
    for somebody in (make_user(), make_admin()):
        for verb in (actions.pause_search, actions.delete_search):
            assert refusal(verb, search=search, by=somebody).status == 403
        assert refusal(actions.rename_search, search=search, name="别的", by=somebody).status == 403
        assert refusal(actions.change_telling, search=search, telling="site", rhythm="daily", by=somebody).status == 403
    assert actions.rename_search(search=search, name=" 新 名 ", by=search.user, now=clock.now()).name == "新 名"
    gone = actions.delete_search(search=search, by=search.user, now=clock.now())
    assert refusal(actions.rename_search, search=gone, name="别的", by=search.user).code == "search_deleted"
