"""Saved searches tell their people of what is new, once, and of nothing that is not for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from marketplace.accounts.models import Message
from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.tenders.actions import cancel_tender
from search import actions, handlers, watching
from search.documents import Document, Kind
from search.models import Alert, Letter
from tests.factories.accounts import make_user
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender

from .saving import make_saved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("watching_index")]
SHANGHAI = ZoneInfo("Asia/Shanghai")


def told(user: object) -> list[str]:
    rows = Message.objects.filter(user=user, key__startswith="saved-")  # type: ignore[misc]
    return list(rows.order_by("pk").values_list("title", flat=True))


def mailed(user: object) -> list[str]:
    return [one.subject for one in mail.outbox if one.to == [user.email] and "List-Unsubscribe" in one.extra_headers]  # type: ignore[attr-defined]


def page(number: int = 1, version: int = 1, title: str = "图书馆开放公告", **more: object) -> Document:
    return Document(Kind.NOTICE, number, version, title, "", f"/news/{number}/", **more)  # type: ignore[arg-type]


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Let pages that exist for the test alone be public, except those that the test takes out."""
    withdrawn: set[str] = set()
    monkeypatch.setattr("search.actions.alerts.public_keys", lambda keys: set(keys) - withdrawn)
    return withdrawn


def test_a_new_need_is_told_at_once_to_who_looks_for_it() -> None:
    saved, other = make_saved("q=图书馆&kind=tender"), make_saved("q=水库")
    tender = make_tender(title="图书馆环境影响评价")
    make_tender(title="道路监理")
    assert told(saved.user) == ["“图书馆”有新结果：图书馆环境影响评价"]
    (message,) = Message.objects.filter(user=saved.user)
    assert message.url == tender.get_absolute_url()
    assert len(mailed(saved.user)) == 1
    assert told(other.user) == mailed(other.user) == []


def test_each_version_once_and_only_when_a_reader_would_notice() -> None:
    saved = make_saved("q=图书馆")
    tender = make_tender(title="图书馆环境影响评价")
    events = list(Event.objects.filter(process=tender.process))
    for event in [*events, *reversed(events)]:
        if event.name in handlers.TENDER_EVENTS:
            handlers.tender_may_have_changed(event)
    handlers.put_tender(tender.pk, 10**6)  # a newer version that says the same
    assert len(told(saved.user)) == len(mailed(saved.user)) == 1
    cancel_tender(tender=tender, reason="计划调整", by=tender.created_by)
    assert len(told(saved.user)) == len(mailed(saved.user)) == 2
    assert Alert.objects.filter(search=saved).count() == 2


def test_a_moving_credit_score_is_no_news(public: set[str]) -> None:
    saved = make_saved("q=图书馆")
    watching.look([page(credit=8000, credit_level="B")])
    watching.look([page(version=2, credit=9100, credit_level="A")])
    assert len(told(saved.user)) == 1
    watching.look([page(version=3, title="图书馆闭馆公告")])
    watching.look([page(version=2, title="图书馆开放公告")])  # late
    assert len(told(saved.user)) == 2


def test_ones_own_documents_are_no_news() -> None:
    owner = make_buyer()
    person = owner.memberships.get().user
    saved, stranger = make_saved("q=图书馆", by=person), make_saved("q=图书馆")
    make_tender(title="图书馆环境影响评价", buyer=owner)
    assert told(person) == []
    assert len(told(stranger.user)) == 1
    firm = make_firm(name="图书馆勘测有限公司", user=person)
    assert told(person) == []
    assert told(stranger.user)[-1] == f"“图书馆”有新结果：{firm.name}"
    assert Alert.objects.filter(search=saved).count() == 0


def test_paused_and_deleted_searches_and_closed_accounts_collect_nothing() -> None:
    paused, deleted, closed = make_saved(), make_saved(), make_saved()
    actions.pause_search(search=paused, by=paused.user, now=clock.now())
    actions.delete_search(search=deleted, by=deleted.user, now=clock.now())
    closed.user.is_active = False
    closed.user.save()
    make_tender(title="图书馆环境影响评价")
    assert not Alert.objects.exists()
    assert not Message.objects.filter(key__startswith="saved-").exists()
    actions.resume_search(search=paused, by=paused.user, now=clock.now())
    make_tender(title="图书馆造价咨询")
    assert told(paused.user) == ["“图书馆”有新结果：图书馆造价咨询"]


