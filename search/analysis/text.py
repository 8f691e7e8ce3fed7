"""Text: one spelling for what is stored and what is typed, and the tokens that every index keeps."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from operator import add
from typing import Any

from opencc import OpenCC

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
RUN = re.compile(f"([{HAN}]+)|([^\\W_{HAN}]+)")
HAN_RUN = re.compile(f"[{HAN}]+")
GAP = re.compile(f"(?<=[{HAN}]) +(?=[{HAN}])")
KEPT = "乾"  # 乾坤 stays 乾坤; as 干 it would be another word and be read otherwise


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


class _Spellings(dict[int, str]):
    """Hold what each character becomes, filled as characters are met.

    No character looks at its neighbors: only then does a piece of a text always read as it does in the whole text, which
    a conversion by phrases would break. What comes out comes out of itself unchanged.
    """

    def __missing__(self, code: int) -> str:
        before, after = "", chr(code)
        while before != after:
            before, after = after, "".join(map(self._once, after))
        self[code] = after
        return after

    @staticmethod
    def _once(character: str) -> str:
        if character.isspace():
            return " "
        parts = unicodedata.normalize("NFKD", character.lower())
        bare = "".join(part for part in parts if unicodedata.category(part) != "Mn").lower()
        return _simplifier().convert(bare) if bare not in KEPT and HAN_RUN.fullmatch(bare) else bare


_SPELLINGS: Any = _Spellings()


def normalize(text: str) -> str:
    """Return the one spelling: compatibility forms, width, case, accents and traditional characters are levelled."""
    return text.lower() if text.isascii() and text.isprintable() else str(text.translate(_SPELLINGS))


def pairs(run: str) -> list[str]:
    """Return the overlapping pairs of a Han run and its last character."""
    return [*map(add, run, run[1:]), *run[-1:]]


@lru_cache(maxsize=64)  # a title is asked for its tokens, its sounds and its spelling
def runs(text: str) -> tuple[tuple[str, str], ...]:
    """Return the runs of a text in the one spelling, each as (Han, "") or ("", other); blanks inside Han do not part it."""
    clean = normalize(text)
    return tuple(RUN.findall(GAP.sub("", clean) if " " in clean else clean))


def tokens(text: str) -> list[str]:
    """Return the tokens of a text that is to be indexed."""
    found: list[str] = []
    for han, other in runs(text):
        if han:
            found += pairs(han)
        else:
            found.append(other)
    return found
