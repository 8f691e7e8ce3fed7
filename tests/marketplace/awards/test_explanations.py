"""A result in words: right numbers, a row for each firm, no word that the reader's page would lack."""

import json
import random
import re

import pytest
from django.utils import translation

from marketplace.awards.explanations import NONE, explain, problem_in_words
from marketplace.awards.methods import METHODS, rank, short_list
from tests.marketplace.awards.cases import CEILING, RULES, SEED, make_firm, make_inputs, random_case


@pytest.fixture(autouse=True)
def _chinese():
    with translation.override("zh-hans"):
        yield


def told(method, *firms, names=None, ceiling=CEILING, floor=None, pick=None, **rules):
    inputs = make_inputs(*firms, ceiling=ceiling, floor=floor, pick=pick)
    result = rank(method, inputs, {**RULES[method], **rules}, SEED).as_data()
    return explain(json.loads(json.dumps(result)), names=names)


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ("direct", "业主直接选定1号，价格 100,000.00 元。"),
        ("emergency", "应急选取，业主直接选定1号，价格 100,000.00 元。"),
    ],
)
def test_named(method, sentence):
    explanation = told(method, make_firm(1))
    assert explanation.sentence == sentence
    assert explanation.columns == ["名次", "机构", "合同价（元）", "说明"]
    assert explanation.rows == [["1", "1号", "100,000.00", "业主选定"]]


def test_draw():
    explanation = told("draw", *(make_firm(number) for number in range(1, 4)))
    first = explanation.rows[0][1]
    assert (
        explanation.sentence
        == f"3 家机构参加抽签，每家一签。{first}抽在第一位，按业主公布的价格 100,000.00 元，排名第一。"
    )
    assert [row[-1] for row in explanation.rows] == ["抽在第一位", "抽在第 2 位，依次替补", "抽在第 3 位，依次替补"]


def test_draw_of_one():
    assert told("draw", make_firm(1)).sentence == "只有1号一家报名，按业主公布的价格 100,000.00 元，排名第一。"


def test_auction():
    explanation = told("live_auction", make_firm(1, 90_000, 50_000), make_firm(2, 50_000, sequence=2000), make_firm(3))
    assert explanation.sentence == (
        "3 家机构参加，共 3 次有效报价。最低价 500.00 元不止一家，1号的第 1001 号报价提交在先，排名第一。"
    )
    assert explanation.columns == ["名次", "机构", "报价（元）", "报价次数", "报价序号", "说明"]
    assert explanation.rows == [
        ["1", "1号", "500.00", "2", "1001", "报价同为最低，提交在先"],
        ["2", "2号", "500.00", "1", "2000", "与前一名报价相同，提交在后"],
        [NONE, "3号", NONE, NONE, NONE, "报名后没有报价"],
    ]


def test_quotes_with_names_and_a_tie_and_a_low_offer():
    firms = [
        make_firm(1, 10_000, credit=8000),
        make_firm(2, 10_000, credit=8050),
        make_firm(3, 60_000),
        make_firm(4, 10**9),
    ]
    explanation = told("quotes", *firms, names={"2号": "鹰潭测绘院", "4号": "信江咨询"})
    assert explanation.sentence == (
        "4 家机构参加，3 家报价有效。鹰潭测绘院报价 100.00 元最低，排名第一。并列的，按信用分从高到低，鹰潭测绘院在前。"
    )
    low = "报价明显偏低，低于平均报价的 60%"
    assert explanation.rows == [
        ["1", "鹰潭测绘院", "100.00", "80.50", f"报价最低；与第二名并列，信用分较高；{low}"],
        ["2", "1号", "100.00", "80.00", f"与前一名并列，信用分较低；{low}"],
        ["3", "3号", "600.00", "80.00", "报价高于前一名"],
        [NONE, "信江咨询", "10,000,000.00", "80.00", "报价高于最高限价，无效"],
    ]


def test_best_price_says_factor_and_reference():
    explanation = told("best_price", *(make_firm(n, 10_000 * n) for n in range(1, 7)), factors_percent=[96])
    assert explanation.sentence == (
        "6 家机构参加，6 家报价有效；去掉最高、最低报价各一个，其余 4 个平均 350.00 元。"
        "抽得系数 96%，基准价 336.00 元；3号报价 300.00 元与基准价最近，相差 36.00 元，排名第一。"
    )
    assert explanation.rows[0] == ["1", "3号", "300.00", "36.00", "80.00", "与基准价最近"]
    assert explanation.rows[-1] == [NONE, "6号", "600.00", NONE, "80.00", "作为最高报价去掉，不参加排名"]