def test_the_daily_message_gathers_until_eight(public: set[str]) -> None:
    saved = make_saved("q=图书馆", rhythm="daily")
    early = datetime(2026, 11, 27, 7, 59, tzinfo=SHANGHAI)
    watching.look([page(1), page(2), page(3, title="图书馆招聘")])
    Alert.objects.update(found_at=early)
    watching.look([page(4, title="图书馆夜场")])
    Alert.objects.filter(key="notice:4").update(found_at=early + timedelta(minutes=2))
    assert watching.tell_what_is_due(early) == 0
    public.add("notice:2")  # withdrawn since
    assert watching.tell_what_is_due(early + timedelta(minutes=1)) == 1
    assert told(saved.user) == ["“图书馆”有 2 条新结果"]
    assert watching.tell_what_is_due(early + timedelta(hours=20)) == 0
    watching.tell_what_is_due(early + timedelta(hours=25))
    assert told(saved.user)[1:] == ["“图书馆”有新结果：图书馆夜场"]
    assert len(mailed(saved.user)) == 2
    body = Message.objects.filter(user=saved.user).earliest("pk").body
    assert body == "图书馆开放公告\n图书馆招聘"


def test_eight_in_the_morning_is_that_of_shanghai() -> None:
    moment = datetime(2026, 11, 27, 8, 0, tzinfo=SHANGHAI)
    assert watching.gathered_until(moment) == moment
    assert watching.gathered_until(moment - timedelta(seconds=1)) == moment - timedelta(days=1)
    assert watching.gathered_until(moment + timedelta(hours=23)) == moment


def test_many_are_counted_and_the_first_ten_named(public: set[str]) -> None:
    saved = make_saved("q=图书馆", rhythm="daily")
    watching.look([page(number, title=f"图书馆公告 {number}") for number in range(1, 14)])
    watching.tell_what_is_due(clock.now() + timedelta(days=1))
    (message,) = Message.objects.filter(user=saved.user)
    assert message.title == "“图书馆”有 13 条新结果"
    assert message.body.count("\n") == 10
    assert message.body.endswith("另有 3 条。")
    assert message.url == f"/search/saved/{saved.pk}/run/"


def test_nobody_is_told_after_pausing_of_what_was_gathered(public: set[str]) -> None:
    saved = make_saved("q=图书馆", rhythm="daily")
    watching.look([page()])
    actions.pause_search(search=saved, by=saved.user, now=clock.now())
    watching.tell_what_is_due(clock.now() + timedelta(days=1))
    assert told(saved.user) == []
    assert not Alert.objects.filter(told_at=None).exists()


@pytest.mark.parametrize(("telling", "messages", "mails"), [("site", 1, 0), ("mail", 0, 1), ("both", 1, 1)])
def test_told_in_the_way_that_was_chosen(telling: str, messages: int, mails: int, public: set[str]) -> None:
    saved = make_saved("q=图书馆", telling=telling)
    watching.look([page()])
    assert (len(told(saved.user)), len(mailed(saved.user))) == (messages, mails)
    assert Letter.objects.filter(done_at=None).count() == 0


def test_two_searches_of_one_person_tell_each_for_itself(public: set[str]) -> None:
    person = make_user()
    make_saved("q=图书馆", by=person, name="馆")
    make_saved("q=公告", by=person, name="告")
    watching.look([page(), replace(page(2), title="停水公告")])
    assert sorted(told(person)) == sorted(["“馆”有新结果：图书馆开放公告", "“告”有 2 条新结果"])


def test_many_people_are_left_to_the_worker(public: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.actions.alerts.TOLD_HERE", 2)
    people = [make_saved("q=图书馆").user for _number in range(3)]
    watching.look([page()])
    assert sorted(len(told(person)) for person in people) == [0, 1, 1]
    watching.tell_what_is_due(clock.now())
    watching.tell_what_is_due(clock.now())
    assert [len(told(person)) for person in people] == [len(mailed(person)) for person in people] == [1, 1, 1]
