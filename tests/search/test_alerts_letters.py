"""Mails about saved searches survive crashes and silent mail servers, and can be ended with one click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from marketplace.core import clock
from search import watching
from search.actions import delete_search, send_letter
from search.actions.alerts import LEASE, stop_address
from search.documents import Document, Kind
from search.models import Letter, SavedSearch

from .memory_index import MemoryIndex
from .saving import make_saved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_index")]


class Crash(BaseException):
    """The process is gone."""


@pytest.fixture
def outgoing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let sending a mail do something else: `before` it goes out, or `after`."""
    send = EmailMessage.send

    def let(*, before: BaseException | None = None, after: BaseException | None = None) -> None:
        def instead(self: EmailMessage, *args: Any, **kwargs: Any) -> int:
            if before is not None:
                raise before
            sent = send(self, *args, **kwargs)
            if after is not None:
                raise after
            return sent

        monkeypatch.setattr(EmailMessage, "send", instead)

    return let


def owed(now: datetime) -> Letter:
    search = make_saved(telling="mail")
    return Letter.objects.create(search=search, title="“图书馆”有新结果", body="图书馆", created_at=now, due_at=now)


def test_a_crash_after_the_mail_sends_once_more_and_no_more(outgoing: Callable[..., None]) -> None:
    now = clock.now()
    letter = owed(now)
    outgoing(after=Crash())
    for place in range(5):
        moment = now + place * LEASE
        try:
            watching.send_what_is_owed(moment)
        except Crash:
            continue
    assert len(mail.outbox) == 2
    letter.refresh_from_db()
    assert letter.done_at is not None


def test_a_crash_before_the_mail_loses_nothing(outgoing: Callable[..., None]) -> None:
    now = clock.now()
    owed(now)
    outgoing(before=Crash())
    with pytest.raises(Crash):
        watching.send_what_is_owed(now)
    outgoing()
    watching.send_what_is_owed(now + timedelta(minutes=1))
    assert mail.outbox == []  # somebody may still be at it
    watching.send_what_is_owed(now + LEASE)
    watching.send_what_is_owed(now + 3 * LEASE)
    assert len(mail.outbox) == 1


def test_a_silent_mail_server_is_asked_until_it_answers(outgoing: Callable[..., None]) -> None:
    moment = clock.now()
    letter = owed(moment)
    outgoing(before=SMTPServerDisconnected("gone"))
    for _time in range(12):
        assert not send_letter(letter=letter, now=moment)
        letter.refresh_from_db()
        assert (letter.tries, letter.done_at) == (0, None)
        assert not send_letter(letter=letter, now=letter.due_at - timedelta(seconds=1))
        moment = letter.due_at
    assert letter.failures == 12
    outgoing()
    assert send_letter(letter=letter, now=moment)
    assert not send_letter(letter=letter, now=moment + timedelta(days=1))
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("change", ["deleted", "closed", "no address", "site"])
def test_a_letter_that_nobody_wants_any_more_stays_home(change: str) -> None:
    now = clock.now()
    letter = owed(now)
    search, person = letter.search, letter.search.user
    if change == "deleted":
        delete_search(search=search, by=person, now=now)
    elif change == "site":
        SavedSearch.objects.update(telling="site")
    else:
        person.is_active, person.email = change != "closed", "" if change == "no address" else person.email
        person.save()
    watching.send_what_is_owed(now)
    letter.refresh_from_db()
    assert letter.done_at == now
    assert mail.outbox == []


def test_one_click_ends_the_mails(client: Client) -> None:
    now = clock.now()
    letter = owed(now)
    assert send_letter(letter=letter, now=now)
    (sent,) = mail.outbox
    link = stop_address(letter.search)
    assert sent.extra_headers == {
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert link in sent.body
    path = link.partition("//")[2].partition("/")[2]
    strict = Client(enforce_csrf_checks=True)
    assert "不再发邮件" in strict.get(f"/{path}").content.decode()
    letter.search.refresh_from_db()
    assert letter.search.by_mail  # a look changes nothing
    for _time in range(2):
        answer = strict.post(f"/{path}", {"List-Unsubscribe": "One-Click"})
        assert "不会再收到邮件" in answer.content.decode()
    letter.search.refresh_from_db()
    assert (letter.search.telling, letter.search.status) == ("site", "paused")
    assert client.get(f"/{path[:-2]}x/").status_code == 404
    assert client.post("/search/saved/stop/1:forged/").status_code == 404


def test_who_is_told_both_ways_keeps_the_messages_on_the_site(memory_index: MemoryIndex) -> None:
    search = make_saved(telling="both")
    link = stop_address(search)
    Client().post("/" + link.partition("//")[2].partition("/")[2])
    search.refresh_from_db()
    assert (search.telling, search.status) == ("site", "active")
    assert search.pk in memory_index.kept


def test_alerts_and_letter_come_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash in between leaves nothing, and the delivery that is tried again finds everything new."""
    search = make_saved(telling="both")
    document = Document(Kind.NOTICE, 1, 1, "图书馆公告", "", "/news/1/")
    monkeypatch.setattr("search.actions.alerts.public_keys", set)
    create = Letter.objects.create
    monkeypatch.setattr(Letter.objects, "create", lambda **_values: (_ for _ in ()).throw(Crash()))
    with pytest.raises(Crash):
        watching.look([document])
    assert search.alerts.count() == search.user.messages.count() == 0
    monkeypatch.setattr(Letter.objects, "create", create)
    watching.look([document])
    assert search.alerts.count() == search.user.messages.count() == len(mail.outbox) == 1
