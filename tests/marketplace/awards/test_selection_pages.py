"""The public page of a choice: what it shows when, to whom, and what it never shows too early."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.awards.actions import decline_award
from marketplace.awards.actions.selections import SEEDLESS
from marketplace.awards.models import Award, Selection
from marketplace.core import clock
from marketplace.tenders.models import Method, Tender
from tests.factories.accounts import make_admin, make_user
from tests.factories.awards import REASON as OBJECTION
from tests.factories.awards import make_objection
from tests.factories.bidding import agent_of
from tests.factories.selections import REASON, award_of, make_choice, make_scorers, marks_for
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db
PRICES = ("90,000.00", "88,000.00", "86,000.00", "9000000", "8800000", "8600000")


def page(client, selection, user=None, name="selection"):
    client.logout()
    if user is not None:
        client.force_login(user)
    return client.get(reverse(f"awards:{name}", args=[selection.tender.number]))


def people_of(selection):
    """Return everybody who might look, with what each may know: the name of the own firm."""
    tender = selection.tender
    bidder = tender.bidders.select_related("organization").order_by("pk")[0]
    people = [(None, ""), (make_user(), ""), (make_admin(), ""), (agent_of(tender.buyer), "")]
    people.append((agent_of(bidder.organization), bidder.organization.name))
    return [*people, *((scorer.user, "") for scorer in tender.scorers.select_related("user")[:1])]


@pytest.mark.parametrize(
    ("method", "phase"),
    [
        (Method.DRAW, "open"),
        (Method.DRAW, "frozen"),
        (Method.AVERAGE, "open"),
        (Method.BEST_PRICE, "frozen"),
        (Method.CREDIT, "judging"),
        (Method.MERIT, "judging"),
        (Method.SCORED, "judging"),
    ],
)
def test_before_the_award_nobody_reads_names_prices_or_secrets(client, method, phase):
    selection = make_choice(method, phase=phase)
    if method == Method.SCORED:
        make_scorers(selection.tender)
    names = list(selection.tender.bidders.values_list("organization__name", flat=True))
    codes = list(selection.tender.bidders.values_list("organization__uscc", flat=True))
    nonces = [nonce for nonce in selection.tender.bidders.values_list("nonce", flat=True) if nonce]
    hidden = [value for value in (selection.secret, selection.seed, selection.salt) if value]
    assert len(names) == 3
    assert nonces
    for person, own in people_of(selection):
        for name in ("selection", "replay"):
            response = page(client, selection, person, name)
            text = response.content.decode()
            assert response.status_code == 200
            assert [one for one in (*codes, *nonces, *hidden) if one in text] == []
            assert [one for one in names if one in text and one != own] == []
            assert [one for one in PRICES if one in text] == []
        assert page(client, selection, person, "proof").status_code == 404
    text = page(client, selection).content.decode()
    assert selection.commitment in text
    assert "3 家" in text
    assert bool(selection.pool_hash) is (phase != "open")
    assert selection.pool_hash in text


@pytest.mark.parametrize("method", list(Method))
def test_after_the_award_everybody_reads_names_prices_and_the_reason(client, method):
    selection = make_choice(method)
    award = award_of(selection)
    for person, _own in people_of(selection):
        response = page(client, selection, person)
        text = response.content.decode()
        assert response.status_code == 200
        for bidder in selection.tender.bidders.select_related("organization"):
            assert bidder.organization.name in text
            assert bidder.label in text
        assert "排名第一" in text or "业主直接选定" in text
        assert award.get_absolute_url() in text
    if method not in SEEDLESS:
        assert selection.seed in text
        assert selection.secret in text
        assert reverse("awards:proof", args=[selection.tender.number]) in text
    if method in {Method.BEST_PRICE, Method.AVERAGE, Method.MERIT, Method.SCORED, Method.QUOTES}:
        assert all(price in text for price in PRICES[:3])
    client.cookies["django_language"] = "en"
    assert page(client, selection).status_code == 200


def test_marks_stand_under_numbers_after_the_decision(client):
    selection = make_choice(Method.SCORED)
    text = page(client, selection).content.decode()
    assert "评审 3" in text
    assert "24.00" in text
    assert "方案完整。" in text
    for scorer in selection.tender.scorers.select_related("user"):
        assert scorer.name not in text
        assert scorer.user.username not in text


def test_marks_are_not_shown_while_people_score(client):
    from marketplace.awards.actions import lock_marks

    selection = make_choice(Method.SCORED, phase="judging")
    first, *_others = make_scorers(selection.tender)
    marks, comments = marks_for(selection.tender, "scorers")
    lock_marks(scorer=first, marks=marks, comments=comments, by=first.user)
    for person, _own in people_of(selection):
        text = page(client, selection, person).content.decode()
        assert "3 名评审人员，1 名已锁定评分" in text
        assert "24.00" not in text
        assert "方案完整" not in text


def test_the_owners_reason_is_public(client):
    selection = make_choice(Method.CREDIT)
    assert REASON in page(client, selection).content.decode()


def test_short_list_by_labels_while_the_owner_picks(client):
    selection = make_choice(Method.CREDIT, phase="judging", firms=5)
    text = page(client, selection).content.decode()
    labels = selection.tender.bidders.values_list("label", flat=True)
    assert {label for label in labels if label in text} == set(selection.result["short_list"])
    assert reverse("awards:pick", args=[selection.tender.number]) not in text
    text = page(client, selection, agent_of(selection.tender.buyer)).content.decode()
    assert reverse("awards:pick", args=[selection.tender.number]) in text


def test_former_awards_and_objections_stay_readable(client):
    selection = make_choice(Method.DRAW)
    award = award_of(selection)
    decline_award(award=award, reason="人员都在别的项目上。", by=agent_of(award.organization))
    second = award_of(selection)
    make_objection(award=second, bidder=selection.tender.bidders.exclude(organization=second.organization_id)[0])
    text = page(client, selection).content.decode()
    assert "机构放弃" in text
    assert "人员都在别的项目上。" in text
    assert "第 2 名递补" in text
    assert "异议：处理中" in text
    assert OBJECTION not in text


def test_who_looks_first_ends_the_sign_up_and_holds_the_draw(client):
    selection = make_choice(Method.DRAW, phase="open", now=clock.now() - timedelta(minutes=50))
    assert selection.tender.status == "open"
    for _look in range(3):
        text = page(client, selection).content.decode()
    assert "抽在第一位" in text
    assert Award.objects.count() == 1


def test_who_looks_first_ends_the_judging_and_the_standstill(client):
    selection = make_choice(Method.CREDIT, phase="judging")
    Selection.objects.update(judging_ends_at=clock.now() - timedelta(seconds=1))
    assert "结果公示中" in page(client, selection).content.decode()
    Award.objects.update(standstill_ends_at=clock.now() - timedelta(seconds=2))
    assert "等待中选机构确认" in page(client, selection).content.decode()
    Award.objects.update(accept_ends_at=clock.now() - timedelta(seconds=1))
    text = page(client, selection).content.decode()
    assert "逾期未确认" in text
    assert "第 2 名递补" in text


def test_a_choice_without_result_says_why_and_keeps_its_secrets(client):
    selection = make_choice(Method.QUOTES, phase="frozen", now=clock.now() - timedelta(minutes=20))
    bidder = selection.tender.bidders.order_by("pk")[0]
    bidder.sealed_offers.update(status="withdrawn")
    text = page(client, selection).content.decode()
    selection.refresh_from_db()
    assert selection.status == "failed"
    assert "少于规则要求的 3 家" in text
    assert selection.secret
    assert selection.secret not in text
    assert client.get(reverse("awards:proof", args=[selection.tender.number])).status_code == 404
    replay = client.get(reverse("awards:replay", args=[selection.tender.number])).content.decode()
    assert "这次没有产生结果" in replay
    assert selection.secret not in replay


def test_drafts_and_unknown_needs_are_not_found(client):
    draft = make_tender(status="draft", method=Method.DRAW)
    for number in (draft.number, "YT2000-000001"):
        for name in ("selection", "proof", "replay"):
            assert client.get(reverse(f"awards:{name}", args=[number])).status_code == 404
    assert Tender.objects.filter(pk=draft.pk, status="draft").exists()


@pytest.mark.parametrize(("method", "few", "many"), [(Method.BEST_PRICE, 1, 3), (Method.SCORED, 2, 4)])
def test_one_firm_and_three_cost_the_same(client, method, few, many):
    counts = []
    for firms in (few, many):
        selection = make_choice(method, firms=firms)
        page(client, selection)
        with CaptureQueriesContext(connection) as queries:
            page(client, selection)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_choices_older_than_seeds_speak_of_no_draw(client):
    selection = make_choice(Method.LIVE_AUCTION)
    Selection.objects.update(commitment="", secret="", salt="", seed="", pool=[], pool_hash="")
    text = page(client, selection).content.decode()
    assert "不用抽签" in text
    assert "锁定密值" not in text
    assert award_of(selection).organization.name in text
    for name in ("proof", "replay"):
        assert page(client, selection, name=name).status_code == 404
    replay = reverse("awards:replay", args=[selection.tender.number])
    assert replay not in text
    assert replay not in client.get(award_of(selection).get_absolute_url()).content.decode()
