"""The page of a result: the chosen firm takes the work on or gives it up, the next follows, an objection overturns."""

from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.awards.actions import confirm_award, decline_award
from marketplace.awards.actions.selections import SEEDLESS
from marketplace.awards.models import Award
from marketplace.core import clock
from marketplace.tenders.models import Method
from tests.factories.accounts import make_admin, make_user
from tests.factories.awards import losers_of, make_objection
from tests.factories.bidding import agent_of
from tests.factories.selections import award_of, make_choice

pytestmark = pytest.mark.django_db
REASON = "人员都在别的项目上，不能按时进场。"


@pytest.fixture
def award():
    return award_of(make_choice(Method.DRAW))


def page(client, award, user=None):
    client.logout()
    if user is not None:
        client.force_login(user)
    return client.get(award.get_absolute_url()).content.decode()


def others(award):
    return [agent_of(award.tender.buyer), agent_of(losers_of(award)[0].organization), make_user(), make_admin()]


def test_only_the_chosen_firm_finds_the_buttons(client, award):
    accept, decline = (reverse(f"awards:{name}", args=[award.pk]) for name in ("accept", "decline"))
    text = page(client, award, agent_of(award.organization))
    assert "确认承接" in text
    assert f'action="{accept}"' in text
    assert f'action="{decline}"' in text
    assert "由下一名递补" in text
    assert "信用记录" in text
    for person in (None, *others(award)):
        text = page(client, award, person)
        assert f'action="{accept}"' not in text
        assert f'action="{decline}"' not in text
        assert "等中选机构确认承接后起草合同" in text


def test_nobody_else_answers(client, award):
    for name in ("accept", "decline"):
        address = reverse(f"awards:{name}", args=[award.pk])
        for person in others(award):
            client.force_login(person)
            for reason in (REASON, ""):
                assert client.post(address, {"reason": reason}).status_code == 403
        client.logout()
        assert client.post(address, {"reason": REASON}).url.startswith("/account/")
        assert client.get(address).status_code == 405
    award.refresh_from_db()
    assert (award.status, award.accepted_at) == ("standstill", None)


def test_accepting_during_the_standstill(client, award):
    client.force_login(agent_of(award.organization))
    for _twice in range(2):
        assert client.post(reverse("awards:accept", args=[award.pk])).url == award.get_absolute_url()
    text = page(client, award, agent_of(award.organization))
    assert "贵机构已确认承接" in text
    assert f'action="{reverse("awards:accept", args=[award.pk])}"' not in text
    assert "确认承接。" in page(client, award)
    assert confirm_award(award=award, now=award.standstill_ends_at).status == "confirmed"
    assert "结果已确认" in page(client, award)


def test_declining_asks_for_a_reason_and_the_next_follows(client, award):
    client.force_login(agent_of(award.organization))
    address = reverse("awards:decline", args=[award.pk])
    response = client.post(address, {"reason": "  "})
    assert response.status_code == 422
    assert "请写明放弃的原因" in response.content.decode()
    long = "忙" * 201
    response = client.post(address, {"reason": long})
    assert response.status_code == 422
    assert long in response.content.decode()
    assert client.post(address, {"reason": REASON}).status_code == 302
    assert client.post(address, {"reason": REASON}).status_code == 302
    follower = award_of(award.selection)
    assert (follower.rank, Award.objects.count()) == (2, 2)
    text = page(client, award)
    assert "机构已放弃" in text
    assert REASON in text
    assert follower.get_absolute_url() in text
    assert ">中选<" not in text.replace("\n", "")
    text = page(client, follower)
    assert "第 2 名递补" in text
    assert REASON in text


def test_when_no_reserve_is_left_the_need_ends(client, award):
    for _rank in range(3):
        standing = award_of(award.selection)
        text = page(client, standing, agent_of(standing.organization))
        assert ("放弃后没有递补" in text) is (standing.rank == 3)
        decline_award(award=standing, reason=REASON, by=agent_of(standing.organization))
    last = award_of(award.selection)
    assert last.rank == 3
    assert "没有递补，本次采购未成交" in page(client, last)


def test_the_time_to_accept_is_kept(client, award):
    Award.objects.update(standstill_ends_at=clock.now() - timedelta(hours=1))
    text = page(client, award, agent_of(award.organization))
    assert "确认截止" in text
    assert "逾期不确认视为放弃" in text
    Award.objects.update(accept_ends_at=clock.now() - timedelta(seconds=1))
    client.force_login(agent_of(award.organization))
    assert client.post(reverse("awards:accept", args=[award.pk])).status_code == 409
    response = client.post(reverse("awards:decline", args=[award.pk]), {"reason": REASON})
    assert response.status_code == 409
    assert REASON in response.content.decode()
    assert "机构逾期未确认" in page(client, award)
    assert award_of(award.selection).rank == 2


def test_an_upheld_objection_lets_the_next_follow_or_ends_the_need(client):
    for outcome, follows in (("next", True), ("1", False)):
        award = award_of(make_choice(Method.AVERAGE))
        objection = make_objection(award=award)
        client.force_login(make_admin())
        assert "成立，由下一名递补" in client.get(award.get_absolute_url()).content.decode()
        address = reverse("awards:decide", args=[objection.pk])
        response = client.post(address, {"upheld": "2", "decision": "经核实成立。"})
        assert response.status_code == 422
        assert "经核实成立。" in response.content.decode()
        assert client.post(address, {"upheld": outcome, "decision": "经核实成立。"}).status_code == 302
        award.refresh_from_db()
        assert award.status == "revoked"
        text = page(client, award)
        assert "结果已撤销" in text
        assert ("看递补结果" in text) is follows
        assert (award.tender.awards.count() == 2) is follows


def test_where_an_offer_binds_nobody_is_asked_to_accept(client):
    award = award_of(make_choice(Method.QUOTES))
    text = page(client, award, agent_of(award.organization))
    assert f'action="{reverse("awards:accept", args=[award.pk])}"' not in text
    assert f'action="{reverse("awards:decline", args=[award.pk])}"' in text
    assert "平台自动确认结果" in page(client, award)


@pytest.mark.parametrize("method", list(Method))
def test_every_method_explains_itself(client, method):
    award = award_of(make_choice(method))
    text = page(client, award)
    assert award.tender.get_method_display() in text
    assert award.organization.name in text
    assert reverse("awards:selection", args=[award.tender.number]) in text
    assert (reverse("awards:replay", args=[award.tender.number]) in text) is (method not in SEEDLESS)
