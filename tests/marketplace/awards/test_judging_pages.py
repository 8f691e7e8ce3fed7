"""The owner compares plans, or picks from the short list; nothing typed is lost, nothing is sent unseen."""

from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.awards.models import Award, Score, Selection
from marketplace.core import clock
from marketplace.tenders.models import Method
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of
from tests.factories.selections import make_choice

pytestmark = pytest.mark.django_db
REASON = "同类项目做得最多。"


def at(name, selection):
    return reverse(f"awards:{name}", args=[selection.tender.number])


def owner(client, selection):
    client.force_login(agent_of(selection.tender.buyer))


@pytest.fixture
def merit():
    return make_choice(Method.MERIT, phase="judging")


@pytest.fixture
def credit():
    return make_choice(Method.CREDIT, phase="judging", firms=4)


def typed(selection, mark="40.5", **changes):
    """Return a whole form: the same mark for each plan, half of it for the team, a comment each."""
    labels = selection.tender.bidders.values_list("label", flat=True)
    data = {}
    for label in labels:
        data |= {f"mark-{label}-plan": mark, f"mark-{label}-team": "18", f"comment-{label}": f"{label}思路清楚"}
    return data | changes


@pytest.mark.parametrize(("name", "method"), [("judge", Method.MERIT), ("pick", Method.CREDIT)])
def test_the_page_is_the_owners(client, name, method):
    selection = make_choice(method, phase="judging")
    firm = agent_of(selection.tender.bidders.all()[0].organization)
    for person in (firm, make_user(), make_admin()):
        client.force_login(person)
        assert client.get(at(name, selection)).status_code == 403
        assert client.post(at(name, selection), {"step": "send"}).status_code == 403
    client.logout()
    assert client.get(at(name, selection)).status_code == 302
    owner(client, selection)
    assert client.get(at(name, selection)).status_code == 200
    assert client.get(at("pick" if name == "judge" else "judge", selection)).status_code == 404
    assert not Award.objects.exists()


def test_the_owner_reads_labels_prices_and_plans_but_no_names(client, merit):
    owner(client, merit)
    text = client.get(at("judge", merit)).content.decode()
    for bidder in merit.tender.bidders.select_related("organization"):
        assert bidder.label in text
        assert bidder.organization.name not in text
        offer = bidder.sealed_offers.get(status="opened")
        assert f"{offer.amount_fen // 100:,}.00" in text
        assert reverse("bidding:plan", args=[offer.pk]) in text
    assert "满分 50 分" in text


def test_what_is_missing_or_wrong_is_said_at_its_field_and_the_rest_stays(client, merit):
    owner(client, merit)
    label = merit.tender.bidders.all()[0].label
    wrong = {f"mark-{label}-plan": "50.01", f"mark-{label}-team": "", f"comment-{label}": " "}
    response = client.post(at("judge", merit), typed(merit, **wrong) | {"step": "send"})
    text = response.content.decode()
    assert response.status_code == 422
    assert f'href="#id_mark-{label}-plan"' in text
    assert "请填 0 到 50 之间的分数，最多两位小数。" in text
    assert "请打分。" in text
    assert "请写至少一句评语，它会公开。" in text
    assert 'value="50.01"' in text
    assert text.count('value="40.5"') == 2
    assert not Score.objects.exists()


@pytest.mark.parametrize("mark", ["-1", "1.234", "1e1", "十", "9" * 5])
def test_marks_that_are_none(client, merit, mark):
    owner(client, merit)
    assert client.post(at("judge", merit), typed(merit, mark=mark)).status_code == 422


def test_one_checks_before_sending_and_may_go_back(client, merit):
    owner(client, merit)
    response = client.post(at("judge", merit), typed(merit, mark="４０．５分"))
    text = response.content.decode()
    assert response.status_code == 200
    assert "合计 58.50 分" in text
    assert 'value="send"' in text
    assert not Score.objects.exists()
    text = client.post(at("judge", merit), typed(merit) | {"step": "edit"}).content.decode()
    assert text.count('value="40.5"') == 3
    assert "思路清楚" in text
    assert not Score.objects.exists()


