"""Note what saved searches found, tell their people, and send the mails that are owed for it."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import Signer
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.accounts.actions import notify
from marketplace.core import clock
from marketplace.core.locks import lock
from marketplace.parties.models import Membership
from search.documents import Document
from search.models import Alert, Letter, Rhythm, SavedSearch
from search.queries.documents import owners_of, public_keys
from search.states import SavedStatus

logger = logging.getLogger(__name__)
SHOWN = 10  # documents named in one message
TOLD_HERE = 20  # people told by whoever wrote the document; the worker tells the others in its next round
LEASE = timedelta(minutes=10)  # how long a letter may take to go out before another worker looks at it
MOST_TRIES = 2  # once, and once more after a crash
LONGEST_WAIT = timedelta(hours=6)
NEWS = ("title", "body", "status", "method", "money_fen", "ends", "services", "regions", "qualifications")
SIGNER = Signer(salt="search.stop_mail")


def news_of(document: Document) -> str:
    """Return a digest of what a reader would notice: neither who did it, nor when, nor how a credit score moved."""
    words = [getattr(document, name) for name in NEWS]
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()[:32]


@transaction.atomic
def note_alerts(*, documents: Iterable[Document], found: Collection[tuple[int, str]], now: datetime) -> int:
    """Write what saved searches found, as pairs of a search's number and a document's key, and tell those who want it at once.

    Left out are searches that are not active, people whose account is closed, documents of a person's own organizations, and
    versions that tell nothing new. Return how many alerts were written; a replay writes none.
    """
    by_key = {document.key: document for document in documents}
    rows = SavedSearch.objects.filter(
        pk__in={number for number, _key in found}, status=SavedStatus.ACTIVE, user__is_active=True
    )
    searches = {search.pk: search for search in rows.select_related("user")}
    pairs = [(searches[number], by_key[key]) for number, key in found if number in searches and key in by_key]
    own, known = _own_keys(pairs), _newest_alerts(pairs)
    fresh = []
    for search, document in pairs:
        version, news = known.get((search.pk, document.key), (-1, ""))
        if (search.user_id, document.key) in own or document.version <= version or news_of(document) == news:
            continue
        fresh.append(
            Alert(
                search=search,
                key=document.key,
                version=document.version,
                title=" ".join(document.title.split())[:300],
                url=document.url[:300],
                news=news_of(document),
                found_at=now,
            )
        )
    Alert.objects.bulk_create(fresh, ignore_conflicts=True)  # another worker may have been here
    at_once = [
        number for number in sorted({alert.search_id for alert in fresh}) if searches[number].rhythm == Rhythm.AT_ONCE
    ]
    for number in at_once[:TOLD_HERE]:
        tell(search=searches[number], now=now)
    return len(fresh)


def _own_keys(pairs: Iterable[tuple[SavedSearch, Document]]) -> set[tuple[int, str]]:
    """Return which of the documents are of an organization for which the searching person acts, by person and key."""
    pairs = list(pairs)
    owners = owners_of({document.key for _search, document in pairs})
    if not owners:
        return set()
    people = {search.user_id for search, _document in pairs}
    rows = Membership.objects.current().filter(user__in=people, organization__in=set(owners.values()))
    members = set(rows.values_list("user", "organization"))
    return {
        (search.user_id, document.key)
        for search, document in pairs
        if (search.user_id, owners.get(document.key)) in members
    }


def _newest_alerts(pairs: Iterable[tuple[SavedSearch, Document]]) -> dict[tuple[int, str], tuple[int, str]]:
    """Return version and news of the newest alert of each pair of a search and a document."""
    pairs = list(pairs)
    rows = Alert.objects.filter(
        search__in={search.pk for search, _document in pairs}, key__in={document.key for _search, document in pairs}
    )
    found = rows.order_by("version").values_list("search", "key", "version", "news")
    return {(search, key): (version, news) for search, key, version, news in found}  # the newest stays


@transaction.atomic
def tell(*, search: SavedSearch, now: datetime, before: datetime | None = None) -> int:
    """Tell a person in one message what a saved search found and was not told yet, or what it found `before` a moment.

    What the public may no longer see is left out. Nobody is told for a search that is not active or an account that is closed.
    Message, letter and alerts change together, so a crash tells twice of nothing; the mail goes out after the commit.
    Return the number of documents told of.
    """
    search = lock(search)
    rows = Alert.objects.filter(search=search, told_at=None)
    alerts = list(rows.filter(found_at__lt=before) if before is not None else rows)
    if not alerts:
        return 0
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(told_at=now)
    if search.status != SavedStatus.ACTIVE or not search.user.is_active:
        return 0
    newest = {alert.key: alert for alert in sorted(alerts, key=lambda alert: alert.version)}
    seen = public_keys(newest)
    told = [alert for key, alert in newest.items() if key in seen]
    if told:
        with translation.override(settings.LANGUAGE_CODE):
            _write(search, told, now)
    return len(told)


def _write(search: SavedSearch, alerts: list[Alert], now: datetime) -> None:
    count = len(alerts)
    if count == 1:
        title = _("“%(name)s”有新结果：%(title)s") % {"name": search.name, "title": alerts[0].title}
    else:
        words = ngettext("“%(name)s”有 %(count)d 条新结果", "“%(name)s”有 %(count)d 条新结果", count)
        title = words % {"name": search.name, "count": count}
    more = _("另有 %(count)d 条。") % {"count": count - SHOWN} if count > SHOWN else ""
    if search.by_site:
        notify(
            user=search.user,
            title=title,
            body="\n".join([*(alert.title for alert in alerts[:SHOWN]), *filter(None, [more])]),
            url=alerts[0].url if count == 1 else reverse("search:run_saved", args=[search.pk]),
            key=f"saved-{search.pk}-{max(alert.pk for alert in alerts)}",
            now=now,
            by_mail=False,
        )
    if search.by_mail and search.user.email and not search.user.is_robot:
        lines = [f"{alert.title}\n{settings.BASE_URL}{alert.url}" for alert in alerts[:SHOWN]]
        everything = f"{settings.BASE_URL}{reverse('search:run_saved', args=[search.pk])}"
        end = _("查看全部结果：%(url)s") % {"url": everything}
        letter = Letter.objects.create(
            search=search,
            title=title[:200],
            body="\n\n".join([*lines, *filter(None, [more]), end]),
            created_at=now,
            due_at=now,
        )
        transaction.on_commit(partial(send_letter, letter=letter, now=now))


def stop_address(search: SavedSearch) -> str:
    """Return the address that ends the mails about a saved search without a sign-in, known only to who got one."""
    return settings.BASE_URL + reverse("search:stop_mail", args=[SIGNER.sign(str(search.pk))])


def send_letter(*, letter: Letter, now: datetime | None = None) -> bool:
    """Send a mail that is owed and due; say whether it went out now. Outside of a transaction: each step commits.

    A crash between sending and noting it makes it go out once more at most; a mail server that refuses is asked again later,
    each time after twice as long, until the letter goes or nobody wants it.
    """
    now = now or clock.now()
    claimed = _claim(letter, now)
    if claimed is None:
        return False
    try:
        _mail(claimed).send()
    except OSError:
        logger.exception("letter %d about saved search %d could not be sent", claimed.pk, claimed.search_id)
        failures = claimed.failures + 1
        wait = min(timedelta(minutes=2 ** min(failures, 9)), LONGEST_WAIT)
        Letter.objects.filter(pk=claimed.pk).update(
            begun_at=None, tries=claimed.tries - 1, failures=failures, due_at=now + wait
        )
        return False
    Letter.objects.filter(pk=claimed.pk).update(done_at=now)
    return True


@transaction.atomic
def _claim(letter: Letter, now: datetime) -> Letter | None:
    """Take a letter that is due for oneself; close one that nobody wants, or that may have gone out twice."""
    row = Letter.objects.select_for_update(of=("self",)).filter(pk=letter.pk, done_at=None, due_at__lte=now)
    found = row.select_related("search__user").first()
    if found is None:
        return None
    user = found.search.user
    is_wanted = found.search.by_mail and found.search.status == SavedStatus.ACTIVE and user.is_active and user.email
    if not is_wanted or found.tries >= MOST_TRIES:
        found.done_at = now
        found.save(update_fields=["done_at"])
        return None
    found.begun_at, found.tries, found.due_at = now, found.tries + 1, now + LEASE
    found.save(update_fields=["begun_at", "tries", "due_at"])
    return found


def _mail(letter: Letter) -> EmailMessage:
    """Make the mail, with the headers by which a mail program offers to unsubscribe in one click (RFC 2369, RFC 8058)."""
    stop = stop_address(letter.search)
    with translation.override(settings.LANGUAGE_CODE):
        end = _("这封邮件因您保存的搜索“%(name)s”而发。不再收到：%(url)s") % {"name": letter.search.name, "url": stop}
    return EmailMessage(
        f"【{settings.WAGTAIL_SITE_NAME}】{letter.title}",
        f"{letter.title}\n\n{letter.body}\n\n{end}\n",
        settings.DEFAULT_FROM_EMAIL,
        [letter.search.user.email],
        headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )


def waiting_alerts(searches: Iterable[SavedSearch]) -> dict[int, int]:
    """Count what each of the searches has found and nobody was told of yet."""
    counts: dict[int, int] = defaultdict(int)
    for number in Alert.objects.filter(search__in=list(searches), told_at=None).values_list("search", flat=True):
        counts[number] += 1
    return counts
