"""Vocabulary: the words by which a run of characters is taken apart, and the known word that a wrong one was meant to be."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from .sounds import sounds
from .text import HAN_RUN, normalize

ENDINGS = re.compile(r"(?<=..)(?:省|市|区|县|镇|乡|街道|林场|农场)$")
ORDINARY = frozenset({"交通", "花园", "平定", "中心"})  # what streets are called after: alone they name no place
# Words that say nothing of what is sought: they are dropped when something else is left.
STOPS = frozenset(
    {
        "有限责任公司", "股份有限公司", "有限公司", "责任公司", "公司", "企业", "单位", "机构", "中介机构", "中介服务", "中介",
        "服务", "项目", "工程项目", "业务", "办理", "编制", "委托", "代办", "报告", "报告书", "报告表", "相关", "有关", "关于",
        "一家", "哪家", "哪些", "哪里", "什么", "怎么", "如何", "请问", "需要", "想要", "寻找", "推荐", "附近", "本地", "正规",
        "专业", "靠谱",
    }
)  # fmt: skip
FILLERS = frozenset(
    "的之和与及或在做办找要想有请给帮我个家里了吗呢"
)  # what known words leave over is dropped when it is but these
EDGES = "的请想找帮"  # no name begins or ends with them
TAILS = ("有限公司", "公司", "服务", "编制", "报告书", "报告表", "报告", "方案", "论证", "审核")
HEADS = ("生产建设项目", "固定资产投资项目", "特殊建设工程", "建设项目", "建设工程")
SHORTEST_EDIT = 3  # a wrong character in a word of two leaves nothing to go by but its sound
SHORTEST_TAIL = 3


def place_words(names: Iterable[str]) -> frozenset[str]:
    """Return the names of places, with and without the word that says what kind of place it is."""
    found: set[str] = set()
    for name in names:
        word = normalize(name)
        found |= {word, stem(word)}
    return frozenset(word for word in found if len(word) > 1) - ORDINARY


def stem(place: str) -> str:
    """Return the name of a place without the word that says what kind of place it is, where two characters are left."""
    return ENDINGS.sub("", place)


def service_words(names: Iterable[str]) -> frozenset[str]:
    """Return the runs of names of services, and what is left of each without the words at its ends that many share."""
    found: set[str] = set()
    for name in names:
        for run in HAN_RUN.findall(normalize(name)):
            head = next((head for head in HEADS if run.startswith(head)), "")
            found.update(_shortened(run))
            found.update(_shortened(run[len(head) :]))
    return frozenset(word for word in found if len(word) > 1) - STOPS


def _shortened(word: str) -> Iterator[str]:
    while word:
        yield word
        tail = next((tail for tail in TAILS if word.endswith(tail)), "")
        word = word[: -len(tail)] if tail and len(word) - len(tail) >= SHORTEST_TAIL else ""


@lru_cache(maxsize=8)
def _longest(known: frozenset[str]) -> int:
    return max(map(len, known), default=0)


def split(run: str, known: frozenset[str]) -> Iterator[str]:
    """Yield the pieces of a run: known words, longest first, and what stands between them."""
    longest = _longest(known)
    start = at = 0
    while at < len(run):
        for length in range(min(longest, len(run) - at), 1, -1):
            if run[at : at + length] in known:
                if start < at:
                    yield run[start:at]
                yield run[at : at + length]
                start = at = at + length
                break
        else:
            at += 1
    if start < len(run):
        yield run[start:]


def told(pieces: Iterable[str], known: frozenset[str], dropped: frozenset[str] = STOPS) -> list[str]:
    """Return the pieces that say what is sought: without what is `dropped`, and without fillers where they are no words."""
    kept = []
    for piece in pieces:
        bare = piece if piece in known else piece.strip(EDGES)
        if bare in known or (bare not in dropped and not FILLERS.issuperset(bare)):
            kept.append(bare)
    return kept


def blurred(syllables: Iterable[str]) -> tuple[str, ...]:
    """Return syllables as the south hears them: z zh, c ch, s sh and n ng at the end are one."""
    found = []
    for syllable in syllables:
        head = syllable[0] + syllable[2:] if syllable[:2] in {"zh", "ch", "sh"} else syllable
        found.append(head.removesuffix("g") if head.endswith("ng") else head)
    return tuple(found)


@dataclass(frozen=True)
class Index:
    """Known words by what is heard and by what is left when one character is taken out."""

    by_sound: dict[tuple[str, ...], tuple[str, ...]]
    by_blur: dict[tuple[str, ...], tuple[str, ...]]
    by_initials: dict[str, tuple[str, ...]]
    by_rest: dict[tuple[int, str], tuple[str, ...]]


@lru_cache(maxsize=8)
def index_of(words: frozenset[str]) -> Index:
    """Return the index of a vocabulary; the same vocabulary is indexed once."""
    sound: dict[tuple[str, ...], list[str]] = defaultdict(list)
    blur: dict[tuple[str, ...], list[str]] = defaultdict(list)
    initials: dict[str, list[str]] = defaultdict(list)
    rest: dict[tuple[int, str], list[str]] = defaultdict(list)
    for word in sorted(words, key=lambda one: (-len(one), one)):
        if not HAN_RUN.fullmatch(word):
            continue
        spoken = sounds(word)
        sound[spoken].append(word)
        blur[blurred(spoken)].append(word)
        initials["".join(syllable[0] for syllable in spoken)].append(word)
        for at in range(len(word)):
            rest[at, word[:at] + word[at + 1 :]].append(word)
    return Index(*({key: tuple(found) for key, found in table.items()} for table in (sound, blur, initials, rest)))  # type: ignore[arg-type]


def corrections(piece: str, words: frozenset[str]) -> tuple[str, ...]:
    """Return the known words that `piece` may have been meant to be: same sounds, then nearly the same, then one edit.

    One edit is one character wrong, missing, too many, or two neighbors exchanged. A known word needs no correction.
    """
    if piece in words or len(piece) < 2 or not HAN_RUN.fullmatch(piece):
        return ()
    index, spoken = index_of(words), sounds(piece)
    found = [*index.by_sound.get(spoken, ()), *index.by_blur.get(blurred(spoken), ())]
    if len(piece) >= SHORTEST_EDIT:
        found += _edited(piece, words, index)
    return tuple(dict.fromkeys(found))


def _edited(piece: str, words: frozenset[str], index: Index) -> Iterator[str]:
    for at in range(len(piece)):
        less = piece[:at] + piece[at + 1 :]
        yield from index.by_rest.get((at, less), ())  # one is wrong
        if less in words and len(less) >= SHORTEST_EDIT:  # one is too many
            yield less
        exchanged = piece[:at] + piece[at + 1 : at + 2] + piece[at] + piece[at + 2 :]
        if exchanged in words:
            yield exchanged
    for at in range(len(piece) + 1):
        yield from index.by_rest.get((at, piece), ())  # one is missing
