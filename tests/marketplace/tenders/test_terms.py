"""Terms fit their method and money, and what may not be published is refused with its reason at its field."""

from datetime import timedelta

import pytest

from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.core.workdays import SHANGHAI
from marketplace.parties.actions import suspend_organization
from marketplace.tenders import actions
from marketplace.tenders.models import NAMED, Method, Tender
from marketplace.tenders.queries import advice, earliest_end
from marketplace.tenders.rule_data import DEFAULTS
from tests.factories.accounts import make_admin
from tests.factories.bidding import make_bidder
from tests.factories.catalog import make_service
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender, terms

pytestmark = pytest.mark.django_db
REAL = {"working_day_seconds": 0}


def member(organization):
    return organization.memberships.get().user


def refusal(call, **arguments):
    with pytest.raises(Refused) as refused:
        call(**arguments)
    return refused.value


def refused_draft(**overrides):
    buyer = overrides.pop("buyer", None) or make_buyer()
    refused = refusal(actions.save_draft, buyer=buyer, values=terms(**overrides), by=member(buyer), now=clock.now())
    assert not Tender.objects.filter(buyer=buyer).exists()
    return refused.code, refused.field, refused.status


@pytest.mark.parametrize("method", Method.values)
def test_each_method_is_drafted_and_published(method):
    now = clock.now()
    tender = make_tender(method=method, now=now)
    assert (tender.status, tender.rules["version"]) == ("open", 1)
    named = method in NAMED
    assert (tender.signup_ends_at == tender.selection_at == now) is named
    assert (tender.chosen_firm is not None) is named
    assert (tender.step_fen is not None) is (method == "live_auction")
    event = tender.process.events.get(name="tender_published")
    assert event.data["method"] == method
    assert event.data.get("chosen_firm") == (tender.chosen_firm.name if named else None)


def test_what_a_method_does_not_use_becomes_empty():
    tender = make_tender(status="draft", floor_fen=5_000_000)
    changed = actions.save_draft(tender=tender, buyer=tender.buyer, values={"method": "draw"}, by=tender.created_by)
    assert (changed.step_fen, changed.auction_ends_at, changed.floor_fen) == (None, None, None)
    firm = make_firm(services=[tender.service])
    named = {"method": "direct", "chosen_firm": firm, "ground_reason": "熟悉情况"}
    changed = actions.save_draft(tender=tender, buyer=tender.buyer, values=named, by=tender.created_by)
    assert changed.chosen_firm == firm
    again = actions.save_draft(
        tender=tender,
        buyer=tender.buyer,
        values={"method": "draw", "signup_ends_at": clock.now(), "selection_at": clock.now()},
        by=tender.created_by,
    )
    assert (again.chosen_firm, again.ground_reason) == (None, "")


@pytest.mark.parametrize(
    ("given", "kind", "percent"),
    [
        ({"money_kind": "social", "fiscal_percent": 30}, "fiscal", 30),
        ({"money_kind": "state", "fiscal_percent": 100}, "fiscal", 100),
        ({"money_kind": "fiscal"}, "fiscal", 100),
        ({"money_kind": "fiscal", "fiscal_percent": 60}, "fiscal", 60),
        ({"money_kind": "social", "fiscal_percent": 0}, "social", 0),
    ],
)
def test_a_fiscal_share_makes_the_money_fiscal(given, kind, percent):
    tender = make_tender(status="draft", **given)
    assert (tender.money_kind, tender.fiscal_percent, tender.social_percent) == (kind, percent, 100 - percent)


