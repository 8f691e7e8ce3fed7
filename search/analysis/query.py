"""Query: what a person typed, read over the tokens as a ladder of trees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, zip_longest

from .nodes import Analysis, Node, Phrase, all_of, any_of, plain
from .sounds import readings, spellings
from .text import HAN_RUN, RUN, normalize, pairs
from .vocabulary import STOPS, Index, corrections, index_of, split, stem, told

LETTERS = re.compile(r"[a-z]+")
LONGEST_QUERY = 200
MOST_WORDS = 12
MOST_SIMILAR = 40
MOST_CORRECTIONS = 4
MOST_INITIALS = 12
SURE_INITIALS = 3  # two letters are the initials of too many words; only short forms are read from them
Meaning = Mapping[str, tuple[str, ...]]
NOTHING: Meaning = {}


@lru_cache(maxsize=16)
def _joined(
    places: frozenset[str], known: frozenset[str], meant: frozenset[str], home: frozenset[str]
) -> tuple[frozenset[str], ...]:
    """Return all known words, those at which a run is taken apart first, those that part the rest, and those to drop."""
    return places | known | meant, places | meant | home, known | STOPS, STOPS | home


@dataclass
class Words:
    """The words that are known while one query is read."""

    places: frozenset[str]
    meaning: Meaning
    known: frozenset[str]
    home: frozenset[str]
    all: frozenset[str] = field(init=False)
    first: frozenset[str] = field(init=False)
    then: frozenset[str] = field(init=False)
    dropped: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.places -= self.home
        self.all, self.first, self.then, self.dropped = _joined(
            self.places, self.known, frozenset(self.meaning), self.home
        )

    @property
    def index(self) -> Index:
        return index_of(self.all)

    def same(self, word: str) -> tuple[str, ...]:
        """Return the words that are sought for a word, itself first; a place also by its bare name."""
        if word in self.places:
            return tuple(dict.fromkeys((word, stem(word))))
        return tuple(dict.fromkeys((word, *self.meaning.get(word, ()))))

    def node(self, word: str) -> Node | None:
        return any_of(map(plain, self.same(word)))

    def pieces(self, run: str) -> list[str]:
        """Return what a run says: its known words and what stands between; of places side by side the last, narrowest.

        Words with synonyms come before longer words of services that hold them: 环评审批 is 环评 and 审批.
        """
        rough = split(run, self.first)
        fine = chain.from_iterable([piece] if piece in self.first else split(piece, self.then) for piece in rough)
        return _narrowest(told(fine, self.all, self.dropped), self.places)


def _narrowest(pieces: list[str], places: frozenset[str]) -> list[str]:
    """Return the pieces; of places side by side only the last: 鹰潭市月湖区 is 月湖区."""
    following = zip_longest(pieces, pieces[1:])
    return [piece for piece, then in following if not (piece in places and then in places)]


@dataclass
class Reading:
    """What has been read so far of one query.

    Of what is only similar, `told` are words that are known not to be places, `rest` pieces of what is not known.
    """

    exact: list[Node | None] = field(default_factory=list)
    homophone: list[Node | None] = field(default_factory=list)
    told: list[Node] = field(default_factory=list)
    rest: list[Node] = field(default_factory=list)
    where: list[Node] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    has_han: bool = False

    @property
    def similar(self) -> Node | None:
        """Return what is near: known words decide, else pieces of unknown ones, else places; the others add to the rank."""
        told, rest, where = (any_of(parts[:MOST_SIMILAR]) for parts in (self.told, self.rest, self.where))
        first = told or rest or where
        others = [part for part in (rest, where) if part is not None and part is not first]
        return any_of([all_of([first, any_of(others)]) if others else None, first])


def parted(clean: str) -> list[str]:
    """Return the words that blanks part; single Han characters in a row are one word that was typed with gaps."""
    words: list[str] = []
    is_open = False
    for word in clean.split():
        if not RUN.search(word):
            continue
        is_single = len(word) == 1 and HAN_RUN.fullmatch(word) is not None
        if is_single and is_open:
            words[-1] += word
        else:
            words.append(word)
        is_open = is_single
    return words[:MOST_WORDS]


def analyze(
    text: str,
    places: frozenset[str] = frozenset(),
    meaning: Meaning | None = None,
    known: frozenset[str] = frozenset(),
    home: frozenset[str] = frozenset(),
) -> Analysis:
    """Read what a person typed: words joined by AND, each with its synonyms, its pieces and its pinyin.

    `places` and `known` (words of services) and the words of `meaning` (those that mean the same, by word) take a run of
    characters apart and correct what is nearly one of them; without them it stays a run. `home` are the names of the place
    that holds all others: like a stop word, they ask for nothing when something else is left.
    """
    words = parted(normalize(text)[:LONGEST_QUERY])
    vocabulary = Words(places, meaning or NOTHING, known, home)
    reading = Reading()
    telling = [word for word in words if word not in vocabulary.dropped or word in vocabulary.all] or words
    for word in telling:
        _read(word, vocabulary, reading)
    exact = all_of(reading.exact)
    return Analysis(
        text=" ".join(words),
        exact=exact,
        homophone=all_of(reading.homophone) if reading.has_han else None,  # only Han words can be misheard
        similar=reading.similar if reading.similar != exact else None,
        words=tuple(sorted(set(reading.marked), key=lambda word: (-len(word), word))),
    )


def _read(word: str, words: Words, into: Reading) -> None:
    """Read one word: as it stands, or run by run, each taken apart."""
    exact: list[Node | None] = []
    homophone: list[Node | None] = []
    for han, other in RUN.findall(word):
        into.marked.append(han or other)
        if other:
            into.marked += words.same(other)
            node = any_of([words.node(other), *_spoken(other, words, into)])
            exact.append(node)
            homophone.append(node)
            into.rest.append(Phrase((other,), is_prefix=True))
            continue
        pieces = words.pieces(han)
        for piece in pieces:
            into.marked += words.same(piece)
            near = [part for part in map(plain, words.same(piece)) if part is not None]
            if piece in words.places:
                into.where += near
            elif piece in words.all:
                into.told += near
            else:
                into.rest += [*near, *(Phrase((pair,)) for pair in pairs(piece)[:-1])]
        if pieces:  # else the run asks for nothing beside other runs
            exact.append(any_of([plain(han), all_of(map(words.node, pieces))]))
            homophone.append(_heard(han, words, into))
        if len(han) > 1:
            into.has_han = True
            if not pieces:
                into.rest += [Phrase((pair,)) for pair in pairs(han)[:-1]]
    into.exact.append(any_of([words.node(word) if word in words.meaning else plain(word), all_of(exact)]))
    into.homophone.append(all_of(homophone) or plain(word))


def _aloud(run: str) -> Iterator[Node]:
    for way in readings(run):
        if len(way) > 1:
            yield Phrase(tuple(way), ("syllables",))


def _heard(han: str, words: Words, into: Reading) -> Node | None:
    """Return a run by its sounds in titles, and with known words in place of those that are nearly so, wherever they stand."""
    if len(han) == 1:
        return plain(han)
    parts: list[Node | None] = []
    for part in _narrowest(told(split(han, words.places | words.dropped), words.places, words.dropped), words.places):
        if part in words.places:
            parts.append(words.node(part))
            continue
        pieces = [_nearly(piece, words, into) for piece in words.pieces(part)]
        parts.append(any_of([_nearly(part, words, into), all_of(pieces)]))
    return any_of([*_aloud(han), all_of(parts)])


def _nearly(piece: str, words: Words, into: Reading) -> Node | None:
    """Return a piece as it stands, by its sounds, or as a known word that it may have been meant to be."""
    meant = corrections(piece, words.all)[:MOST_CORRECTIONS]
    into.marked += meant
    return any_of([words.node(piece), *_aloud(piece), *map(words.node, meant)])


def _spoken(letters: str, words: Words, into: Reading) -> Iterator[Node | None]:
    """Yield what letters may stand for: syllables or initials of titles, or known words wherever they stand."""
    if not LETTERS.fullmatch(letters) or len(letters) < 2:
        return
    for number, way in enumerate(spellings(letters)):
        yield Phrase(way, ("syllables",), is_prefix=True)
        if number == 0 or way in words.index.by_sound:  # unlikely ways are not taken apart: hu + an ping is no 环评
            yield _known_sounds(way, words, into)
    if len(letters) <= MOST_INITIALS:
        yield Phrase(tuple(letters), ("initials",))
        for word in words.index.by_initials.get(letters, ())[:MOST_CORRECTIONS]:
            if len(letters) >= SURE_INITIALS or word in words.meaning:
                into.marked += words.same(word)
                yield words.node(word)


def _known_sounds(way: tuple[str, ...], words: Words, into: Reading) -> Node | None:
    """Return syllables taken apart at the known words that sound so, None when none does."""
    by_sound = words.index.by_sound
    parts: list[Node | None] = []
    is_known = False
    start = at = 0

    def between() -> Iterable[Node]:
        return [Phrase(way[start:at], ("syllables",), is_prefix=at == len(way))] if start < at else []

    while at < len(way):
        for end in range(len(way), at, -1):
            if found := [word for word in by_sound.get(way[at:end], ()) if len(word) > 1]:
                parts += between()
                parts.append(any_of(map(words.node, found)))
                into.marked += [same for word in found for same in words.same(word)]
                start = at = end
                is_known = True
                break
        else:
            at += 1
    parts += between()
    return all_of(parts) if is_known else None
