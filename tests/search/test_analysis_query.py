"""Queries: how what is typed is taken apart, corrected, and answered by "did you mean"."""

from __future__ import annotations

import pytest

from search.analysis import All, Analysis, Any, Node, Phrase, analyze, corrections, meant, place_words, service_words
from search.analysis.vocabulary import split

from .world import lexicon


def read(text: str) -> Analysis:
    return lexicon().query(text).analysis


def written(node: Node | None) -> str:
    """Write a tree with words in place of tokens: & for all, | for any, * for a beginning, / before sounds."""
    if node is None:
        return ""
    if isinstance(node, Phrase):
        if node.fields == ("title", "body"):
            return node.tokens[0] + "".join(token[1] for token in node.tokens[1:]) + "*" * node.is_prefix
        return "/" + " ".join(node.tokens) + "*" * node.is_prefix
    return "(" + (" & " if isinstance(node, All) else " | ").join(map(written, node.parts)) + ")"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("赤岩", "赤岩"),
        ("赤岩 望仙台", "(赤岩 & 望仙台)"),
        ("招标代理有限公司", "(招标代理有限公司 | 招标代理 | 招投标代理 | 招标公司 | 采购代理)"),
        ("资产评估公司", "(资产评估公司 | 资产评估)"),
        ("公司", "公司"),  # a stop word alone is what is sought
        ("公司 服务", "(公司 & 服务)"),
        ("资产评估 服务", "资产评估"),
        ("月湖区资产评估", "(月湖区资产评估 | ((月湖区 | 月湖) & 资产评估))"),
        ("鹰潭市月湖区资产评估服务", "(鹰潭市月湖区资产评估服务 | ((月湖区 | 月湖) & 资产评估))"),
        ("余江区月湖区资产评估", "(余江区月湖区资产评估 | ((月湖区 | 月湖) & 资产评估))"),
        ("鹰潭资产评估", "(鹰潭资产评估 | 资产评估)"),  # everything is in 鹰潭
        ("鹰潭", "鹰潭"),
        ("资产评估（鹰潭）", "((资产评估 & 鹰潭) | 资产评估)"),
        ("找一家做资产评估的", "(找一家做资产评估的 | 资产评估)"),
        ("造 价 咨 询", "(造价咨询 | 造价 | 工程造价 | 工程造价咨询)"),
        ("水保审批", "(水保审批 | ((水保 | 水土保持) & 审批))"),
    ],
)
def test_a_run_is_taken_apart(text: str, expected: str) -> None:
    assert written(read(text).exact) == expected


def test_without_words_a_run_stays_a_run() -> None:
    assert written(analyze("月湖区资产评估").exact) == "月湖区资产评估"


@pytest.mark.parametrize("text", ["BIM", "bim", "ＢＩＭ"])
def test_letters_may_have_a_meaning_too(text: str) -> None:
    assert "建筑信息模型" in read(text).words


@pytest.mark.parametrize(
    ("letters", "word"),
    [
        ("huanping", "环境影响评价"),
        ("tushen", "施工图审查"),
        ("hp", "环境影响评价"),
        ("zcpg", "资产评估"),
        ("yuehuqu", "月湖"),
    ],
)
def test_letters_stand_for_known_words_wherever_these_stand(letters: str, word: str) -> None:
    assert word in written(read(letters).exact)


def test_letters_are_taken_apart_at_known_sounds() -> None:
    assert "((月湖区 | 月湖) & 资产评估)" in written(read("yuehuquzichanpinggu").exact)


def test_unlikely_ways_to_read_letters_find_nothing_besides() -> None:
    assert "安全评价" not in written(read("huanping").exact)  # hu, anping


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("资产平估", "资产评估"),  # sounds the same
        ("月胡区", "月湖区"),
        ("招标代里", "招标代理"),
        ("交通影向评价", "交通影响评价"),
        ("资产评佑", "资产评估"),  # one is wrong
        ("可行研究", "可行性研究"),  # missing
        ("资产评评估", "资产评估"),  # too many
        ("招代标理", "招标代理"),  # exchanged
    ],
)
def test_a_wrong_word_is_a_known_one(text: str, word: str) -> None:
    assert corrections(text, lexicon().words)[0] == word
    assert word in written(read(text).homophone)


