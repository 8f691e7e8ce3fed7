"""Verbs of synonyms: add, change, remove a group of words; load the first ones. Each shows in searches at once."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.catalog.rules import may_curate
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event, Process
from marketplace.core.refusals import Forbidden, Invalid, Refused

from ..analysis import normalize, tokens
from ..analysis.vocabulary import STOPS
from ..lexicon import OCID
from ..models import Synonym
from ..models.synonyms import LONGEST_WORD, MOST_IN_GROUP

SEED = Path(__file__).resolve().parents[1] / "synonyms.csv"


def synonym_process(*, now: datetime) -> Process:
    """Return the process under which changes of words stand, made at the first need."""
    process, _made = Process.objects.get_or_create(
        ocid=OCID, defaults={"kind": Process.Kind.OPERATION, "title": "检索用词", "created_at": now}
    )
    return process


def clean_words(words: Iterable[str]) -> list[str]:
    """Return words in the one spelling, each once, without blanks at the ends."""
    return list(dict.fromkeys(word for word in (" ".join(normalize(raw).split()) for raw in words) if word))


def check_words(words: Iterable[str], also: Iterable[str] = ()) -> tuple[list[str], list[str]]:
    """Return a group's words in the one spelling, or refuse.

    Refuses: synonym_empty, synonym_alone, synonym_too_long, synonym_too_common, synonym_too_many.
    """
    same = clean_words(words)
    along = [word for word in clean_words(also) if word not in same]
    if not same:
        raise Invalid("synonym_empty", _("请填写意思相同的词，每行一个。"), field="words")
    if len(same) == 1:
        raise Invalid("synonym_alone", _("只有一个词，请再填写至少一个意思相同的词。"), field="words")
    for field, kept in (("words", same), ("also", along)):
        for word in kept:
            _check_word(word, field)
        if len(kept) > MOST_IN_GROUP:
            message = _("一组最多 %(most)d 个词，现有 %(count)d 个。") % {"most": MOST_IN_GROUP, "count": len(kept)}
            raise Invalid("synonym_too_many", message, field=field)
    return same, along


def check_group(
    words: Iterable[str], also: Iterable[str] = (), *, without: int | None = None
) -> tuple[list[str], list[str]]:
    """Return a group's words in the one spelling, or refuse; `without` is the key of the group that is changed.

    Refuses what check_words refuses, and synonym_taken (409): a word in two groups would make one meaning of them.
    """
    same, along = check_words(words, also)
    for other in Synonym.objects.all():
        if other.pk == without:
            continue
        if shared := next((word for word in same if word in other.word_list), ""):
            message = _("“%(word)s”已在“%(group)s”一组里：请到那一组里修改，两组意思不同就只留在一组。")
            raise Refused("synonym_taken", message % {"word": shared, "group": str(other)}, field="words")
    return same, along


def _check_word(word: str, field: str) -> None:
    if not tokens(word):
        raise Invalid("synonym_empty", _("“%(word)s”里没有文字。") % {"word": word}, field=field)
    if len(word) > LONGEST_WORD:
        message = _("“%(word)s…”超过 %(most)d 个字。") % {"word": word[:LONGEST_WORD], "most": LONGEST_WORD}
        raise Invalid("synonym_too_long", message, field=field)
    if word in STOPS or len(word) == 1:
        raise Invalid("synonym_too_common", _("“%(word)s”太宽泛，几乎什么都能找到。") % {"word": word}, field=field)


def _may(by: Any) -> None:
    if not may_curate(by):
        raise Forbidden("not_administrator", _("只有平台管理机构可以修改检索用词。"))


def _record(name: str, synonym: Synonym, by: Any, now: datetime, **data: Any) -> None:
    words = {"words": list(synonym.word_list), "also": list(synonym.also_list), "group": str(synonym)}
    record(synonym_process(now=now), name, by=by, now=now, subject=synonym, data={**words, **data})


@transaction.atomic
def add_synonym(*, words: Iterable[str], also: Iterable[str] = (), by: Any, now: datetime) -> Synonym:
    """Add a group of words that mean the same. Refuses: not_administrator (403) and what check_group refuses."""
    _may(by)
    lock(synonym_process(now=now))  # so that two who add the same word at once do not both find it free
    same, along = check_group(words, also)
    synonym = Synonym.objects.create(words="\n".join(same), also="\n".join(along), updated_at=now)
    _record("synonym_added", synonym, by, now)
    return synonym


@transaction.atomic
def change_synonym(
    *, synonym: Synonym, words: Iterable[str], also: Iterable[str] = (), by: Any, now: datetime
) -> Synonym:
    """Change the words of a group; nothing is recorded when they are as they were. Refuses as add_synonym does."""
    _may(by)
    lock(synonym_process(now=now))
    synonym = lock(synonym)
    same, along = check_group(words, also, without=synonym.pk)
    before = {"words_before": list(synonym.word_list), "also_before": list(synonym.also_list)}
    if (same, along) == (before["words_before"], before["also_before"]):
        return synonym
    synonym.words, synonym.also, synonym.updated_at = "\n".join(same), "\n".join(along), now
    synonym.save(update_fields=["words", "also", "updated_at"])
    _record("synonym_changed", synonym, by, now, **before)
    return synonym


@transaction.atomic
def remove_synonym(*, synonym: Synonym, by: Any, now: datetime) -> None:
    """Remove a group: each of its words finds itself alone from now on. Refuses: not_administrator (403)."""
    _may(by)
    lock(synonym_process(now=now))
    synonym = lock(synonym)
    _record("synonym_removed", synonym, by, now)
    synonym.delete()


@transaction.atomic
def load_synonyms(*, now: datetime) -> int:
    """Load the groups of synonyms.csv once, into an installation that has had none; return how many.

    Afterwards the rows are the administrators': a second run changes nothing, and what they removed stays removed.
    """
    process = lock(synonym_process(now=now))
    if process.head_number:
        return 0
    rows = []
    with SEED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            same, along = check_group(row["words"].split("|"), row["also"].split("|"))
            rows.append(Synonym.objects.create(words="\n".join(same), also="\n".join(along), updated_at=now))
    record(process, "synonyms_loaded", now=now, data={"groups": len(rows)}, visibility=Event.Visibility.PUBLIC)
    return len(rows)
