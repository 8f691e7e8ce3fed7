"""The desk of the rules: look at versions, compare, adopt a new one; nobody edits or deletes."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from cms.forms import RuleSetForm
from cms.rule_words import SETTINGS, differences, value_in_words
from cms.viewsets.rules import basis_of
from marketplace.core import clock
from marketplace.tenders.actions import adopt_rule_set, ensure_rule_sets, rule_set_for
from marketplace.tenders.models import Method, RuleSet
from marketplace.tenders.rule_data import DEFAULTS, flaws
from tests.factories.accounts import make_admin
from tests.factories.catalog import make_region

pytestmark = pytest.mark.django_db
NEW = "desk_rules:new"


def inputs(method, base=None, **changes):
    """Return what a browser sends back when nothing but `changes` was touched."""
    form = RuleSetForm(method=method, base=base or DEFAULTS[method])
    sent = {field.html_name: field.value() for field in form if field.value() is not None}
    sent["since"] = timezone.localtime(clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    return {**sent, "note": "按年度评估结果调整", **changes}


def address(method, **more):
    return reverse(NEW, query={"method": method, **more})


def seen(answer):
    return re.search(r'name="seen" value="(\w+)"', answer.content.decode())[1]


def send(client, method, **changes):
    """Send a new version, look at the comparison, and confirm it."""
    values = inputs(method, **changes)
    checked = client.post(address(method), values)
    assert checked.status_code == 200
    assert not checked.context["form"].errors
    return checked, client.post(address(method), {**values, "seen": seen(checked)})


@pytest.mark.parametrize("method", Method.values)
def test_a_form_left_as_it_is_gives_the_rules_as_they_were(method):
    form = RuleSetForm(inputs(method), method=method, base=DEFAULTS[method])
    assert form.is_valid(), form.errors
    assert form.data_given == DEFAULTS[method]
    assert form.changes_nothing
    assert flaws(method, form.data_given) == []


@pytest.mark.parametrize("method", Method.values)
def test_every_setting_has_words_and_every_method_a_form(admin_client, method):
    assert set(DEFAULTS[method]) <= set(SETTINGS)
    text = admin_client.get(address(method)).content.decode()
    for key, value in DEFAULTS[method].items():
        assert str(SETTINGS[key].label) in text
        assert value_in_words(key, value) not in ("", key)


def test_a_version_is_compared_and_adopted(admin_client):
    checked, done = send(admin_client, Method.DRAW, reserves="1", minimum_bidders__social="3")
    text = checked.content.decode()
    assert "可以递补的名次数" in text
    assert [row[1:] for row in checked.context["changes"]][-1] == ("2 名", "1 名")
    row = RuleSet.objects.latest("pk")
    assert done["Location"] == reverse("desk_rules:inspect", args=[row.pk])
    assert (row.method, row.version, row.region, row.money_kind) == ("draw", 2, None, "")
    assert row.data["reserves"] == 1
    assert row.data["minimum_bidders"] == {"fiscal": 3, "state": 3, "social": 3}
    assert row.adopted_by.is_staff
    assert row.note == "按年度评估结果调整"
    page = admin_client.get(done["Location"]).content.decode()
    for words in ("尚未生效", "可以递补的名次数", "2 名", "1 名", "第 1 版", "随机排序"):
        assert words in page


def test_nothing_is_adopted_before_it_was_seen_and_what_changed_after_is_shown_again(admin_client):
    values = inputs(Method.DRAW, reserves="1")
    checked = admin_client.post(address(Method.DRAW), values)
    assert not RuleSet.objects.filter(version=2).exists()
    again = admin_client.post(address(Method.DRAW), {**values, "reserves": "0", "seen": seen(checked)})
    assert again.status_code == 200
    assert seen(again) != seen(checked)
    assert not RuleSet.objects.filter(version=2).exists()


def test_a_version_for_a_region_and_a_kind_of_money(admin_client):
    region = make_region()
    send(admin_client, Method.DRAW, region=str(region.pk), money_kind="social", standstill_working_days__social="2")
    row = RuleSet.objects.latest("pk")
    assert (row.region, row.money_kind) == (region, "social")
    later = row.since + timedelta(seconds=1)
    assert rule_set_for(method="draw", region=region, money_kind="social", now=later) == row
    assert rule_set_for(method="draw", region=None, money_kind="social", now=later).version == 1
    assert rule_set_for(method="draw", region=region, money_kind="fiscal", now=later).version == 1


@pytest.mark.parametrize(
    ("method", "changes", "field", "words"),
    [
        ("draw", {"reserves": "11"}, "reserves", "0 至 10"),
        ("draw", {"reserves": ""}, "reserves", "请填写"),
        ("draw", {"minimum_bidders__fiscal": ""}, "minimum_bidders__fiscal", "请填写"),
        ("draw", {"note": ""}, "note", "为什么修订"),
        ("draw", {"since": "2020-01-01T00:00"}, "since", "不能早于昨天"),
        ("best_price", {"factors_percent": "95、95"}, "factors_percent", "不重复"),
        ("best_price", {"factors_percent": "百分之九十五"}, "factors_percent", "请填写整数"),
        ("scored", {"criteria": "报价 40 报价\n方案 50 评审"}, "criteria", "现在是 90 分"),
        ("scored", {"criteria": "方案五十分"}, "criteria", "读不懂"),
        ("merit", {"criteria": "报价 100 报价"}, "criteria", "由人评分"),
        ("live_auction", {"milestones": "初稿 40\n验收 50"}, "milestones", "合计应为 100|之和应为 100"),
        ("credit", {"short_list": "11"}, None, "“小名单”不能大于“大名单”"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(admin_client, method, changes, field, words):
    ensure_rule_sets()
    values = inputs(method, **changes)
    answer = admin_client.post(address(method), values)
    if answer.status_code == 200:  # what only the action knows comes with the confirmation
        answer = admin_client.post(address(method), {**values, "seen": seen(answer)})
    assert answer.status_code == 422
    form = answer.context["form"]
    found = form.errors[field] if field else form.non_field_errors()
    assert re.search(words, str(found))
    for name, typed in changes.items():
        assert form[name].value() == typed
    assert not RuleSet.objects.filter(version=2).exists()


def test_money_lists_and_points_are_typed_as_people_write_them(admin_client):
    send(
        admin_client, Method.DIRECT, direct_limit_fen__fiscal="80,000", direct_limit_fen__social="",
        grounds_above_limit=["urgent"], credit_without_reviews="72.5", milestones="全部成果 100%",
    )  # fmt: skip
    data = RuleSet.objects.latest("pk").data
    assert data["direct_limit_fen"] == {"fiscal": 8_000_000, "state": 5_000_000, "social": None}
    assert data["grounds_above_limit"] == ["urgent"]
    assert data["credit_without_reviews"] == 7250
    assert data["milestones"] == [{"title": "全部成果", "percent": 100}]
    send(admin_client, Method.SCORED, criteria="报价 30 报价\n服务方案 50 分 评审\n响应速度 20 评审")
    criteria = RuleSet.objects.latest("pk").data["criteria"]
    assert [(row["key"], row["points"], row["by"]) for row in criteria] == [
        ("price", 30, "price"), ("plan", 50, "scorers"), ("c3", 20, "scorers"),
    ]  # fmt: skip


def adopt(method="draw", by=None, since=None, data=None, **more):
    now = clock.now()
    return adopt_rule_set(
        method=method, data=data or DEFAULTS[method], since=since or now, by=by or make_admin(), **more
    )


def test_the_list_says_what_is_in_force(admin_client):
    second = adopt()
    third = adopt(since=clock.now() + timedelta(days=5))
    region = adopt(region=make_region())
    rows = {row.pk: row for row in admin_client.get(reverse("desk_rules:index")).context["object_list"]}
    first = RuleSet.objects.get(method="draw", version=1)
    from cms.viewsets.rules import standing

    assert [standing(rows[one.pk]) for one in (first, second, third, region)] == [
        "已被替代", "现行", "尚未生效", "现行",
    ]  # fmt: skip
    assert admin_client.get(reverse("desk_rules:index"), {"method": "draw"}).context["object_list"].count() == 4


def test_a_version_is_compared_with_the_one_that_it_replaces():
    ensure_rule_sets()
    first, region = RuleSet.objects.get(method="draw", version=1), make_region()
    local = adopt(region=region, data={**DEFAULTS["draw"], "reserves": 1})
    whole = adopt(data={**DEFAULTS["draw"], "reserves": 3})
    again = adopt(region=region, data={**DEFAULTS["draw"], "reserves": 0})
    assert [basis_of(row) for row in (first, local, whole, again)] == [None, first, first, local]
    assert differences("draw", local.data, again.data) == [("可以递补的名次数", "1 名", "0 名")]


def test_a_new_version_may_begin_with_any_other(admin_client):
    local = adopt(data={**DEFAULTS["draw"], "reserves": 7}, money_kind="state")
    form = admin_client.get(address("draw", **{"from": local.pk})).context["form"]
    assert (form["reserves"].value(), form["money_kind"].value()) == (7, "state")
    assert admin_client.get(address("draw", **{"from": "x"})).context["basis"].version == 1
    assert "修订哪一种" in admin_client.get(address("nothing")).content.decode()
    assert admin_client.post(address("nothing"), {}).status_code == 200


def test_nobody_edits_or_deletes_a_version(admin_client):
    for name in ("edit", "delete", "add"):
        with pytest.raises(NoReverseMatch):
            reverse(f"desk_rules:{name}", args=[] if name == "add" else [1])


def test_supervisors_look_and_adopt_nothing(supervisor_client, client):
    row = adopt()
    page = supervisor_client.get(reverse("desk_rules:inspect", args=[row.pk])).content.decode()
    assert "规则内容" in page
    assert "以这一版为基础" not in page
    assert "制定新版本" not in supervisor_client.get(reverse("desk_rules:index")).content.decode()
    assert supervisor_client.get(address("draw")).status_code in {302, 403}
    assert supervisor_client.post(address("draw"), inputs("draw")).status_code in {302, 403}
    assert RuleSet.objects.filter(method="draw").count() == 2


def test_three_versions_cost_as_many_queries_as_one(admin_client):
    page, by = reverse("desk_rules:index"), make_admin()
    adopt(by=by)
    RuleSet.objects.exclude(version=2).delete()
    admin_client.get(page)
    with CaptureQueriesContext(connection) as one:
        admin_client.get(page)
    adopt(by=by, region=make_region())
    adopt(by=by, region=make_region())
    with CaptureQueriesContext(connection) as three:
        admin_client.get(page)
    assert len(one) == len(three)
