"""Preview: what a change of synonyms would do to searches, told before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from . import lexicon
from .engine import Adapter, Result, connect
from .models import Synonym

SHOWN = 5
LOOKED_AT = 500  # documents of a result that are compared by key


@dataclass(frozen=True)
class Effect:
    """What one word finds today and with the change, in documents, and the first titles that come in and that go."""

    word: str
    before: int
    after: int
    fresh: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def is_change(self) -> bool:
        return self.before != self.after or bool(self.fresh or self.gone)


def effects(
    words: tuple[str, ...], also: tuple[str, ...], *, changed: Synonym | None = None, index: Adapter | None = None
) -> list[Effect]:
    """Return the effect of a group's new words on each word that it has or had; nothing is written.

    `changed` is the group that is edited, None for a new one; the words are in the one spelling (actions.check_words).
    """
    adapter = index or connect()
    today = lexicon.read()
    others = [group for group in Synonym.objects.all() if changed is None or group.pk != changed.pk]
    group = Synonym(words="\n".join(words), also="\n".join(also))
    then = replace(today, meaning=lexicon.meaning_of([*others, group]))
    before = changed.word_list if changed else ()
    return [_effect(adapter, word, today, then) for word in dict.fromkeys((*words, *before))]


def _effect(adapter: Adapter, word: str, today: lexicon.Lexicon, then: lexicon.Lexicon) -> Effect:
    first, second = (_found(adapter, word, words) for words in (today, then))
    old, new = _titles(first), _titles(second)
    fresh = tuple(title for key, title in new.items() if key not in old)[:SHOWN]
    gone = tuple(title for key, title in old.items() if key not in new)[:SHOWN]
    return Effect(word, first.total, second.total, fresh, gone)


def _found(adapter: Adapter, word: str, words: lexicon.Lexicon) -> Result:
    """Return what a word finds as it stands or by its meaning; what is only similar counts as nothing."""
    result = adapter.search(replace(words.query(word), per_page=LOOKED_AT))
    return result if result.step == "exact" else Result()


def _titles(result: Result) -> Mapping[str, str]:
    return {hit.key: hit.title for hit in result.hits}
