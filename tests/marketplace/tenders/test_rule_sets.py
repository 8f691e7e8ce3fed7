"""Rules are data: what is wrong with a version is said, versions count up, the nearest one holds, words say them all."""

from datetime import timedelta

import pytest

from marketplace.catalog.models import Region
from marketplace.core import clock
from marketplace.core.models import Process
from marketplace.core.refusals import Refused
from marketplace.tenders.actions import adopt_rule_set, ensure_rule_sets, frozen_rules, rule_set_for
from marketplace.tenders.models import Method, RuleSet
from marketplace.tenders.queries import rules_in_words
from marketplace.tenders.rule_data import DEFAULTS, criteria_flaw, flaws
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_region
from tests.factories.tenders import make_tender


@pytest.mark.parametrize("method", Method.values)
def test_the_first_version_has_no_flaw(method):
    assert flaws(method, DEFAULTS[method]) == []


@pytest.mark.parametrize(
    ("method", "data"),
    [
        ("draw", {"unknown": 1}),
        ("draw", {"window_seconds": 60}),
        ("draw", {"minimum_bidders": 0}),
        ("draw", {"minimum_bidders": "3"}),
        ("draw", {"minimum_bidders": True}),
        ("draw", {"minimum_bidders": {"fiscal": 3, "state": 3}}),
        ("draw", {"minimum_bidders": {"fiscal": 3, "state": 3, "social": 2, "other": 1}}),
        ("live_auction", {"window_seconds": 0}),
        ("best_price", {"factors_percent": []}),
        ("best_price", {"factors_percent": [95, 101]}),
        ("best_price", {"factors_percent": [95, 95]}),
        ("average", {"ties": ["credit"]}),
        ("average", {"ties": ["luck", "draw"]}),
        ("average", {"ties": ["draw", "draw"]}),
        ("average", {"conflicts": ["neighbor"]}),
        ("average", {"too_few": {"extensions": 1}}),
        ("average", {"too_few": {"extensions": 9, "working_days": 2}}),
        ("average", {"milestones": [{"title": "终稿", "percent": 90}]}),
        ("average", {"milestones": [{"title": "", "percent": 100}]}),
        ("direct", {"direct_limit_fen": -1}),
        ("direct", {"grounds_above_limit": ["small"]}),
        ("direct", {"pair_warn": 9}),
        ("credit", {"short_list": 20}),
        ("merit", {"criteria": [{"key": "a", "name": "方案", "points": 100, "by": "scorers"}]}),
        ("scored", {"criteria": []}),
    ],
)
def test_each_flaw_is_a_sentence(method, data):
    (sentence,) = flaws(method, data)
    assert len(sentence) > 5


@pytest.mark.parametrize(
    ("method", "data"),
    [
        ("draw", {"minimum_bidders": {"fiscal": 5, "state": 4, "social": 2}}),
        ("direct", {"direct_limit_fen": {"fiscal": 3_000_000, "state": None, "social": None}}),
        ("draw", {"too_few": {"extensions": 0, "working_days": 1}, "reserves": 0}),
        ("draw", {}),
    ],
)
def test_what_is_right_has_none(method, data):
    assert flaws(method, data) == []


def row(**changes):
    return {"key": "plan", "name": "方案", "points": 60, "by": "scorers", **changes}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "criteria_missing"),
        ("plan", "criteria_missing"),
        ([row(points=0)], "criteria_points"),
        ([row(points="60")], "criteria_points"),
        ([row(by="owner")], "criteria_by"),
        ([row(), row(points=40)], "criteria_twice"),
        ([row(points=20), row(key="a", by="price", points=40), row(key="b", by="price", points=40)], "criteria_twice"),
        ([row(), row(key="a", points=30)], "criteria_sum"),
    ],
)
def test_criteria_that_cannot_decide(rows, code):
    assert criteria_flaw("scored", rows)[0] == code


@pytest.mark.parametrize("method", Method.values)
def test_every_rule_reads_as_a_sentence_frozen_or_by_money(method):
    for seconds in (0, 20):
        words = rules_in_words(method, {**DEFAULTS[method], "working_day_seconds": seconds})
        assert len(words) >= 3
        assert not [one for one in words if "%(" in one or "%s" in one or "%%" in one]
    assert any("财政资金" in one for one in words) is (method != "emergency")


@pytest.mark.django_db
class TestAdopted:
    def adopt(self, method="draw", by=None, since=None, **given):
        now = clock.now()
        return adopt_rule_set(
            method=method, since=since or now, by=by or make_admin(), now=now, **{"data": {"reserves": 4}, **given}
        )

    def test_the_next_version_with_its_event(self):
        row = self.adopt(money_kind="fiscal", note="多留候补")
        assert (row.version, row.data, row.note) == (2, {"reserves": 4}, "多留候补")
        assert self.adopt().version == 3
        process = Process.objects.get(ocid="yt360600-rules")
        events = list(process.events.filter(name="rules_adopted").order_by("number"))
        assert [event.data["version"] for event in events] == [2, 3]
        assert events[0].data["data"] == {"reserves": 4}

    def test_refusals(self):
        now = clock.now()
        for given, code in (
            ({"by": make_user()}, "not_allowed"),
            ({"method": "lottery"}, "method_unknown"),
            ({"money_kind": "gold"}, "money_unknown"),
            ({"data": {"reserves": -1}}, "rules_flawed"),
            ({"since": now - timedelta(days=2)}, "since_in_past"),
        ):
            with pytest.raises(Refused) as refused:
                self.adopt(**given)
            assert refused.value.code == code
        assert not RuleSet.objects.filter(version=2).exists()

    def test_the_nearest_region_then_the_money_then_the_newest(self):
        ensure_rule_sets(now=clock.now() - timedelta(days=9))
        county = make_region()
        town = make_region(parent=county, level=Region.Level.TOWNSHIP)
        city, other = county.parent, make_region()
        now = clock.now() + timedelta(seconds=5)

        def found(region, money):
            return rule_set_for(method="draw", region=region, money_kind=money, now=now).version

        assert found(town, "social") == 1
        everywhere = self.adopt().version
        fiscal = self.adopt(money_kind="fiscal").version
        assert (found(town, "social"), found(town, "fiscal"), found(None, "fiscal")) == (everywhere, fiscal, fiscal)
        in_city = self.adopt(region=city).version
        in_county = self.adopt(region=county, money_kind="state").version
        assert (found(town, "fiscal"), found(town, "state"), found(other, "state")) == (in_city, in_county, in_city)
        self.adopt(region=county, since=now + timedelta(days=1))
        assert found(town, "social") == in_city

    def test_a_need_takes_the_rules_of_its_place_and_money_and_keeps_them(self):
        county = make_region()
        self.adopt(region=county, money_kind="social", data={"minimum_bidders": 4, "reserves": 3})
        here, there = make_tender(method="draw", region=county), make_tender(method="draw")
        assert (here.rules["minimum_bidders"], here.rules["version"]) == (4, 2)
        assert (there.rules["minimum_bidders"], there.rules["version"]) == (2, 1)
        self.adopt(region=county, data={"minimum_bidders": 9})
        here.refresh_from_db()
        assert here.rules["minimum_bidders"] == 4
        _row, rules = frozen_rules(tender=there, now=clock.now())
        assert rules["too_few"] == {"extensions": 1, "working_days": 2}
