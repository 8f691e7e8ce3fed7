"""Propose, stand still, object, decide, confirm."""

from datetime import timedelta

import pytest

from marketplace.accounts.models import Message
from marketplace.awards.actions import confirm_award, decide_objection, object_to_award, propose_award, run_selection
from marketplace.awards.handlers import choose, confirm_due
from marketplace.awards.models import Award, Selection
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.core.workdays import add_working_days
from marketplace.tenders.models import Tender
from tests.factories.accounts import make_admin, make_user
from tests.factories.awards import REASON, losers_of, make_award, make_closed_auction, make_objection
from tests.factories.bidding import agent_of, make_auction
from tests.factories.parties import make_firm

pytestmark = pytest.mark.django_db


@pytest.fixture
def award():
    return make_award()


def refused(code, action, **arguments):
    with pytest.raises(Refused) as caught:
        action(**arguments)
    assert caught.value.code == code
    assert str(caught.value)
    return caught.value


def test_the_lowest_is_proposed_when_the_auction_closes(award):
    auction = award.tender.auction
    assert award.status == "standstill"
    assert (award.amount_fen, award.bidder_id) == (auction.best_fen, auction.leader_id)
    assert award.proposed_at == auction.ends_at
    assert award.standstill_ends_at == add_working_days(auction.ends_at, 1)
    event = Event.objects.get(name="award_proposed")
    assert event.data["amount_fen"] == award.amount_fen
    assert event.data["firm"] == award.organization.name
    assert event.visibility == "public"


def test_everybody_concerned_is_told(award):
    told = Message.objects.filter(key=f"award-{award.pk}-proposed").values_list("user_id", flat=True)
    wanted = [agent_of(award.organization), agent_of(award.tender.buyer)]
    wanted += [agent_of(bidder.organization) for bidder in losers_of(award)]
    assert sorted(told) == sorted(user.pk for user in wanted)


def test_proposing_again_and_a_second_delivery_change_nothing(award):
    assert propose_award(selection=award.selection) == award
    choose(Event.objects.get(name="auction_closed"))
    assert Award.objects.count() == 1
    assert Event.objects.filter(name="award_proposed").count() == 1


def test_a_revoked_award_is_not_proposed_again():
    award = make_award(status="revoked")
    choose(Event.objects.get(name="auction_closed"))
    assert Award.objects.get() == award


def test_an_open_auction_has_no_award():
    tender = make_auction().tender
    refused("too_early", run_selection, tender=tender)
    refused("selection_undecided", propose_award, selection=Selection.objects.get(tender=tender))


def test_the_result_names_every_firm_once(award):
    result = award.selection.result
    assert [place["rank"] for place in result["ranking"]] == [1, 2, 3]
    assert result["ranking"][0]["firm"] == award.bidder.label
    assert {place["firm"] for place in result["ranking"]} == {row.label for row in award.tender.bidders.all()}


def test_a_short_standstill_of_a_demonstration(settings):
    settings.WORKING_DAY_SECONDS = 20
    award = make_award()
    assert award.standstill_ends_at - award.proposed_at == timedelta(seconds=20)


def test_confirming_before_the_end_is_refused(award):
    error = refused(
        "standstill_running", confirm_award, award=award, now=award.standstill_ends_at - timedelta(seconds=1)
    )
    assert error.status == 409
    award.refresh_from_db()
    assert award.status == "standstill"


def test_confirming_at_the_end(award):
    confirmed = confirm_award(award=award, now=award.standstill_ends_at)
    assert confirmed.status == "confirmed"
    assert Tender.objects.get(pk=award.tender_id).status == "awarded"
    confirm_award(award=award, now=award.standstill_ends_at)
    assert Event.objects.filter(name="award_confirmed").count() == 1


def test_the_worker_confirms_what_is_due(award):
    assert confirm_due(award.standstill_ends_at - timedelta(seconds=1)) == 0
    assert confirm_due(award.standstill_ends_at) == 1
    assert confirm_due(award.standstill_ends_at) == 0


def test_an_objection_stops_the_clock(award):
    objection = make_objection(award=award)
    award.refresh_from_db()
    assert (award.status, award.clock_stopped_at) == ("objected", objection.at)
    refused("objection_open", confirm_award, award=award, now=award.standstill_ends_at + timedelta(days=9))
    assert confirm_due(award.standstill_ends_at + timedelta(days=9)) == 0
    event = Event.objects.get(name="award_objected")
    assert REASON not in str(event.data)


def test_the_same_objection_twice_is_one(award):
    assert make_objection(award=award) == make_objection(award=award)
    assert award.objections.count() == 1


