"""Scorers: whom the owner asks, and how they score by labels, keep, check and lock."""

import pytest
from django.urls import reverse

from marketplace.awards.actions import lock_marks
from marketplace.awards.models import Award, Score, Scorer
from marketplace.parties.models import Membership
from marketplace.tenders.models import Method
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of
from tests.factories.selections import make_choice, make_scorers, marks_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def selection():
    return make_choice(Method.SCORED, phase="judging")


@pytest.fixture
def scorers(selection):
    return make_scorers(selection.tender)


def at(name, selection):
    return reverse(f"awards:{name}", args=[selection.tender.number])


def typed(selection, plan="25", **changes):
    data = {}
    for label in selection.tender.bidders.values_list("label", flat=True):
        data |= {f"mark-{label}-plan": plan, f"mark-{label}-team": "12.25", f"comment-{label}": f"{label}可行"}
    return data | changes


def owner(client, selection):
    client.force_login(agent_of(selection.tender.buyer))


def test_the_list_is_the_owners(client, selection):
    firm = agent_of(selection.tender.bidders.all()[0].organization)
    for person in (firm, make_user(), make_admin()):
        client.force_login(person)
        assert client.get(at("scorers", selection)).status_code == 403
        assert client.post(at("scorers", selection), {"username": person.username}).status_code == 403
    client.logout()
    assert client.get(at("scorers", selection)).status_code == 302
    owner(client, selection)
    assert "还差 3 名" in client.get(at("scorers", selection)).content.decode()
    assert not Scorer.objects.exists()


def test_the_owner_asks_and_takes_back(client, selection):
    owner(client, selection)
    person = make_user()
    data = {"username": f" {person.username.upper()} ", "workplace": "江西理工大学"}
    assert client.post(at("scorers", selection), data).status_code == 302
    text = client.get(at("scorers", selection)).content.decode()
    assert str(person) in text
    assert "江西理工大学" in text
    assert "已邀请" in text
    response = client.post(at("scorers", selection), data)
    assert response.status_code == 422
    assert "已经在评审名单中" in response.content.decode()
    dismiss = reverse("awards:dismiss", args=[Scorer.objects.get().pk])
    client.force_login(make_user())
    assert client.post(dismiss).status_code == 403
    owner(client, selection)
    assert client.post(dismiss).status_code == 302
    assert not Scorer.objects.exists()


def test_whom_the_owner_may_not_ask(client, selection):
    owner(client, selection)
    firm = agent_of(selection.tender.bidders.all()[0].organization)
    for username, words in (
        ("nobody-here", "没有用户名为“nobody-here”的账号"),
        ("", "请填写对方的用户名。"),
        (agent_of(selection.tender.buyer).username, "业主一方的评审人员不能超过"),
        (firm.username, "与一家参加的机构有关联"),
    ):
        response = client.post(at("scorers", selection), {"username": username, "workplace": "某大学"})
        text = response.content.decode()
        assert response.status_code == 422
        assert words in text
        assert 'href="#id_username"' in text
        assert "某大学" in text
    assert not Scorer.objects.exists()


def test_when_marks_are_locked_the_list_stands(client, selection, scorers):
    marks, comments = marks_for(selection.tender, "scorers")
    lock_marks(scorer=scorers[0], marks=marks, comments=comments, by=scorers[0].user)
    owner(client, selection)
    text = client.get(at("scorers", selection)).content.decode()
    assert "已锁定评分" in text
    assert "取消邀请" not in text
    assert "24.00" not in text
    assert client.post(reverse("awards:dismiss", args=[scorers[1].pk])).status_code == 409
    assert client.post(at("scorers", selection), {"username": make_user().username}).status_code == 409


def test_only_who_was_asked_scores(client, selection, scorers):
    firm = agent_of(selection.tender.bidders.all()[0].organization)
    for person in (agent_of(selection.tender.buyer), firm, make_user(), make_admin()):
        client.force_login(person)
        assert client.get(at("score", selection)).status_code == 403
        assert client.post(at("score", selection), typed(selection) | {"step": "save"}).status_code == 403
        assert client.post(at("declare", selection)).status_code == 403
    client.logout()
    assert client.get(at("score", selection)).status_code == 302
    assert not Score.objects.exists()