@pytest.mark.parametrize("text", ["资产评估", "环", "赤岩", "", "abc", "完全不同的说法"])
def test_what_is_right_or_unknown_is_left_alone(text: str) -> None:
    assert corrections(text, lexicon().words) == ()


def test_southern_ears_are_heard() -> None:
    words = frozenset({"测绘成果", "监理"})
    assert corrections("册绘层果", words) == ("测绘成果",)  # ceng is cheng
    assert corrections("见底", words) == ()


def test_known_words_decide_what_is_similar_and_the_rest_adds() -> None:
    assert written(read("污水厂资产评估").similar) == "((资产评估 & (污水厂 | 污水 | 水厂)) | 资产评估)"
    assert written(read("龙虎山 测绘").similar) == "((测绘 & 龙虎山) | 测绘)"
    assert read("环").similar is None
    assert read("赤岩").similar is None  # nothing more than the word itself


def test_marks_are_the_words_or_what_was_enough() -> None:
    found = read("月湖区资产评估公司")
    assert set(found.marks("exact")) == {"月湖区资产评估公司", "月湖区", "月湖", "资产评估"}
    assert found.marks("exact")[0] == "月湖区资产评估公司"
    assert "资产" in found.marks("similar")


def test_levels_of_one_kind_are_one() -> None:
    node = read("赤岩 资产评估公司").exact
    assert isinstance(node, All)
    assert not any(isinstance(part, All) for part in node.parts)
    assert isinstance(node.parts[1], Any)
    assert not any(isinstance(part, Any) for part in node.parts[1].parts)


@pytest.mark.parametrize(
    ("query", "title", "expected"),
    [
        ("赤言", "鹰潭市赤岩环境科技有限公司", "赤岩"),
        ("听全谷 监理", "听泉谷工程监理有限公司", "听泉谷 监理"),
        ("资产平估", "", "资产评估"),
        ("月胡区资产评估", "月湖区资产评估", "月湖区资产评估"),
        ("水士保持", "生产建设项目水土保持方案编制", "水土保持"),
        ("資產平估公司", "", "资产评估公司"),
        ("huanping", "建设项目环境影响报告书", "环评"),
        ("wangxiantai", "江西望仙台消防技术有限公司", "望仙台"),
        ("资产评估", "江西青矶资产评估有限公司", ""),
        ("ＢＩＭ 资产评估", "", ""),
        ("环 境", "环境科技", ""),
        ("不知所云的话", "江西青矶资产评估有限公司", ""),
        ("xkcd", "", ""),
        ("", "", ""),
        ("，。！", "", ""),
    ],
)
def test_did_you_mean(query: str, title: str, expected: str) -> None:
    assert meant(query, title, lexicon().words) == expected


def test_words_of_services_lose_what_many_share() -> None:
    found = service_words(["生产建设项目水土保持方案编制", "工程造价咨询（预算、结算）", "资产评估报告"])
    assert {"生产建设项目水土保持方案编制", "水土保持方案", "水土保持", "工程造价咨询", "预算", "资产评估"} <= found
    assert "报告" not in found


def test_places_lose_what_kind_of_place_they_are() -> None:
    assert place_words(["月湖区", "上清镇", "交通街道", "鹰潭市"]) == {
        "月湖区", "月湖", "上清镇", "上清", "交通街道", "鹰潭市", "鹰潭",
    }  # fmt: skip


def test_longest_words_come_first() -> None:
    assert list(split("甲乙丙丁戊", frozenset({"乙丙", "乙丙丁"}))) == ["甲", "乙丙丁", "戊"]
    assert list(split("甲乙", frozenset())) == ["甲乙"]
