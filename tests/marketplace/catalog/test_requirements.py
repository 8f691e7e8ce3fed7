from dataclasses import dataclass, field
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalog.requirements import Held, demands, flaws, lacking, sufficient

DAY = date(2026, 11, 24)


@dataclass
class Kind:
    label: str
    grades: list = field(default_factory=list)
    abolished_on: date | None = None


KINDS = {
    "surveying": Kind("测绘资质", ["甲级", "乙级"]),
    "cma": Kind("CMA"),
    "design": Kind("设计资质", ["综合", "甲级", "乙级"]),
    "old": Kind("造价资质", ["甲级", "乙级"], date(2021, 7, 1)),
}


def words(requirement, *held, on=DAY):
    return lacking(requirement, held, on, kinds=KINDS)


def test_nothing_is_lacking_where_nothing_is_asked():
    assert words({}) == ""


def test_the_sentence_names_kind_and_lowest_grade():
    assert words({"kind": "surveying", "grade": "乙级"}) == "缺少：测绘资质 乙级及以上"
    assert words({"kind": "surveying", "grade": "甲级"}) == "缺少：测绘资质 甲级"
    assert words({"kind": "cma"}) == "缺少：CMA"


def test_a_higher_grade_will_do_and_a_lower_will_not():
    assert words({"kind": "surveying", "grade": "乙级"}, Held("surveying", "甲级")) == ""
    assert words({"kind": "surveying", "grade": "甲级"}, Held("surveying", "乙级"))
    assert words({"kind": "surveying", "grade": "乙级"}, Held("surveying", "丙级"))


def test_an_expired_certificate_counts_for_nothing_and_its_date_is_told():
    until = date(2026, 11, 23)
    assert words({"kind": "cma"}, Held("cma", valid_until=until)) == "缺少：CMA（所持证书 2026-11-23 到期）"
    assert words({"kind": "cma"}, Held("cma", valid_until=DAY)) == ""


def test_an_abolished_kind_demands_nothing_from_its_day_on():
    leaf = {"kind": "old", "grade": "乙级"}
    assert words(leaf) == ""
    assert words(leaf, on=date(2021, 6, 30)) == "缺少：造价资质 乙级及以上"
    assert words({"all": [leaf, {"kind": "cma"}]}) == "缺少：CMA"
    assert not demands(leaf, DAY, kinds=KINDS)


def test_a_scope_must_stand_in_the_certificate():
    leaf = {"kind": "surveying", "grade": "乙级", "scope": "工程测量"}
    assert words(leaf, Held("surveying", "甲级", "工程测量、海洋测绘")) == ""
    assert words(leaf, Held("surveying", "甲级", "海洋测绘")) == "缺少：测绘资质 乙级及以上（工程测量）"


def test_all_and_any_name_only_what_is_missing():
    both = {"all": [{"kind": "cma"}, {"kind": "design"}]}
    either = {"any": [{"kind": "cma"}, {"kind": "design", "grade": "乙级"}]}
    assert words(both, Held("cma")) == "缺少：设计资质"
    assert words(both) == "缺少：CMA；设计资质"
    assert words(either) == "缺少：CMA 或 设计资质 乙级及以上"
    assert words(either, Held("design", "综合")) == ""


def test_flaws_of_a_tree_are_told():
    assert flaws({"kind": "nothing"}, KINDS)
    assert flaws({"kind": "surveying", "grade": "丙级"}, KINDS)
    assert flaws({"any": []}, KINDS)
    assert flaws([], KINDS)
    assert flaws({"kind": "cma", "all": [{"kind": "cma"}]}, KINDS)
    assert flaws({"any": [{"kind": "cma"}, {"all": [{"kind": "design"}]}]}, KINDS) == []


leaves = st.sampled_from(
    [{"kind": "cma"}, {"kind": "surveying", "grade": "乙级"}, {"kind": "design", "scope": "水利"}, {"kind": "old"}]
)
trees = st.recursive(
    leaves,
    lambda part: st.builds(
        lambda branch, parts: {branch: parts}, st.sampled_from(["any", "all"]), st.lists(part, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


@given(trees)
def test_what_is_called_sufficient_suffices(tree):
    held = []
    for leaf in sufficient(tree, DAY, kinds=KINDS):
        grades = KINDS[leaf["kind"]].grades
        held.append(Held(leaf["kind"], leaf.get("grade") or (grades[0] if grades else ""), leaf.get("scope", "")))
    assert words(tree, *held) == ""
    assert demands(tree, DAY, kinds=KINDS) == bool(held)


@given(trees, st.lists(st.sampled_from([Held("cma"), Held("surveying", "甲级"), Held("design", "甲级", "水利")])))
def test_one_more_certificate_never_hurts(tree, held):
    if words(tree, *held) == "":
        assert words(tree, *held, Held("surveying", "乙级")) == ""
