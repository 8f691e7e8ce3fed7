"""People judge: scorers, owners who compare, owners who pick; what is refused, and what the deadline does."""

from datetime import timedelta

import pytest

from marketplace.awards.actions import (
    appoint_scorer,
    declare_no_interest,
    dismiss_scorer,
    end_judging,
    judge_offers,
    lock_marks,
    pick_firm,
    save_marks,
)
from marketplace.awards.handlers import end_due_judging
from marketplace.awards.models import Award, Score, Selection
from marketplace.awards.queries import judged_bidders, replay
from marketplace.core.refusals import Refused
from marketplace.parties.models import Membership
from marketplace.tenders.models import Method, Tender
from tests.factories.accounts import make_user
from tests.factories.bidding import agent_of
from tests.factories.selections import make_choice, make_scorers, marks_for

pytestmark = pytest.mark.django_db


def refused(code, action, **arguments):
    with pytest.raises(Refused) as caught:
        action(**arguments)
    assert caught.value.code == code
    assert str(caught.value)
    return caught.value


def fresh(selection):
    return Selection.objects.select_related("tender__process", "tender__buyer").get(pk=selection.pk)


@pytest.fixture
def picking():
    return make_choice(Method.CREDIT, phase="judging")


def test_the_owner_picks_from_the_short_list_with_a_reason(picking):
    tender, short = picking.tender, picking.result["short_list"]
    owner = agent_of(tender.buyer)
    pick = {"tender": tender, "now": tender.selection_at + timedelta(minutes=1)}
    refused("not_allowed", pick_firm, label=short[0], reason="好", by=make_user(), **pick)
    error = refused("pick_outside_short_list", pick_firm, label="0号", reason="好", by=owner, **pick)
    assert (error.field, error.status) == ("label", 422)
    assert refused("reason_required", pick_firm, label=short[0], reason=" ", by=owner, **pick).field == "reason"
    pick_firm(label=short[-1], reason="做过同类项目。", by=owner, **pick)
    assert Award.objects.get().bidder.label == short[-1]
    refused("not_judging", pick_firm, label=short[0], reason="改主意了", by=owner, **pick)
    assert list(replay(fresh(picking))) == []


def test_without_a_pick_the_first_of_the_draw_is_chosen(picking):
    ends = picking.judging_ends_at
    refused("too_early", end_judging, tender=picking.tender, now=ends - timedelta(microseconds=1))
    refused(
        "judging_ended",
        pick_firm,
        tender=picking.tender,
        label=picking.result["short_list"][0],
        reason="好",
        by=agent_of(picking.tender.buyer),
        now=ends,
    )
    assert end_due_judging(ends) == 1
    assert Award.objects.get().bidder.label == picking.result["short_list"][0]


@pytest.fixture
def comparing():
    return make_choice(Method.MERIT, phase="judging")


def test_the_owner_compares_once_with_words_for_each_firm(comparing):
    tender = comparing.tender
    marks, comments = marks_for(tender, "owner")
    owner, labels = agent_of(tender.buyer), [bidder.label for bidder in judged_bidders(tender)]
    best = labels[1]
    marks |= {(best, "plan"): 5000, (best, "team"): 2000}
    arguments = {"tender": tender, "by": owner, "now": tender.selection_at + timedelta(minutes=1)}
    silent = refused("comment_required", judge_offers, marks=marks, comments={}, **arguments)
    assert silent.field == f"comment-{labels[0]}"
    too_much = refused(
        "score_out_of_range", judge_offers, marks={**marks, (best, "plan"): 5001}, comments=comments, **arguments
    )
    assert too_much.field == f"mark-{best}-plan"
    lacking = {key: mark for key, mark in marks.items() if key != (best, "team")}
    refused("score_missing", judge_offers, marks=lacking, comments=comments, **arguments)
    assert not Score.objects.exists()
    refused("not_allowed", judge_offers, marks=marks, comments=comments, **{**arguments, "by": make_user()})
    judge_offers(marks=marks, comments=comments, **arguments)
    assert Award.objects.get().bidder.label == best
    refused("not_judging", judge_offers, marks=marks, comments=comments, **arguments)
    assert list(replay(fresh(comparing))) == []


def test_an_owner_who_does_not_compare_in_time_gets_no_result(comparing):
    end_judging(tender=comparing.tender, now=comparing.judging_ends_at)
    tender = Tender.objects.get(pk=comparing.tender_id)
    assert (tender.status, tender.failure_reason) == ("failed", "业主没有在期限内完成比选")


@pytest.fixture
def scoring():
    return make_choice(Method.SCORED, phase="judging")


def at(selection):
    return selection.tender.selection_at + timedelta(minutes=1)


