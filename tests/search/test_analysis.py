"""Analysis as tables: what is typed or stored, and what becomes of it."""

from __future__ import annotations

import pytest

from search import analysis
from search.analysis import Phrase, analyze, normalize, pinyin, spellings, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("环", ["环"]),
        ("环评", ["环评", "评"]),
        ("环境影响", ["环境", "境影", "影响", "响"]),
        ("ＢＩＭ咨询", ["bim", "咨询", "询"]),
        ("鹰潭·信达（测绘）A1号", ["鹰潭", "潭", "信达", "达", "测绘", "绘", "a1", "号"]),
        ("YT-2026-0001", ["yt", "2026", "0001"]),
        ("《审批》、“报告”！😀", ["审批", "批", "报告", "告"]),
        ("㐀𠀀", ["㐀𠀀", "𠀀"]),
        ("工程 造价\u3000咨询", ["工程", "程造", "造价", "价咨", "咨询", "询"]),  # blanks do not part Han characters
        ("Café 1 咨询", ["cafe", "1", "咨询", "询"]),
        ("環境影響評價", ["环境", "境影", "影响", "响评", "评价", "价"]),
        ("ﬁ ①㎡ Ⅳ", ["fi", "1m2", "iv"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "syllables", "initials"),
    [
        ("环评", ["huan", "ping"], ["h", "p"]),
        ("重庆银行", ["chong", "qing", "yin", "hang"], ["c", "q", "y", "h"]),
        ("绿色", ["lv", "se"], ["l", "s"]),
        ("信达BIM咨询", ["xin", "da", "bim", "zi", "xun"], ["x", "d", "bim", "z", "x"]),
        ("會計師", ["kuai", "ji", "shi"], ["k", "j", "s"]),  # traditional characters, and a phrase that decides
        ("铅山行业", ["yan", "shan", "hang", "ye"], ["y", "s", "h", "y"]),
        ("单行", ["dan", "xing"], ["d", "x"]),
        (
            "乐渡",
            ["le", "du", "0", "yue", "du"],
            ["l", "d", "0", "y", "d"],
        ),  # a name: both ways, apart from one another
        ("々", [], []),  # what nobody reads
    ],
)
def test_pinyin(text: str, syllables: list[str], initials: list[str]) -> None:
    assert pinyin(text) == (syllables, initials)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＢｃ１２", "abc12"),
        ("工程造價諮詢", "工程造价咨询"),
        ("鷹潭市餘江區龍虎山", "鹰潭市余江区龙虎山"),
        ("乾坤", "乾坤"),  # no 干坤
        ("裡裏里", "里里里"),
        ("é", "e"),
        ("e\u0301", "e"),
        ("\u3000\n\u2028", "   "),
    ],
)
def test_one_spelling(text: str, expected: str) -> None:
    assert normalize(text) == expected


def test_letters_that_could_be_read_in_thousands_of_ways_are_read_at_once() -> None:
    assert spellings("xian" * 12) != ()
    assert len(spellings("xian" * 12)) <= 8
    assert spellings("xian" * 11 + "xkv") == ()


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("huanping", ("huan", "ping")),
        ("xian", ("xian",)),
        ("xian", ("xi", "an")),
        ("zaojiaz", ("zao", "jia", "z")),
        ("huangj", ("huang", "j")),
        ("lv", ("lv",)),
    ],
)
def test_spellings(letters: str, expected: tuple[str, ...]) -> None:
    assert expected in spellings(letters)


@pytest.mark.parametrize("letters", ["xkcd", "v", "bcdf", "huanpingx1"])
def test_what_is_no_pinyin_has_no_spelling(letters: str) -> None:
    assert spellings(letters) == ()


def test_one_character_is_a_beginning() -> None:
    assert analyze("环").exact == Phrase(("环",), is_prefix=True)


@pytest.mark.parametrize("text", ["", "   ", "😀", "、。！", '"" () * ^', "\x00"])
def test_nothing_to_search_for(text: str) -> None:
    found = analyze(text)
    assert (found.exact, found.homophone, found.similar, found.words) == (None, None, None, ())


def test_words_are_limited() -> None:
    assert len(analyze("环评 " * 500).text) <= analysis.LONGEST_QUERY
