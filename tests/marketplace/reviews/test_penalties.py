"""Penalties: imposed, once for an award, aged, repaired, withdrawn; the second give-up suspends."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from marketplace.awards.actions import accept_award, decline_award
from marketplace.awards.models import Award
from marketplace.core import clock
from marketplace.core.events import broken_links
from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.core.worker import run_round
from marketplace.parties.actions import suspend_organization
from marketplace.parties.states import OrganizationStatus
from marketplace.reviews.actions import impose_penalty, withdraw_penalty
from marketplace.reviews.handlers import penalize_give_up
from marketplace.reviews.models import CreditScore, Penalty
from marketplace.reviews.penalty_codes import PENALTY_CODES
from marketplace.reviews.queries import credit_of
from marketplace.reviews.scoring import add_months
from marketplace.reviews.states import PENALTY, PenaltyStatus
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of
from tests.factories.parties import make_buyer, make_firm
from tests.factories.reviews import FACTS, make_declined, make_lapsed, make_penalty, make_review, make_won
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def refused(code, action, /, **arguments):
    with pytest.raises(Refused) as caught:
        action(**arguments)
    assert caught.value.code == code
    return caught.value


def withdraw(penalty, **overrides):
    values = {"reason": "已补签并按期履行", "is_repaired": True, "by": make_admin(), **overrides}
    return withdraw_penalty(penalty=penalty, **values)


# Imposed by people


def test_a_penalty_costs_points_and_is_told():
    penalty = make_penalty()
    firm = penalty.organization
    assert (penalty.points, penalty.counts_until) == (2, add_months(penalty.at, 12))
    assert credit_of(firm) == (7800, "B", 0)
    data = Event.objects.get(name="penalty_imposed").data
    assert (data["code"], data["points"], data["text"], data["score_hundredths"]) == ("late_contract", 2, FACTS, 7800)
    assert agent_of(firm).messages.get(key=f"penalty-{penalty.pk}-imposed").title == "信用扣 2 分：逾期签订合同"
    firm.process.refresh_from_db()
    assert broken_links(firm.process) == []


def test_events_and_messages_are_kept_in_the_language_of_the_site():
    with translation.override("en"):
        penalty = make_penalty()
        withdraw(penalty)
    assert Event.objects.get(name="penalty_imposed").data["label"] == "逾期签订合同"
    assert Event.objects.get(name="penalty_repaired").data["label"] == "逾期签订合同"
    messages = agent_of(penalty.organization).messages.filter(key__startswith="penalty")
    assert {one.title for one in messages} == {"信用扣 2 分：逾期签订合同", "信用已修复：逾期签订合同"}


def test_points_are_those_of_the_code():
    firm = make_firm()
    assert make_penalty(organization=firm, code="defective_result").points == 3
    assert make_penalty(organization=firm, code="defective_result", points=10).points == 10
    for points in (2, 11):
        values = {"organization": firm, "code": "defective_result", "points": points}
        assert refused("points_range", make_penalty, **values).field == "points"
    assert credit_of(firm)[0] == 8000 - 1300


def test_bad_input_and_who_may_not():
    firm = make_firm()
    assert refused("code_unknown", make_penalty, organization=firm, code="nothing").field == "code"
    refused("wrong_role", make_penalty, organization=firm, code="owner_split")
    refused("wrong_role", make_penalty, organization=make_buyer(), code="late_contract")
    for text in ("太短", "长" * 501):
        assert refused("facts_length", make_penalty, organization=firm, text=text).field == "text"
    for person in (agent_of(firm), make_user(), None):
        refused("not_administrator", make_penalty, organization=firm, by=person)
    assert not Penalty.objects.exists()
    assert not CreditScore.objects.exists()


def test_an_owner_gets_a_record_and_no_score(client):
    owner = make_buyer()
    penalty = make_penalty(organization=owner, code="owner_paid_late")
    assert penalty.points == 0
    assert not CreditScore.objects.exists()
    page = client.get(owner.get_absolute_url()).content.decode()
    assert "业主逾期付款" in page
    assert FACTS in page


def test_a_score_never_falls_below_nothing():
    firm = make_firm()
    for _number in range(5):
        make_penalty(organization=firm, code="collusion")
    assert credit_of(firm) == (0, "D", 0)


# Given-up awards


def test_a_declined_award_costs_five_points_once():
    award = make_declined()
    penalty = Penalty.objects.get()
    assert (penalty.award, penalty.code, penalty.points, penalty.by) == (award, "give_up", 5, None)
    assert "人员不足" in penalty.text
    assert award.tender.number in penalty.text
    event = Event.objects.get(name="award_declined")
    for _twice in range(2):
        penalize_give_up(event)
    again = {"organization": award.organization, "award": award, "code": "give_up", "text": FACTS, "by": None}
    assert impose_penalty(**again) == penalty
    assert Event.objects.filter(name="penalty_imposed").count() == 1
    assert credit_of(award.organization)[0] == 7500
    award.organization.refresh_from_db()
    assert award.organization.status == OrganizationStatus.ACTIVE


def test_a_lapsed_award_costs_the_same():
    award = make_lapsed()
    penalty = Penalty.objects.get()
    assert (penalty.award, penalty.code) == (award, "give_up")
    assert "逾期没有确认" in penalty.text


def test_a_firm_that_the_owner_named_may_leave():
    tender = make_tender(method="direct")
    award = Award.objects.get(tender=tender)
    decline_award(award=award, reason="没有时间", by=agent_of(award.organization))
    assert Event.objects.filter(name="award_declined").exists()
    assert not Penalty.objects.exists()


def test_an_accepted_award_costs_nothing():
    award = make_won()
    accept_award(award=award, by=agent_of(award.organization), now=award.proposed_at)
    assert not Penalty.objects.exists()


def test_the_second_give_up_within_twelve_months_suspends_for_three_and_the_worker_restores():
    first = make_declined(now=clock.now() - timedelta(days=360))
    firm = first.organization
    second = make_declined(firm=firm)
    firm.refresh_from_db()
    at = Penalty.objects.get(award=second).at
    assert (firm.status, firm.suspended_until) == (OrganizationStatus.SUSPENDED, add_months(at, 3))
    event = Event.objects.get(name="organization_suspended")
    assert "2 次中选后放弃" in event.data["reason"]
    penalize_give_up(Event.objects.filter(name="award_declined").latest("pk"))
    assert Event.objects.filter(name="organization_suspended").count() == 1
    run_round(firm.suspended_until)
    firm.refresh_from_db()
    assert (firm.status, firm.suspended_until) == (OrganizationStatus.ACTIVE, None)


def test_a_give_up_of_more_than_twelve_months_ago_or_a_withdrawn_one_does_not_count():
    firm = make_declined(now=clock.now() - timedelta(days=370)).organization
    award = make_declined(firm=firm)
    firm.refresh_from_db()
    assert firm.status == OrganizationStatus.ACTIVE
    withdraw(Penalty.objects.get(award=award), is_repaired=False)
    make_declined(firm=firm)
    firm.refresh_from_db()
    assert firm.status == OrganizationStatus.ACTIVE


def test_a_third_give_up_prolongs_and_an_endless_suspension_stays():
    firm = make_firm(phone="13812340000")
    awards = [make_won(firm=firm, now=clock.now() + timedelta(days=shift)) for shift in range(3)]
    for award in awards:
        decline_award(award=award, reason="人员不足", by=agent_of(firm), now=award.proposed_at + timedelta(seconds=1))
    firm.refresh_from_db()
    last = Penalty.objects.get(award=awards[2])
    assert firm.suspended_until == add_months(last.at, 3)
    assert Event.objects.filter(name="suspension_prolonged").count() == 1
    other = make_firm(phone="13812340001")
    awards = [make_won(firm=other) for _number in range(2)]
    suspend_organization(organization=other, reason="抽查不合格", by=make_admin(), now=clock.now())
    for award in awards:
        decline_award(award=award, reason="人员不足", by=agent_of(other), now=award.proposed_at + timedelta(seconds=1))
    other.refresh_from_db()
    assert (other.status, other.suspended_until) == (OrganizationStatus.SUSPENDED, None)


# Aged, repaired, withdrawn


def test_points_come_back_after_twelve_months():
    penalty = make_penalty(now=clock.now())
    firm = penalty.organization
    run_round(penalty.counts_until - timedelta(seconds=1))
    assert credit_of(firm)[0] == 7800
    assert run_round(penalty.counts_until)["credit"] == 1
    assert credit_of(firm)[0] == 8000
    assert run_round(penalty.counts_until)["credit"] == 0


def test_a_repaired_penalty_no_longer_counts_and_stays_public(client):
    penalty = withdraw(make_penalty())
    firm = penalty.organization
    assert (penalty.status, penalty.repaired_at) == (PenaltyStatus.WITHDRAWN, penalty.withdrawn_at)
    assert credit_of(firm)[0] == 8000
    assert Event.objects.get(name="penalty_repaired").data["reason"] == "已补签并按期履行"
    assert agent_of(firm).messages.filter(title="信用已修复：逾期签订合同").exists()
    page = client.get(firm.get_absolute_url()).content.decode()
    for words in ("逾期签订合同", "已修复", "已补签并按期履行", FACTS):
        assert words in page


def test_an_appeal_takes_it_back():
    penalty = withdraw(make_penalty(), is_repaired=False, reason="业主未按时发出合同")
    assert penalty.repaired_at is None
    assert Event.objects.filter(name="penalty_withdrawn").exists()
    firm = penalty.organization
    assert agent_of(firm).messages.filter(title__startswith="申诉成立").exists()
    refused("state_conflict", withdraw, penalty=penalty)


def test_who_may_not_withdraw():
    penalty = make_penalty()
    for person in (agent_of(penalty.organization), make_user()):
        refused("not_administrator", withdraw, penalty=penalty, by=person)
    assert refused("reason_needed", withdraw, penalty=penalty, reason=" ").field == "reason"
    assert credit_of(penalty.organization)[0] == 7800


@pytest.mark.parametrize(("source", "target"), list(PENALTY.pairs()))
def test_pairs(source, target):
    penalty = make_penalty()
    if source == PenaltyStatus.WITHDRAWN:
        penalty = withdraw(penalty)
    if target == PenaltyStatus.ACTIVE:  # nothing leads back
        assert not PENALTY.allows(source, target)
    elif PENALTY.allows(source, target):
        assert withdraw(penalty).status == target
    else:
        refused("state_conflict", withdraw, penalty=penalty)


# Seen


def test_reviews_and_penalties_make_one_score(client):
    review = make_review()
    firm = review.supplier
    make_penalty(organization=firm)
    assert credit_of(firm) == (8100 - 200, "B", 1)
    page = client.get(firm.get_absolute_url()).content.decode()
    assert "信用分 79.0" in page
    assert "扣 2 分" in page
    assert review.text in page


def test_a_given_up_award_is_linked_from_the_record(client):
    award = make_declined()
    page = client.get(reverse("parties:firm", args=[award.organization_id])).content.decode()
    assert award.get_absolute_url() in page
    assert "中选后放弃" in page


def test_the_page_costs_the_same_at_one_and_three(client):
    firm = make_firm()

    def count():
        with CaptureQueriesContext(connection) as queries:
            client.get(firm.get_absolute_url())
        return len(queries)

    make_penalty(organization=firm)
    first = count()
    make_penalty(organization=firm), make_penalty(organization=firm)
    assert count() == first


def test_every_code_has_its_words():
    for code, one in PENALTY_CODES.items():
        assert str(one.label), code
        assert str(one.follows), code
        assert 0 <= one.least <= one.most <= 100
        assert (one.most == 0) == one.is_of_owner
