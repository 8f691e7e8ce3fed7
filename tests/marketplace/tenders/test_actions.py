"""A need is drafted, published once with frozen rules, and ends as its table says; who may not is refused."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace.accounts.models import Message
from marketplace.core import clock
from marketplace.core.events import broken_links
from marketplace.core.refusals import Refused
from marketplace.tenders import actions
from marketplace.tenders.models import RuleSet, Tender
from marketplace.tenders.queries import rules_in_words
from marketplace.tenders.states import TENDER, TenderStatus
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_service
from tests.factories.parties import make_buyer, make_firm
from tests.factories.projects import make_project
from tests.factories.tenders import make_tender, terms

pytestmark = pytest.mark.django_db


def member(organization):
    return organization.memberships.get().user


def names(tender):
    return list(tender.process.events.order_by("number").values_list("name", flat=True))


def refusal(call, **arguments):
    with pytest.raises(Refused) as refused:
        call(**arguments)
    return refused.value


def test_numbers_are_short_dense_and_name_the_process():
    first, second = make_tender(status="draft"), make_tender(status="draft")
    year = first.created_at.year
    assert (first.number, second.number) == (f"YT{year}-000001", f"YT{year}-000002")
    assert first.process.ocid == f"ocds-yt360600-{first.number}"


def test_a_draft_may_change_and_its_event_is_private():
    tender = make_tender(status="draft")
    changed = actions.save_draft(
        tender=tender, buyer=tender.buyer, values={"title": "换一个名称"}, by=tender.created_by, now=clock.now()
    )
    assert changed.title == "换一个名称"
    assert changed.process.title == "换一个名称"
    assert set(tender.process.events.values_list("visibility", flat=True)) == {"private"}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"ceiling_fen": 0}, "ceiling_too_low", "ceiling_fen"),
        ({"ceiling_fen": -1}, "ceiling_too_low", "ceiling_fen"),
        ({"step_fen": 0}, "step_too_low", "step_fen"),
        ({"step_fen": 10_000_000}, "step_too_high", "step_fen"),
        ({"delivery_days": 0}, "delivery_too_short", "delivery_days"),
        ({"selection_at": -60}, "times_out_of_order", "selection_at"),
        ({"auction_ends_at": -60}, "times_out_of_order", "auction_ends_at"),
    ],
)
def test_terms_that_cannot_work_are_refused_at_their_field(change, code, field):
    change = {
        key: clock.now() + timedelta(seconds=value) if key.endswith("_at") else value for key, value in change.items()
    }
    buyer = make_buyer()
    refused = refusal(actions.save_draft, buyer=buyer, values=terms(**change), by=member(buyer), now=clock.now())
    assert (refused.code, refused.field, refused.status) == (code, field, 422)
    assert not Tender.objects.exists()


def test_projects_and_cases_must_be_ones_own():
    buyer, other = make_buyer(), make_buyer()
    mine, foreign = make_project(owner=buyer), make_project(owner=other)
    for values, code in (
        ({"project": foreign}, "project_of_other"),
        ({"project": mine, "case": foreign.cases.get()}, "case_of_other"),
        ({"case": mine.cases.get()}, "case_of_other"),
    ):
        refused = refusal(actions.save_draft, buyer=buyer, values=terms(**values), by=member(buyer), now=clock.now())
        assert refused.code == code


def test_a_cancelled_service_and_unknown_terms_are_refused():
    buyer = make_buyer()
    values = terms(service=make_service(status="cancelled"))
    assert refusal(actions.save_draft, buyer=buyer, values=values, by=member(buyer)).code == "service_cancelled"
    with pytest.raises(TypeError):
        actions.save_draft(buyer=buyer, values={"status": "open"}, by=member(buyer))


def test_only_members_of_an_active_buyer_may_draft_and_publish():
    tender, firm = make_tender(status="draft"), make_firm()
    for by in (make_user(), member(make_buyer()), member(firm), make_admin()):
        refused = refusal(actions.save_draft, tender=tender, buyer=tender.buyer, values={}, by=by)
        assert (refused.code, refused.status) == ("not_allowed", 403)
        assert refusal(actions.publish_tender, tender=tender, by=by).status == 403
    refused = refusal(actions.save_draft, buyer=firm, values=terms(), by=member(firm))
    assert refused.status == 403


def test_publishing_freezes_rules_and_records_the_terms(settings):
    settings.WORKING_DAY_SECONDS = 20
    tender = make_tender(money_kind="fiscal")
    assert tender.status == TenderStatus.OPEN
    assert tender.rules["minimum_bidders"] == 3
    assert (tender.rules["version"], tender.rules["working_day_seconds"]) == (1, 20)
    assert sum(step["percent"] for step in tender.rules["milestones"]) == 100
    RuleSet.objects.update(data={"minimum_bidders": 9})
    assert Tender.objects.get().rules["minimum_bidders"] == 3
    event = tender.process.events.get(name="tender_published")
    assert event.data["ceiling_fen"] == tender.ceiling_fen
    assert not broken_links(type(tender.process).objects.get(pk=tender.process_id))
    assert all(rules_in_words(tender.method, tender.rules))
    settings.WORKING_DAY_SECONDS = 0
    assert all(rules_in_words("live_auction", make_tender().rules))


def test_social_money_needs_two_bidders_and_a_new_version_counts_for_new_needs():
    assert make_tender().rules["minimum_bidders"] == 2
    RuleSet.objects.create(method="live_auction", version=2, data={"minimum_bidders": 4}, since=clock.now())
    newer = make_tender()
    assert (newer.rules["minimum_bidders"], newer.rules["version"]) == (4, 2)


def test_a_time_that_is_past_is_refused_when_publishing():
    tender = make_tender(status="draft")
    late = tender.signup_ends_at + timedelta(seconds=1)
    refused = refusal(actions.publish_tender, tender=tender, by=tender.created_by, now=late)
    assert (refused.code, refused.field) == ("times_in_past", "signup_ends_at")


def test_published_terms_stand_still():
    tender = make_tender()
    refused = refusal(actions.save_draft, tender=tender, buyer=tender.buyer, values={}, by=tender.created_by)
    assert refused.code == "state_conflict"
    assert refusal(actions.publish_tender, tender=tender, by=tender.created_by).code == "state_conflict"


OWNERS = {"publish_tender", "scrap_tender"}
ADMINISTRATORS = {"cancel_tender", "void_tender"}
WITH_REASON = {"cancel_tender", "fail_tender", "void_tender", "scrap_tender"}


def step(tender, verb):
    """Do one verb of the table."""
    given = {"by": tender.created_by} if verb in OWNERS else {}
    given |= {"by": make_admin()} if verb in ADMINISTRATORS else {}
    given |= {"reason": "试验"} if verb in WITH_REASON else {}
    return getattr(actions, verb)(tender=tender, now=clock.now(), **given)


def test_every_pair_of_states():
    verbs = {target: verb for _source, target, verb in TENDER.transitions()}
    for source, target in TENDER.pairs():
        if target == TenderStatus.DRAFT:
            assert not TENDER.allows(source, target)
            continue
        tender = make_tender(status="draft")
        published = None if source == TenderStatus.DRAFT else clock.now()
        Tender.objects.filter(pk=tender.pk).update(status=source, published_at=published)
        tender.refresh_from_db()
        if TENDER.allows(source, target):
            assert step(tender, verbs[target]).status == target
        else:
            assert refusal(step, tender=tender, verb=verbs[target]).code == "state_conflict"


def test_the_whole_life_is_one_chain():
    tender = make_tender()
    for verb in ("start_selection", "award_tender", "mark_contracted", "complete_tender"):
        tender = step(tender, verb)
    assert [name for name in names(tender) if name.startswith(("tender", "selection"))] == [
        "tender_drafted",
        "tender_published",
        "selection_started",
        "tender_completed",
    ]


def test_cancelling():
    tender = make_tender()
    assert refusal(actions.cancel_tender, tender=tender, reason="x", by=make_user()).status == 403
    assert refusal(actions.cancel_tender, tender=tender, reason="  ", by=tender.created_by).code == "reason_missing"
    cancelled = actions.cancel_tender(tender=tender, reason="计划调整", by=tender.created_by)
    assert (cancelled.status, cancelled.failure_reason) == ("cancelled", "计划调整")
    running = actions.start_selection(tender=make_tender())
    refused = refusal(actions.cancel_tender, tender=running, reason="x", by=running.created_by)
    assert refused.code == "auction_begun"
    assert actions.cancel_tender(tender=running, reason="停电", by=make_admin()).status == "cancelled"


def test_a_draft_is_thrown_away_in_private():
    tender = make_tender(status="draft")
    assert actions.cancel_tender(tender=tender, by=tender.created_by).status == "cancelled"
    assert set(tender.process.events.values_list("visibility", flat=True)) == {"private"}


def test_failing_needs_a_reason_and_a_right():
    tender = make_tender()
    assert refusal(actions.fail_tender, tender=tender, reason=" ").code == "reason_missing"
    assert refusal(actions.fail_tender, tender=tender, reason="x", by=make_user()).status == 403
    assert actions.fail_tender(tender=tender, reason="报名不足").failure_reason == "报名不足"


def test_fitting_firms_are_told_once_and_nobody_else():
    service = make_service()
    fitting, other = make_firm(services=[service]), make_firm()
    asks = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    unchecked = make_firm(services=[asks], qualified=False)
    tender = make_tender(service=service)
    key = f"tender-{tender.pk}"
    assert Message.objects.filter(user=member(fitting), key=key, url=tender.get_absolute_url()).count() == 1
    assert Message.objects.filter(key=key).count() == 1
    from search.recommendation.telling import tell_fitting_firms

    tell_fitting_firms(tender.process.events.get(name="tender_published"))
    assert Message.objects.filter(key=key).count() == 1
    strict = make_tender(service=asks)
    assert not Message.objects.filter(key=f"tender-{strict.pk}", user=member(unchecked)).exists()
    assert not Message.objects.filter(user=member(other), key=key).exists()


class TestQuestions:
    def test_asked_and_answered_for_all_without_the_name(self):
        tender, firm = make_tender(), make_firm()
        question = actions.ask_question(tender=tender, organization=firm, text="含评审费吗？", by=member(firm))
        event = tender.process.events.get(name="question_asked")
        assert (event.actor_id, event.organization_id) == (None, None)
        assert Message.objects.filter(user=tender.created_by, key=f"question-{question.pk}").exists()
        answered = actions.answer_question(question=question, text="包含。", by=tender.created_by)
        assert answered.answer == "包含。"
        assert Message.objects.filter(user=member(firm), key=f"answer-{question.pk}").exists()
        again = refusal(actions.answer_question, question=question, text="不", by=tender.created_by)
        assert again.code == "already_answered"

    def test_who_may_not(self):
        tender, firm = make_tender(), make_firm()
        for organization, by in ((firm, make_user()), (tender.buyer, tender.created_by), (make_buyer(), make_admin())):
            refused = refusal(actions.ask_question, tender=tender, organization=organization, text="问", by=by)
            assert refused.status == 403
        question = actions.ask_question(tender=tender, organization=firm, text="问", by=member(firm))
        for by in (member(firm), make_admin()):
            assert refusal(actions.answer_question, question=question, text="答", by=by).status == 403

    @pytest.mark.parametrize(("text", "code"), [("  ", "text_missing"), ("长" * 1001, "text_too_long")])
    def test_words_are_checked(self, text, code):
        firm = make_firm()
        refused = refusal(actions.ask_question, tender=make_tender(), organization=firm, text=text, by=member(firm))
        assert refused.code == code

    def test_not_after_sign_ups_end(self):
        tender, firm = make_tender(), make_firm()
        refused = refusal(
            actions.ask_question,
            tender=tender,
            organization=firm,
            text="问",
            by=member(firm),
            now=tender.signup_ends_at,
        )
        assert refused.code == "questions_closed"


class TestDocuments:
    def file(self, content=b"%PDF-1.7 x", name="任务书.pdf"):
        return SimpleUploadedFile(name, content)

    def test_attached_and_removed_while_a_draft(self, settings):
        tender = make_tender(status="draft")
        document = actions.add_document(tender=tender, file=self.file(), by=tender.created_by)
        assert (document.name, document.size, len(document.sha256)) == ("任务书.pdf", 10, 64)
        actions.remove_document(document=document, by=tender.created_by)
        assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]

    def test_refusals(self):
        tender = make_tender(status="draft")
        refused = refusal(actions.add_document, tender=tender, file=self.file(b"MZ"), by=tender.created_by)
        assert (refused.code, refused.field) == ("file_content", "file")
        assert refusal(actions.add_document, tender=tender, file=self.file(), by=make_admin()).status == 403
        published = make_tender()
        refused = refusal(actions.add_document, tender=published, file=self.file(), by=published.created_by)
        assert refused.code == "state_conflict"