def test_two_firms_may_object_and_the_clock_waits_for_both(award):
    first, second = (make_objection(award=award, bidder=bidder) for bidder in losers_of(award))
    admin = make_admin()
    decide_objection(objection=first, upheld=False, decision="不成立。", by=admin)
    award.refresh_from_db()
    assert award.status == "objected"
    decide_objection(objection=second, upheld=False, decision="不成立。", by=admin)
    award.refresh_from_db()
    assert award.status == "standstill"


def test_dismissed_the_rest_of_the_clock_runs(award):
    end = award.standstill_ends_at
    objection = make_objection(award=award)
    decided_at = objection.at + timedelta(days=3)
    for _twice in range(2):
        decide_objection(objection=objection, upheld=False, decision="理由不成立。", by=make_admin(), now=decided_at)
    award.refresh_from_db()
    assert award.status == "standstill"
    assert award.standstill_ends_at - decided_at == end - objection.at
    assert award.clock_stopped_at is None
    assert Event.objects.filter(name="objection_decided").count() == 1
    assert confirm_award(award=award, now=award.standstill_ends_at).status == "confirmed"


def test_upheld_revokes_and_fails_the_need(award):
    first, second = (make_objection(award=award, bidder=bidder) for bidder in losers_of(award))
    decide_objection(objection=first, upheld=True, decision="理由成立。", by=make_admin())
    award.refresh_from_db()
    second.refresh_from_db()
    assert award.status == "revoked"
    assert second.status == "upheld"
    assert Tender.objects.get(pk=award.tender_id).status == "failed"
    refused("state_conflict", confirm_award, award=award, now=award.standstill_ends_at + timedelta(days=9))
    refused("state_conflict", decide_objection, objection=first, upheld=False, decision="又不成立。", by=make_admin())


def test_only_administrators_decide_with_words(award):
    objection = make_objection(award=award)
    for person in (agent_of(award.tender.buyer), agent_of(award.organization), make_user()):
        assert isinstance(
            refused("staff_only", decide_objection, objection=objection, upheld=True, decision="好", by=person),
            Forbidden,
        )
    error = refused(
        "decision_required", decide_objection, objection=objection, upheld=True, decision=" ", by=make_admin()
    )
    assert (error.field, error.status) == ("decision", 422)


def test_who_may_object(award):
    stranger, loser = make_firm(), losers_of(award)[0].organization
    now = award.proposed_at
    arguments = {"award": award, "text": REASON, "now": now}
    refused("not_bidder", object_to_award, organization=stranger, by=agent_of(stranger), **arguments)
    refused("not_member", object_to_award, organization=loser, by=agent_of(stranger), **arguments)
    winner = award.organization
    refused("own_award", object_to_award, organization=winner, by=agent_of(winner), **arguments)


@pytest.mark.parametrize(
    ("text", "code"), [("", "reason_required"), ("  短  ", "reason_required"), ("长" * 2001, "reason_too_long")]
)
def test_an_objection_needs_a_reason(award, text, code):
    loser = losers_of(award)[0].organization
    error = refused(code, object_to_award, award=award, organization=loser, text=text, by=agent_of(loser))
    assert isinstance(error, Invalid)
    assert error.field == "text"


def test_no_objection_after_the_end(award):
    loser = losers_of(award)[0].organization
    arguments = {"award": award, "organization": loser, "text": REASON, "by": agent_of(loser)}
    refused("standstill_ended", object_to_award, now=award.standstill_ends_at, **arguments)
    confirm_award(award=award, now=award.standstill_ends_at)
    refused("state_conflict", object_to_award, now=award.proposed_at, **arguments)


def test_a_need_cancelled_meanwhile_gets_no_award():
    from marketplace.bidding.actions import close_auction
    from marketplace.tenders.actions import fail_tender

    auction = make_auction()
    from tests.factories.bidding import bid

    bid(auction, auction.tender.bidders.first(), auction.ceiling_fen, auction.opens_at)
    fail_tender(tender=auction.tender, reason="试验")
    auction.refresh_from_db()
    close_auction(auction=auction, now=auction.ends_at)
    assert not Award.objects.exists()
    refused("tender_not_selecting", run_selection, tender=auction.tender)


def test_who_signed_up_without_an_offer_is_in_the_table():
    from tests.factories.bidding import bid

    auction = make_auction(firms=3)
    bid(auction, auction.tender.bidders.first(), auction.ceiling_fen, auction.opens_at)
    from marketplace.bidding.actions import close_auction

    auction.refresh_from_db()
    close_auction(auction=auction, now=auction.ends_at)
    award = Award.objects.get()
    result = award.selection.result
    assert [row["rank"] for row in result["ranking"]] == [1]
    assert [row["reason"] for row in result["unranked"]] == ["no_offer", "no_offer"]


def test_closed_auctions_come_from_real_bids():
    assert make_closed_auction(firms=2).sequence == 2
