"""A chosen firm accepts, declines or lets the time pass; the next in rank follows, as far as the rules go."""

from datetime import timedelta

import pytest

from marketplace.awards.actions import (
    accept_award,
    confirm_award,
    decide_objection,
    decline_award,
    lapse_award,
    object_to_award,
    propose_award,
)
from marketplace.awards.handlers import confirm_due, lapse_due
from marketplace.awards.models import Award
from marketplace.core.refusals import Refused
from marketplace.core.workdays import add_working_days
from marketplace.parties.actions import suspend_organization
from marketplace.tenders.models import Method, Tender
from tests.factories.accounts import make_admin, make_user
from tests.factories.awards import REASON, losers_of
from tests.factories.bidding import agent_of
from tests.factories.selections import make_choice

pytestmark = pytest.mark.django_db


def refused(code, action, **arguments):
    with pytest.raises(Refused) as caught:
        action(**arguments)
    assert caught.value.code == code
    return caught.value


def award_of(tender, rank=1):
    return Award.objects.select_related("tender__process", "organization", "selection").get(tender=tender, rank=rank)


@pytest.fixture
def award():
    return award_of(make_choice(Method.DRAW, firms=5).tender)


def test_after_the_standstill_the_firm_is_asked_and_its_word_confirms(award):
    waiting = confirm_award(award=award, now=award.standstill_ends_at)
    assert waiting.status == "accepting"
    assert waiting.accept_ends_at == add_working_days(award.standstill_ends_at, 2)
    assert confirm_award(award=award, now=award.standstill_ends_at).status == "accepting"
    refused("not_member", accept_award, award=award, by=make_user())
    accepted = accept_award(award=award, by=agent_of(award.organization), now=award.standstill_ends_at)
    assert accepted.status == "confirmed"
    assert Tender.objects.get(pk=award.tender_id).status == "awarded"
    accept_award(award=award, by=agent_of(award.organization))


def test_a_firm_may_accept_while_it_stands_still(award):
    accept_award(award=award, by=agent_of(award.organization), now=award.proposed_at)
    assert award_of(award.tender).status == "standstill"
    assert confirm_due(award.standstill_ends_at) == 1
    assert award_of(award.tender).status == "confirmed"


def test_declined_the_next_in_rank_follows_as_far_as_the_reserves_go(award):
    tender = award.tender
    assert (
        refused("reason_required", decline_award, award=award, reason=" ", by=agent_of(award.organization)).field
        == "reason"
    )
    refused("not_member", decline_award, award=award, reason="没空", by=agent_of(losers_of(award)[0].organization))
    for rank in (1, 2, 3):
        current = award_of(tender, rank)
        assert current.bidder.label == current.selection.result["ranking"][rank - 1]["firm"]
        decline_award(award=current, reason="人手不足", by=agent_of(current.organization), now=current.proposed_at)
    tender.refresh_from_db()
    assert (Award.objects.count(), tender.status) == (3, "failed")
    assert set(Award.objects.values_list("status", flat=True)) == {"declined"}
    assert tender.process.events.filter(name="award_declined").count() == 3


def test_no_word_in_time_counts_as_giving_up(award):
    confirm_award(award=award, now=award.standstill_ends_at)
    ends = award_of(award.tender).accept_ends_at
    refused("too_early", lapse_award, award=award, now=ends - timedelta(microseconds=1))
    assert lapse_due(ends) == 1
    assert award_of(award.tender).status == "lapsed"
    assert award_of(award.tender, 2).status == "standstill"
    refused("state_conflict", accept_award, award=award, by=agent_of(award.organization), now=ends)
    assert lapse_award(award=award, now=ends).status == "lapsed"


def test_the_last_moment_is_past_it(award):
    confirm_award(award=award, now=award.standstill_ends_at)
    ends = award_of(award.tender).accept_ends_at
    refused("acceptance_ended", accept_award, award=award, by=agent_of(award.organization), now=ends)
    refused("acceptance_ended", decline_award, award=award, reason="晚了", by=agent_of(award.organization), now=ends)


def test_a_suspended_reserve_is_passed_over(award):
    second = award.selection.result["ranking"][1]["firm"]
    firm = award.tender.bidders.get(label=second).organization
    suspend_organization(organization=firm, reason="核查中", by=make_admin(), now=award.proposed_at)
    decline_award(award=award, reason="人手不足", by=agent_of(award.organization), now=award.proposed_at)
    assert not Award.objects.filter(rank=2).exists()
    assert award_of(award.tender, 3).status == "standstill"


def test_while_an_objection_is_open_the_firm_waits(award):
    loser = losers_of(award)[0].organization
    object_to_award(award=award, organization=loser, text=REASON, by=agent_of(loser), now=award.proposed_at)
    refused("state_conflict", decline_award, award=award, reason="不想等了", by=agent_of(award.organization))
    accept_award(award=award, by=agent_of(award.organization), now=award.proposed_at)
    assert award_of(award.tender).status == "objected"


def test_an_upheld_objection_lets_the_next_follow_or_fails_the_need(award):
    loser = losers_of(award)[0].organization
    objection = object_to_award(award=award, organization=loser, text=REASON, by=agent_of(loser), now=award.proposed_at)
    decide_objection(
        objection=objection, upheld=True, decision="中选机构不符合要求。", next_follows=True, by=make_admin()
    )
    assert award_of(award.tender).status == "revoked"
    assert award_of(award.tender, 2).status == "standstill"
    assert Tender.objects.get(pk=award.tender_id).status == "selecting"


def test_a_directly_chosen_firm_that_declines_ends_the_need():
    award = award_of(make_choice(Method.DIRECT).tender)
    decline_award(award=award, reason="另有任务", by=agent_of(award.organization), now=award.proposed_at)
    tender = Tender.objects.get(pk=award.tender_id)
    assert (tender.status, tender.failure_reason) == ("failed", "中选机构放弃，且没有可以递补的机构")


def test_a_rank_is_proposed_once_and_must_exist(award):
    assert propose_award(selection=award.selection) == award
    refused("no_such_rank", propose_award, selection=award.selection, rank=99)
