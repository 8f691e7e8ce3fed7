import itertools
from dataclasses import dataclass, field
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.catalog.flaws import flaws
from marketplace.catalog.requirements import Held, demands, in_words, lacking, leaves, people_needed, sufficient

DAY = date(2026, 11, 24)


@dataclass
class Kind:
    label: str
    grades: list = field(default_factory=list)
    abolished_on: date | None = None
    holder: str = "organization"


KINDS = {
    "surveying": Kind("测绘资质", ["甲级", "乙级"]),
    "cma": Kind("CMA"),
    "design": Kind("设计资质", ["综合", "甲级", "乙级"]),
    "old": Kind("造价资质", ["甲级", "乙级"], date(2021, 7, 1)),
    "surveyor": Kind("注册测绘师", holder="person"),
    "planner": Kind("注册规划师", holder="person"),
    "clerk": Kind("旧职业", abolished_on=date(2016, 1, 1), holder="person"),
}


def words(requirement, *held, on=DAY, **people):
    return lacking(requirement, held, on, kinds=KINDS, practitioners=people)


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
    assert flaws({}, KINDS) == []
    assert flaws({"any": [{}]}, KINDS)
    assert flaws({"any": {"kind": "cma"}}, KINDS)
    assert flaws({"kind": ["cma"]}, KINDS)
    assert flaws({"kind": "cma", "count": 1}, KINDS)
    assert flaws({"kind": "cma", "scope": 1}, KINDS)


def test_people_are_asked_for_as_people_and_firms_as_firms():
    assert flaws({"practitioner": "surveyor", "count": 2}, KINDS) == []
    assert flaws({"practitioner": "surveyor"}, KINDS) == []
    assert "由人员持有" in flaws({"kind": "surveyor"}, KINDS)[0]
    assert "由机构持有" in flaws({"practitioner": "cma"}, KINDS)[0]
    for count in (0, -1, 1.5, "2", True, 1000):
        assert flaws({"practitioner": "surveyor", "count": count}, KINDS)


def test_an_abolished_kind_is_refused_from_its_day_on():
    leaf = {"all": [{"kind": "old"}, {"practitioner": "clerk"}]}
    assert flaws(leaf, KINDS) == []
    assert len(flaws(leaf, KINDS, DAY)) == 2
    assert "2021-07-01" in flaws({"kind": "old"}, KINDS, date(2021, 7, 1))[0]
    assert flaws({"kind": "old"}, KINDS, date(2021, 6, 30)) == []


def test_a_tree_that_nests_without_end_is_refused():
    tree = {"kind": "cma"}
    for _time in range(20):
        tree = {"all": [tree]}
    assert "嵌套" in flaws(tree, KINDS)[0]


def test_practitioners_are_counted_by_kind():
    leaf = {"practitioner": "surveyor", "count": 2}
    assert words(leaf) == "缺少：注册测绘师至少 2 名（现有 0 名）"
    assert words(leaf, surveyor=1) == "缺少：注册测绘师至少 2 名（现有 1 名）"
    assert words(leaf, surveyor=2) == words(leaf, surveyor=3) == ""
    assert words(leaf, planner=5)
    assert words({"practitioner": "clerk"}) == ""
    both = {"all": [{"kind": "surveying", "grade": "乙级"}, leaf]}
    assert words(both, surveyor=1) == "缺少：测绘资质 乙级及以上；注册测绘师至少 2 名（现有 1 名）"
    assert list(leaves(both)) == [{"kind": "surveying", "grade": "乙级"}]
    assert in_words(both, DAY, kinds=KINDS) == "测绘资质 乙级及以上；注册测绘师至少 2 名"
    assert in_words({"kind": "old"}, DAY, kinds=KINDS) == ""


calmly = settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
GRADES = {code: kind.grades for code, kind in KINDS.items()}
PLACES = {"highest": 0, "lowest": -1}


def demand(kind, grade, scope):
    """Make a demand for a certificate; a grade only where the kind has any."""
    leaf = {"kind": kind} | ({"scope": scope} if scope else {})
    return leaf | ({"grade": GRADES[kind][PLACES[grade]]} if grade and GRADES[kind] else {})