def test_changing_the_kind_of_money_alone_takes_the_share_away():
    tender = make_tender(status="draft", money_kind="fiscal")
    changed = actions.save_draft(
        tender=tender, buyer=tender.buyer, values={"money_kind": "state"}, by=tender.created_by
    )
    assert (changed.money_kind, changed.fiscal_percent) == ("state", 0)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"fiscal_percent": 101}, "fiscal_percent_range", "fiscal_percent"),
        ({"floor_fen": 10_000_001}, "floor_above_ceiling", "floor_fen"),
        ({"floor_fen": 0}, "floor_too_low", "floor_fen"),
        ({"price_kind": "discount"}, "discount_not_here", "price_kind"),
        ({"method": "draw", "price_kind": "discount"}, "discount_not_here", "price_kind"),
        ({"method": "draw", "ceiling_fen": 0}, "ceiling_too_low", "ceiling_fen"),
        ({"minimum_credit": 101}, "credit_range", "minimum_credit"),
        ({"complaint_phone": " "}, "contact_missing", "complaint_phone"),
        ({"method": "merit", "criteria": [{"key": "a", "name": "方案", "points": 90, "by": "owner"}]}, "criteria_sum", "criteria"),
        ({"method": "merit", "criteria": [{"key": "a", "name": "方案", "points": 100, "by": "scorers"}]}, "criteria_by", "criteria"),
        ({"method": "scored", "criteria": [{"key": "price", "name": "报价", "points": 100, "by": "price"}]}, "criteria_by", "criteria"),
        ({"method": "scored", "criteria": [{"key": "a", "name": "", "points": 100, "by": "scorers"}]}, "criteria_name", "criteria"),
        ({"method": "direct", "chosen_firm": None}, "firm_missing", "chosen_firm"),
        ({"method": "emergency", "ground_reason": " "}, "reason_missing", "ground_reason"),
        ({"method": "emergency", "happened_at": None}, "happened_missing", "happened_at"),
        ({"method": "direct", "money_kind": "fiscal", "ground": ""}, "ground_missing", "ground"),
        ({"method": "direct", "money_kind": "state", "ground_reason": ""}, "reason_missing", "ground_reason"),
        ({"method": "direct", "money_kind": "fiscal", "ceiling_fen": 5_000_001}, "above_direct_limit", "ground"),
        ({"method": "direct", "ground": "twice_failed"}, "not_twice_failed", "ground"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_at_its_field(change, code, field):
    assert refused_draft(**change) == (code, field, 422)


def test_discounts_and_floors_where_offers_are_sealed():
    tender = make_tender(status="draft", method="average", price_kind="discount", floor_fen=6_000_000)
    assert (tender.price_kind, tender.floor_fen) == ("discount", 6_000_000)


def test_several_services():
    first, second = make_service(), make_service()
    asks = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    tender = make_tender(status="draft", service=first, more_services=[second, first, second])
    assert list(tender.more_services.all()) == [second]
    gone = make_service(status="cancelled")
    assert refused_draft(more_services=[gone])[:2] == ("service_cancelled", "more_services")
    many = [make_service() for _number in range(10)]
    assert refused_draft(more_services=many)[:2] == ("too_many_services", "more_services")
    firm = make_firm(services=[first])
    given = {"method": "direct", "service": first, "more_services": [asks], "chosen_firm": firm}
    assert refused_draft(**given)[:2] == ("firm_not_able", "chosen_firm")
    assert make_tender(**given, services_rule="any").status == "open"


def test_a_named_firm_must_be_able_another_and_not_kept_out():
    buyer = make_buyer()
    assert refused_draft(buyer=buyer, method="direct", chosen_firm=buyer)[0] == "own_tender"
    asks = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    unchecked = make_firm(services=[asks], qualified=False)
    assert refused_draft(method="direct", service=asks, chosen_firm=unchecked)[0] == "firm_not_able"
    tender = make_tender(status="draft", method="emergency")
    firm, now = tender.chosen_firm, clock.now()
    assert (
        refusal(actions.avoid_firm, tender=tender, organization=firm, reason="x", by=tender.created_by).code
        == "firm_is_chosen"
    )
    suspend_organization(organization=firm, reason="检查", by=make_admin(), now=now)
    assert refusal(actions.publish_tender, tender=tender, by=tender.created_by, now=now).code == "firm_not_able"


def test_social_owners_need_no_ground_and_have_no_limit():
    tender = make_tender(method="direct", ceiling_fen=90_000_000, ground="", ground_reason="")
    assert tender.status == "open"


def test_above_the_limit_another_ground_counts():
    tender = make_tender(method="direct", money_kind="fiscal", ceiling_fen=9_000_000, ground="continuity")
    assert tender.process.events.get(name="tender_published").data["ground"] == "continuity"


def twice_failed(buyer, **overrides):
    """Let a need fail twice; one firm had signed up. Return the draft of the third round and that firm."""
    tender = make_tender(buyer=buyer, **overrides)
    firm = make_bidder(tender=tender).organization
    actions.fail_tender(tender=tender, reason="报名不足")
    draft = actions.repost_tender(tender=tender, by=tender.created_by)
    again = actions.publish_tender(tender=draft, by=draft.created_by)
    actions.fail_tender(tender=again, reason="报名不足")
    return actions.repost_tender(tender=again, by=again.created_by), firm


def test_after_two_failures_a_firm_that_signed_up_may_be_named():
    draft, firm = twice_failed(make_buyer(), money_kind="state", ceiling_fen=20_000_000)
    values = {"method": "direct", "ground": "twice_failed", "ground_reason": "两次报名不足"}
    other = make_firm(services=[draft.service])
    call = {"tender": draft, "buyer": draft.buyer, "by": draft.created_by}
    refused = refusal(actions.save_draft, values={**values, "chosen_firm": other}, **call)
    assert (refused.code, refused.field) == ("firm_never_signed_up", "chosen_firm")
    saved = actions.save_draft(values={**values, "chosen_firm": firm}, **call)
    assert actions.publish_tender(tender=saved, by=saved.created_by).status == "open"


def test_after_one_failure_the_terms_stay_and_after_two_they_may_be_relaxed():
    tender = make_tender(minimum_credit=60, requirement="有同类业绩")
    actions.fail_tender(tender=tender, reason="报名不足")
    draft = actions.repost_tender(tender=tender, by=tender.created_by)
    for change, field in (
        ({"method": "draw"}, "method"),
        ({"minimum_credit": 0}, "minimum_credit"),
        ({"requirement": ""}, "requirement"),
    ):
        refused = refusal(actions.save_draft, tender=draft, buyer=draft.buyer, values=change, by=draft.created_by)
        assert (refused.code, refused.field) == ("former_terms", field)
    relaxed, _firm = twice_failed(make_buyer(), minimum_credit=60)
    changed = actions.save_draft(
        tender=relaxed, buyer=relaxed.buyer, values={"method": "draw", "minimum_credit": 0}, by=relaxed.created_by
    )
    assert (changed.method, changed.minimum_credit) == ("draw", 0)


def test_the_same_pair_is_pointed_out_and_then_blocked():
    buyer, service, now = make_buyer(), make_service(), clock.now()
    firm = make_firm(services=[service])
    given = {"method": "direct", "buyer": buyer, "service": service, "chosen_firm": firm}
    old = make_tender(**given, now=now)
    Tender.objects.filter(pk=old.pk).update(published_at=now - timedelta(days=400))
    ended = make_tender(**given, now=now)
    actions.fail_tender(tender=ended, reason="机构放弃")
    for number in range(1, 5):
        draft = make_tender(status="draft", **given, now=now)
        warned = any(f"第 {number} 次" in words for words in advice(draft, DEFAULTS["direct"], now))
        assert warned is (number >= 3)
        actions.publish_tender(tender=draft, by=draft.created_by, now=now)
    fifth = make_tender(status="draft", **given, now=now)
    refused = refusal(actions.publish_tender, tender=fifth, by=fifth.created_by, now=now)
    assert (refused.code, refused.field) == ("pair_blocked", "chosen_firm")
    assert "已有 4 次" in refused.message


def test_an_emergency_is_recorded_late_in_public_and_never_before_it_happened():
    now = clock.now()
    late = make_tender(method="emergency", happened_at=now - timedelta(days=20), now=now)
    assert late.process.events.get(name="tender_published").data["is_late_record"] is True
    assert (
        "is_late_record"
        not in make_tender(method="emergency", now=now).process.events.get(name="tender_published").data
    )
    draft = make_tender(status="draft", method="emergency", happened_at=now + timedelta(hours=1), now=now)
    assert refusal(actions.publish_tender, tender=draft, by=draft.created_by, now=now).code == "happens_later"


class TestSignUpTime:
    @pytest.mark.parametrize(
        ("method", "urgent", "days"),
        [("draw", False, 3), ("merit", False, 5), ("merit", True, 1), ("live_auction", True, 1)],
    )
    def test_public_money_leaves_the_rules_days(self, method, urgent, days):
        now = clock.now()
        earliest = earliest_end(now, days, REAL)
        assert earliest.astimezone(SHANGHAI).hour == 17
        given = {"money_kind": "fiscal", "method": method, "is_urgent": urgent, "now": now}
        short = make_tender(status="draft", **given, signup_ends_at=earliest - timedelta(minutes=1))
        refused = refusal(actions.publish_tender, tender=short, by=short.created_by, now=now)
        assert (refused.code, refused.field) == ("signup_too_short", "signup_ends_at")
        assert any("不能这样发布" in words for words in advice(short, DEFAULTS[method], now))
        assert make_tender(**given, signup_ends_at=earliest).status == "open"

    def test_social_money_is_only_advised(self):
        now = clock.now()
        draft = make_tender(status="draft", now=now)
        assert any("可能有机构来不及报名" in words for words in advice(draft, DEFAULTS["live_auction"], now))
        assert actions.publish_tender(tender=draft, by=draft.created_by, now=now).status == "open"

    def test_the_demonstration_does_not_wait(self, settings):
        settings.DEMO, now = True, clock.now()
        given = {"money_kind": "fiscal", "signup_ends_at": now + timedelta(minutes=2), "now": now}
        assert make_tender(**given).status == "open"