def test_plans_are_shown_after_the_declaration(client, selection):
    [scorer] = make_scorers(selection.tender, count=1, declared=False)
    client.force_login(scorer.user)
    label = selection.tender.bidders.all()[0].label
    text = client.get(at("score", selection)).content.decode()
    assert "我声明没有利害关系" in text
    assert label not in text
    assert client.post(at("score", selection), typed(selection) | {"step": "save"}).status_code == 409
    assert client.post(at("declare", selection)).url == at("score", selection)
    assert label in client.get(at("score", selection)).content.decode()


def test_who_belongs_to_a_firm_cannot_declare(client, selection):
    [scorer] = make_scorers(selection.tender, count=1, declared=False)
    Membership.objects.create(user=scorer.user, organization=selection.tender.bidders.all()[0].organization)
    client.force_login(scorer.user)
    assert client.post(at("declare", selection)).status_code == 422
    scorer.refresh_from_db()
    assert scorer.declared_at is None


def test_a_scorer_sees_labels_and_plans_but_neither_names_nor_prices(client, selection, scorers):
    client.force_login(scorers[0].user)
    text = client.get(at("score", selection)).content.decode()
    for bidder in selection.tender.bidders.select_related("organization"):
        offer = bidder.sealed_offers.get(status="opened")
        assert bidder.label in text
        assert reverse("bidding:plan", args=[offer.pk]) in text
        assert bidder.organization.name not in text
        assert f"{offer.amount_fen // 100:,}" not in text


def test_marks_may_wait_and_come_back(client, selection, scorers):
    client.force_login(scorers[0].user)
    first, second, _third = selection.tender.bidders.order_by("label").values_list("label", flat=True)
    data = {f"mark-{first}-plan": "25.5", f"comment-{first}": "可行", "step": "save"}
    assert client.post(at("score", selection), data).status_code == 302
    text = client.get(at("score", selection)).content.decode()
    assert 'value="25.50"' in text
    assert "可行" in text
    data = {f"mark-{first}-plan": "31", f"comment-{second}": "先写评语", "step": "save"}
    response = client.post(at("score", selection), data)
    text = response.content.decode()
    assert response.status_code == 422
    assert 'value="31"' in text
    assert "先写评语" in text
    assert "请先为这家机构打至少一项分。" in text
    assert Score.objects.get().hundredths == 2550


def test_nobody_reads_anothers_marks(client, selection, scorers):
    client.force_login(scorers[0].user)
    client.post(at("score", selection), typed(selection) | {"step": "save"})
    client.force_login(scorers[1].user)
    text = client.get(at("score", selection)).content.decode()
    assert "可行" not in text
    assert "25.00" not in text


def test_locking_is_checked_then_final_and_the_last_brings_the_result(client, selection, scorers):
    for place, scorer in enumerate(scorers, start=1):
        client.force_login(scorer.user)
        text = client.post(at("score", selection), typed(selection)).content.decode()
        assert "合计 37.25 分" in text
        assert "锁定后不能更改" in text
        text = client.post(at("score", selection), typed(selection) | {"step": "edit"}).content.decode()
        assert text.count('value="12.25"') == 3
        assert client.post(at("score", selection), typed(selection) | {"step": "send"}).status_code == 302
        text = client.get(at("score", selection)).content.decode()
        assert "您的评分已锁定" in text
        assert "25.00" in text
        assert Award.objects.count() == (place == 3)
    response = client.post(at("score", selection), typed(selection, plan="1") | {"step": "send"})
    assert response.status_code == 409
    assert not Score.objects.filter(hundredths=100).exists()


def test_what_is_missing_keeps_one_from_locking(client, selection, scorers):
    client.force_login(scorers[0].user)
    label = selection.tender.bidders.all()[0].label
    response = client.post(at("score", selection), typed(selection, **{f"mark-{label}-team": ""}) | {"step": "send"})
    assert response.status_code == 422
    assert f'href="#id_mark-{label}-team"' in response.content.decode()
    scorers[0].refresh_from_db()
    assert scorers[0].locked_at is None


def test_before_the_opening_a_scorer_waits(client):
    selection = make_choice(Method.SCORED, phase="frozen")
    [scorer] = make_scorers(selection.tender, count=1)
    client.force_login(scorer.user)
    assert "方案还没有开启" in client.get(at("score", selection)).content.decode()
    assert client.post(at("score", selection), {"step": "send"}).status_code == 409
    assert client.get(at("score", make_choice(Method.DRAW, phase="open"))).status_code == 404