single = st.one_of(
    st.builds(
        demand,
        st.sampled_from(["cma", "surveying", "design", "old"]),
        st.sampled_from(["", "highest", "lowest"]),
        st.sampled_from(["", "水利", "工程测量"]),
    ),
    st.fixed_dictionaries(
        {"practitioner": st.sampled_from(["surveyor", "planner", "clerk"]), "count": st.integers(1, 3)}
    ),
)
trees = st.recursive(
    single,
    lambda part: st.one_of(
        st.fixed_dictionaries({branch: st.lists(part, min_size=1, max_size=3)}) for branch in ("any", "all")
    ),
    max_leaves=8,
)
certificates = st.lists(
    st.builds(
        Held,
        st.sampled_from(["cma", "surveying", "design", "old", "unknown"]),
        st.sampled_from(["", "综合", "甲级", "乙级", "丙级"]),
        st.sampled_from(["", "水利", "工程测量、水利", "工程测量"]),
        st.sampled_from([None, DAY, date(2026, 11, 23), date(2027, 1, 1)]),
    ),
    max_size=5,
)
people = st.dictionaries(st.sampled_from(["surveyor", "planner", "clerk"]), st.integers(0, 4))


def ways(tree):
    """Write out every set of single demands that would satisfy a tree; read from the definition, not from the code."""
    if "any" in tree:
        return [way for part in tree["any"] for way in ways(part)]
    if "all" in tree:
        return [list(itertools.chain(*choice)) for choice in itertools.product(*(ways(part) for part in tree["all"]))]
    return [[tree]]


def has(leaf, held, people, on):
    """Tell whether a firm has one thing, the slow and plain way."""
    if "practitioner" in leaf:
        kind, enough = KINDS[leaf["practitioner"]], people.get(leaf["practitioner"], 0) >= leaf["count"]
    else:
        kind = KINDS[leaf["kind"]]
        good = (
            {
                grade
                for place, grade in enumerate(kind.grades)
                if place <= kind.grades.index(leaf.get("grade", kind.grades[-1]))
            }
            if kind.grades
            else set()
        )
        enough = any(
            one.kind == leaf["kind"]
            and ("grade" not in leaf or one.grade in good)
            and (leaf.get("scope") is None or leaf["scope"] in one.scope)
            and (one.valid_until is None or on <= one.valid_until)
            for one in held
        )
    return enough or (kind.abolished_on is not None and on >= kind.abolished_on)


@settings(calmly, max_examples=400)
@given(trees, certificates, people, st.sampled_from([DAY, date(2021, 6, 30), date(2015, 1, 1)]))
def test_the_decision_is_that_of_a_reading_of_every_way(tree, held, people, on):
    allowed = any(all(has(leaf, held, people, on) for leaf in way) for way in ways(tree))
    missing = lacking(tree, held, on, kinds=KINDS, practitioners=people)
    assert (missing == "") == allowed
    assert missing == "" or missing.startswith("缺少：")


@settings(calmly)
@given(trees)
def test_what_is_called_sufficient_suffices(tree):
    held = []
    for leaf in sufficient(tree, DAY, kinds=KINDS):
        grades = KINDS[leaf["kind"]].grades
        held.append(Held(leaf["kind"], leaf.get("grade") or (grades[0] if grades else ""), leaf.get("scope", "")))
    needed = people_needed(tree, DAY, kinds=KINDS)
    assert words(tree, *held, **needed) == ""
    assert demands(tree, DAY, kinds=KINDS) == bool(held or needed)


@settings(calmly)
@given(trees, certificates, people, certificates, people)
def test_more_certificates_and_people_never_hurt(tree, held, people, more, others):
    if words(tree, *held, **people) == "":
        together = {code: max(people.get(code, 0), others.get(code, 0)) for code in {*people, *others}}
        assert words(tree, *held, *more, **together) == ""


@settings(calmly)
@given(trees)
def test_a_tree_made_of_legal_parts_has_no_flaws(tree):
    assert flaws(tree, KINDS) == []
