"""Save a search, change how it tells, pause it, delete it and bring it back.

Nothing here is recorded as an event: what a person looks for is nobody else's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from search.models import Rhythm, SavedSearch, Telling
from search.queries.saved import UNDO, searches_of, watchable
from search.rules import saved_it
from search.states import SAVED_SEARCH, SavedStatus

from .registration import register

MOST_SEARCHES = 50
LONGEST_NAME = 60
LONGEST_PARAMETERS = 2000


class AlreadySaved(Refused):
    """The person has saved this search before: `search`."""

    def __init__(self, search: SavedSearch) -> None:
        super().__init__("already_saved", _("您已经存过这个搜索：“%(name)s”。") % {"name": search.name})
        self.search = search


def clean_name(name: str) -> str:
    """Return a name without spaces around it; refuse with `name_missing`, `name_too_long`."""
    name = " ".join(name.split())
    if not name:
        raise Invalid("name_missing", _("请给这个搜索起个名字。"), field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid("name_too_long", _("名称最多 %(most)d 个字。") % {"most": LONGEST_NAME}, field="name")
    return name


@transaction.atomic
def save_search(
    *,
    name: str,
    parameters: str,
    text: str,
    chosen: Mapping[str, Sequence[str]],
    telling: str,
    rhythm: str,
    by: User,
    now: datetime,
) -> SavedSearch:
    """Save a search for the person `by`: `parameters` as the address says it, `text` and `chosen` as the form reads it.

    Refuses: name_missing, name_too_long, nothing_sought, search_too_long, mail_missing (422); already_saved, too_many.
    """
    values = {"name": clean_name(name), "telling": _telling(telling, by), "rhythm": Rhythm(rhythm)}
    kept = {facet: list(given) for facet, given in chosen.items() if given}
    if not text and not watchable(text, kept):
        raise Invalid("nothing_sought", _("请先输入关键词，或者选择日期以外的筛选条件，再保存。"))
    if len(parameters) > LONGEST_PARAMETERS:
        raise Invalid("search_too_long", _("选择的条件太多，请减少一些再保存。"))
    _check_room(by, parameters)
    search = SavedSearch.objects.create(
        user=by, parameters=parameters, text=text, chosen=kept, created_at=now, **values
    )
    transaction.on_commit(partial(register, number=search.pk))
    return search


@transaction.atomic
def rename_search(*, search: SavedSearch, name: str, by: Any, now: datetime) -> SavedSearch:
    """Give a saved search another name. Refuses: not_yours (403), search_deleted, name_missing, name_too_long."""
    search = _own(search, by)
    search.name = clean_name(name)
    search.save(update_fields=["name"])
    return search


@transaction.atomic
def change_telling(*, search: SavedSearch, telling: str, rhythm: str, by: Any, now: datetime) -> SavedSearch:
    """Change how and when a person is told. Refuses: not_yours (403), search_deleted, mail_missing (422)."""
    search = _own(search, by)
    search.telling, search.rhythm = _telling(telling, by), Rhythm(rhythm)
    search.save(update_fields=["telling", "rhythm"])
    return search


def pause_search(*, search: SavedSearch, by: Any, now: datetime) -> SavedSearch:
    """Collect nothing for a saved search any more. Refuses: not_yours (403), state_conflict."""
    return _move(search, SavedStatus.PAUSED, by, now)


def resume_search(*, search: SavedSearch, by: Any, now: datetime) -> SavedSearch:
    """Collect again, from now on. Refuses: not_yours (403), state_conflict."""
    return _move(search, SavedStatus.ACTIVE, by, now)


def delete_search(*, search: SavedSearch, by: Any, now: datetime) -> SavedSearch:
    """Delete a saved search; for a day it can be brought back. Refuses: not_yours (403), state_conflict."""
    return _move(search, SavedStatus.DELETED, by, now)


@transaction.atomic
def restore_search(*, search: SavedSearch, by: Any, now: datetime) -> SavedSearch:
    """Bring a deleted search back as it was. Refuses: not_yours (403), state_conflict, undo_over, already_saved, too_many."""
    search = _mine(search, by)
    SAVED_SEARCH.check(search.status, search.deleted_from or SavedStatus.ACTIVE)
    if search.deleted_at is None or now - search.deleted_at >= UNDO:
        raise Refused("undo_over", _("删除已超过一天，不能恢复了，请重新保存。"))
    _check_room(search.user, search.parameters)
    search.status, search.deleted_from, search.deleted_at = search.deleted_from, "", None
    return _moved(search)


@transaction.atomic
def stop_mail(*, search: SavedSearch, now: datetime) -> SavedSearch:
    """Send no more mail about a saved search, as the signed link in one asks; doing it twice changes nothing.

    Who chose mail alone has nothing left to be told by, so that search pauses.
    """
    search = lock(search)
    if not search.by_mail:
        return search
    if search.telling == Telling.MAIL and search.status == SavedStatus.ACTIVE:
        search.status = SavedStatus.PAUSED
    search.telling = Telling.SITE
    search.save(update_fields=["telling"])
    return _moved(search)


@transaction.atomic
def forget_search(*, search: SavedSearch, now: datetime) -> bool:
    """Remove the row of a search that was deleted and can no longer be brought back; the worker's part."""
    row = SavedSearch.objects.select_for_update().filter(pk=search.pk, status=SavedStatus.DELETED).first()
    if row is None or row.deleted_at is None or now - row.deleted_at < UNDO:
        return False
    number = row.pk
    row.delete()
    transaction.on_commit(partial(register, number=number))
    return True


@transaction.atomic
def _move(search: SavedSearch, target: SavedStatus, by: Any, now: datetime) -> SavedSearch:
    search = _mine(search, by)
    if search.status == SavedStatus.DELETED and target != SavedStatus.DELETED:
        raise _deleted()  # bringing it back is another verb, which looks for room
    SAVED_SEARCH.check(search.status, target)
    if target == SavedStatus.DELETED:
        search.deleted_from, search.deleted_at = search.status, now
    search.status = target
    return _moved(search)


def _moved(search: SavedSearch) -> SavedSearch:
    search.is_watched = False
    search.save(update_fields=["status", "deleted_from", "deleted_at", "is_watched"])
    transaction.on_commit(partial(register, number=search.pk))
    return search


def _mine(search: SavedSearch, by: Any) -> SavedSearch:
    search = lock(search)
    if not saved_it(by, search):
        raise Forbidden("not_yours", _("这是别人保存的搜索。"))
    return search


def _own(search: SavedSearch, by: Any) -> SavedSearch:
    search = _mine(search, by)
    if search.status == SavedStatus.DELETED:
        raise _deleted()
    return search


def _deleted() -> Refused:
    return Refused("search_deleted", _("这个搜索已经删除，请先恢复。"))


def _telling(telling: str, by: User) -> Telling:
    chosen = Telling(telling)
    if chosen != Telling.SITE and not by.email:
        raise Invalid("mail_missing", _("您的账号没有登记邮箱，只能用站内消息告知。"), field="telling")
    return chosen


def _check_room(user: User, parameters: str) -> None:
    User.objects.select_for_update().get(pk=user.pk)  # two at once would both find room
    if same := searches_of(user).filter(parameters=parameters).first():
        raise AlreadySaved(same)
    if searches_of(user).count() >= MOST_SEARCHES:
        raise Refused("too_many", _("最多保存 %(most)d 个搜索，请先删除不用的。") % {"most": MOST_SEARCHES})