def test_sending_is_final_and_public(client, merit):
    owner(client, merit)
    response = client.post(at("judge", merit), typed(merit) | {"step": "send"})
    assert response.url == at("selection", merit)
    assert set(Score.objects.values_list("hundredths", flat=True)) == {4050, 1800}
    assert Award.objects.count() == 1
    client.logout()
    text = client.get(at("selection", merit)).content.decode()
    assert "40.50" in text
    assert "思路清楚" in text
    owner(client, merit)
    response = client.post(at("judge", merit), typed(merit, mark="1") | {"step": "send"})
    assert response.status_code == 409
    assert "现在不在评审阶段" in response.content.decode()
    assert set(Score.objects.values_list("hundredths", flat=True)) == {4050, 1800}


def test_after_the_deadline_what_was_typed_comes_too_late(client, merit, credit):
    Selection.objects.update(judging_ends_at=clock.now() - timedelta(seconds=1))
    owner(client, merit)
    assert client.post(at("judge", merit), typed(merit) | {"step": "send"}).status_code == 409
    merit.tender.refresh_from_db()
    assert merit.tender.status == "failed"
    owner(client, credit)
    data = {"label": credit.result["short_list"][1], "reason": REASON, "step": "send"}
    response = client.post(at("pick", credit), data)
    assert response.status_code == 409
    assert "现在不在评审阶段" in response.content.decode()
    assert Award.objects.get(tender=credit.tender).bidder.label == credit.result["short_list"][0]


def test_before_the_opening_there_is_nothing_to_judge(client):
    for name, method in (("judge", Method.MERIT), ("pick", Method.CREDIT)):
        selection = make_choice(method, phase="frozen")
        owner(client, selection)
        assert client.get(at(name, selection)).status_code == 200
        assert client.post(at(name, selection), {"step": "send"}).status_code == 409


def test_the_short_list_by_labels(client, credit):
    owner(client, credit)
    text = client.get(at("pick", credit)).content.decode()
    short = credit.result["short_list"]
    for bidder in credit.tender.bidders.select_related("organization"):
        assert (f'value="{bidder.label}"' in text) is (bidder.label in short)
        assert bidder.organization.name not in text
    assert "信用分 80.00" in text
    assert "收到评价 0 次" in text


def test_the_pick_needs_a_firm_of_the_list_and_a_reason(client, credit):
    owner(client, credit)
    outside = credit.tender.bidders.exclude(label__in=credit.result["short_list"])[0].label
    for data, words in (
        ({"label": outside, "reason": REASON}, "只能从短名单中选择。"),
        ({"label": "", "reason": REASON}, "请选择一家机构。"),
        ({"label": credit.result["short_list"][0], "reason": " "}, "请写明择优的理由"),
    ):
        response = client.post(at("pick", credit), data | {"step": "send"})
        text = response.content.decode()
        assert response.status_code == 422
        assert words in text
        assert data["reason"].strip() in text
    assert not Award.objects.exists()


def test_the_pick_is_checked_then_final(client, credit):
    owner(client, credit)
    label = credit.result["short_list"][-1]
    data = {"label": label, "reason": REASON}
    text = client.post(at("pick", credit), data).content.decode()
    assert REASON in text
    assert "选定后不能更改" in text
    assert not Award.objects.exists()
    text = client.post(at("pick", credit), data | {"step": "edit"}).content.decode()
    assert REASON in text
    assert "checked" in text
    assert client.post(at("pick", credit), data | {"step": "send"}).url == at("selection", credit)
    assert Award.objects.get().bidder.label == label
    assert client.post(at("pick", credit), data | {"step": "send"}).status_code == 409