def test_scores_count_when_all_are_locked(scoring):
    tender, now = scoring.tender, at(scoring)
    scorers = make_scorers(tender, now=now)
    marks, comments = marks_for(tender, "scorers")
    for scorer in scorers[:2]:
        lock_marks(scorer=scorer, marks=marks, comments=comments, by=scorer.user, now=now)
        assert fresh(scoring).status == "judging"
    refused("scores_locked", lock_marks, scorer=scorers[0], marks=marks, comments=comments, by=scorers[0].user, now=now)
    refused("scores_locked", appoint_scorer, tender=tender, user=make_user(), by=agent_of(tender.buyer), now=now)
    refused("scores_locked", dismiss_scorer, scorer=scorers[2], by=agent_of(tender.buyer), now=now)
    save_marks(scorer=scorers[2], marks={}, comments={}, by=scorers[2].user, now=now)
    lock_marks(scorer=scorers[2], marks=marks, comments=comments, by=scorers[2].user, now=now)
    selection = fresh(scoring)
    assert selection.status == "decided"
    assert {len(values) for row in selection.inputs["firms"] for values in row["points"].values()} == {3}
    assert list(replay(selection)) == []


def test_what_scorers_may_not_do(scoring):
    tender, now = scoring.tender, at(scoring)
    [scorer] = make_scorers(tender, count=1, declared=False, now=now)
    marks, comments = marks_for(tender, "scorers")
    write = {"marks": marks, "comments": comments, "now": now}
    refused("not_yours", save_marks, scorer=scorer, by=make_user(), **write)
    refused("not_declared", save_marks, scorer=scorer, by=scorer.user, **write)
    declare_no_interest(scorer=scorer, by=scorer.user, now=now)
    label = judged_bidders(tender)[0].label
    for mark in (-1, 3001, 12.5, True):
        wrong = {**marks, (label, "plan"): mark}
        error = refused("score_out_of_range", save_marks, scorer=scorer, by=scorer.user, **{**write, "marks": wrong})
        assert (error.field, error.status) == (f"mark-{label}-plan", 422)
    refused("judging_ended", lock_marks, scorer=scorer, by=scorer.user, **{**write, "now": scoring.judging_ends_at})


def test_a_scorer_with_a_conflict_is_refused_when_asked_and_when_scoring(scoring):
    tender, now, owner = scoring.tender, at(scoring), agent_of(scoring.tender.buyer)
    firm = tender.bidders.first().organization
    refused("scorer_conflict", appoint_scorer, tender=tender, user=agent_of(firm), by=owner, now=now)
    refused("scorer_conflict", appoint_scorer, tender=tender, user=make_user(phone=firm.phone), by=owner, now=now)
    [scorer] = make_scorers(tender, count=1, now=now)
    Membership.objects.create(user=scorer.user, organization=firm)
    marks, comments = marks_for(tender, "scorers")
    refused("scorer_conflict", lock_marks, scorer=scorer, marks=marks, comments=comments, by=scorer.user, now=now)


def test_the_owners_people_are_a_third_at_most(scoring):
    tender, now, owner = scoring.tender, at(scoring), agent_of(scoring.tender.buyer)
    ask = {"tender": tender, "by": owner, "now": now}
    refused("not_allowed", appoint_scorer, user=make_user(), **{**ask, "by": make_user()})
    refused("too_many_of_owner", appoint_scorer, user=owner, **ask)
    make_scorers(tender, count=3, now=now)
    appoint_scorer(user=owner, **ask)
    refused("already_appointed", appoint_scorer, user=owner, **ask)
    second = make_user()
    Membership.objects.create(user=second, organization=tender.buyer)
    refused("too_many_of_owner", appoint_scorer, user=second, **ask)


def test_at_the_deadline_what_is_locked_counts_if_it_is_enough(scoring):
    tender, now = scoring.tender, at(scoring)
    scorers = make_scorers(tender, count=4, now=now)
    marks, comments = marks_for(tender, "scorers")
    for scorer in scorers[:3]:
        lock_marks(scorer=scorer, marks=marks, comments=comments, by=scorer.user, now=now)
    assert fresh(scoring).status == "judging"
    end_judging(tender=tender, now=scoring.judging_ends_at)
    assert fresh(scoring).status == "decided"


def test_too_few_scorers_give_no_result(scoring):
    make_scorers(scoring.tender, count=2, now=at(scoring))
    end_judging(tender=scoring.tender, now=scoring.judging_ends_at)
    tender = Tender.objects.get(pk=scoring.tender_id)
    assert (tender.status, fresh(scoring).status) == ("failed", "failed")
    assert "0 名，少于规则要求的 3 名" in tender.failure_reason


def test_people_are_asked_for_scored_needs_only(comparing):
    owner = agent_of(comparing.tender.buyer)
    refused("not_scored", appoint_scorer, tender=comparing.tender, user=make_user(), by=owner)
