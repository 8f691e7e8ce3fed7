"""Analysis as tables: what is typed or stored, and what becomes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import analysis
from search.analysis import Phrase, analyze, normalize, pinyin, spellings, tokens
from search.embedded import match


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
    ],
)
def test_pinyin(text: str, syllables: list[str], initials: list[str]) -> None:
    assert pinyin(text) == (syllables, initials)


def test_full_width_and_case_are_one() -> None:
    assert normalize("ＡＢｃ１２") == "abc12"


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("huanping", ("huan", "ping")),
        ("xian", ("xian",)),
        ("xian", ("xi", "an")),
        ("zaojiaz", ("zao", "jia", "z")),
        ("lv", ("lv",)),
    ],
)
def test_spellings(letters: str, expected: tuple[str, ...]) -> None:
    assert expected in spellings(letters)


@pytest.mark.parametrize("letters", ["xkcd", "v", "bcdf", "huanpingx1"])
def test_what_is_no_pinyin_has_no_spelling(letters: str) -> None:
    assert spellings(letters) == ()


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("环评", "环境影响评价"),
        ("图审", "施工图设计文件审查"),
        ("稳评", "社会稳定风险评估"),
        ("水保", "水土保持"),
        ("可研", "可行性研究报告"),
        ("能评", "节能报告"),
        ("安评", "安全评价"),
        ("职评", "职业病危害预评价"),
        ("多测合一", "竣工规划核实测量"),
    ],
)
def test_synonyms_go_both_ways(short: str, full: str) -> None:
    assert full in analyze(short).words
    table = analysis.synonyms()
    assert full in table[short]


def test_places_and_synonyms_take_a_run_apart() -> None:
    places = analysis.place_words(["月湖区", "上清镇"])
    assert {"月湖区", "月湖", "上清"} <= places
    written = match(analyze("月湖环评报告", places).exact)
    assert '"月湖"' in written
    assert '"环境 境影 影响 响评 评价"' in written
    assert '"报告"' in written


def test_one_character_is_a_beginning() -> None:
    assert analyze("环").exact == Phrase(("环",), is_prefix=True)


@pytest.mark.parametrize("text", ["", "   ", "😀", "、。！", '"" () * ^', "\x00"])
def test_nothing_to_search_for(text: str) -> None:
    found = analyze(text)
    assert (found.exact, found.homophone, found.similar, found.words) == (None, None, None, ())


def test_words_are_limited() -> None:
    assert len(analyze("环评 " * 500).text) <= analysis.LONGEST_QUERY


@given(st.text(max_size=300))
def test_any_text_can_be_analysed_and_written(text: str) -> None:
    found = analyze(text)
    for node in (found.exact, found.homophone, found.similar):
        if node is not None:
            assert match(node)
    assert all(token == token.strip() and " " not in token for token in tokens(text))