def test_average_shows_the_mean_rounded_to_the_fen():
    explanation = told("average", make_firm(1, 10_000), make_firm(2, 10_000, credit=9000), make_firm(3, 10_001))
    assert explanation.sentence == (
        "3 家机构参加，3 家报价有效，平均 100.00 元。不高于均价的报价中，2号报价 100.00 元与均价最近，相差 0.00 元，排名第一。"
        "并列的，按信用分从高到低，2号在前。"
    )
    assert explanation.rows[2][-1] == "高于均价，排在不高于均价的报价之后"
    assert (
        "平均 100.01 元" in told("average", make_firm(1, 10_000), make_firm(2, 10_001)).sentence
    )  # half a fen goes up


def test_credit_says_what_the_owner_did():
    firms = [make_firm(n, credit=100 * n) for n in range(1, 13)]
    short = short_list(make_inputs(*firms), RULES["credit"], SEED)
    opening = "12 家机构报名，信用分居前的 10 家按信用分得签，抽签在前的 3 家入围。"
    assert (
        told("credit", *firms).sentence == f"{opening}{short[0]}抽在第一位，按业主公布的价格 100,000.00 元，排名第一。"
    )
    explanation = told("credit", *firms, pick=short[1])
    assert explanation.sentence == (
        f"{opening}业主从入围机构中选定{short[1]}（抽签第 2 位），按公布的价格 100,000.00 元，排名第一。"
    )
    assert [row[-1] for row in explanation.rows[:3]] == ["业主从入围机构中选定", "抽在第一位", "抽在第 3 位"]
    assert explanation.columns[3:6] == ["信用分", "签数", "抽签位次"]
    assert {row[-1] for row in explanation.rows[3:]} == {"参加抽签，没有入围", "信用分不在前 10 名，没有参加抽签"}


def test_scored_shows_points_by_criterion_with_two_decimals():
    one = {"plan": [3000, 2000, 2000], "team": [1500, 1500, 1500]}
    two = {"plan": [2000, 2000, 2000], "team": [1500, 1500, 1500]}
    explanation = told("scored", make_firm(1, 300, points=one), make_firm(2, 200, points=two))
    assert explanation.sentence == (
        "2 家机构参加，2 家报价有效，由 3 位评审按公布的标准打分。2号总分 87.00 分最高，报价 2.00 元，排名第一。"
    )
    assert explanation.columns == [
        "名次",
        "机构",
        "报价（元）",
        "报价（满分 40）",
        "服务方案（满分 30）",
        "人员与业绩（满分 15）",
        "信用（满分 15）",
        "总分",
        "说明",
    ]
    assert explanation.rows[1] == ["2", "1号", "3.00", "26.67", "23.33", "15.00", "12.00", "77.00", "总分低于前一名"]


@pytest.mark.parametrize(("method", "firms"), [("quotes", [make_firm(1)]), ("merit", [make_firm(1, CEILING + 1)])])
def test_nobody(method, firms):
    assert told(method, *firms).sentence == "没有有效报价，没有机构排名第一。"


def test_a_name_with_a_percent_sign_is_only_a_name():
    assert "100%(firm)s" in told("draw", make_firm(1), names={"1号": "100%(firm)s"}).sentence


@pytest.mark.parametrize("method", METHODS)
def test_every_result_has_words_for_every_firm(method):
    dice = random.Random(f"words of {method}")
    for _case in range(300):
        inputs, rules, seed = random_case(method, dice)
        explanation = explain(rank(method, inputs, rules, seed).as_data())
        assert len(explanation.rows) == len(inputs["firms"])
        assert all(len(row) == len(explanation.columns) for row in explanation.rows)
        texts = [explanation.sentence, *explanation.columns, *(cell for row in explanation.rows for cell in row)]
        assert all(texts)
        # Nothing of the machine shows through: no placeholders, no exact fractions, no stable words.
        assert not re.search(r"%\(|\d/\d|[a-z]_|None|Fraction", "\n".join(texts))


def test_every_refusal_has_words():
    codes = re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", rank.__doc__.partition("`code`:")[2])
    assert len(codes) == 19
    unknown = problem_in_words("no such code")
    spoken = {code for code in codes if problem_in_words(code) != unknown}
    assert {"pick_outside_short_list", "scorers_too_few", "missing_points", "score_out_of_range"} <= spoken
    assert all(problem_in_words(code).endswith("。") for code in codes)
