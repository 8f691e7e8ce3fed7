"""The page of a result before the owner, the firms, a stranger, an administrator and the public."""

from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.awards.models import Award
from marketplace.core import clock
from tests.factories.accounts import make_admin, make_user
from tests.factories.awards import REASON, losers_of, make_award, make_objection
from tests.factories.bidding import agent_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def award():
    return make_award()


def page(client, award, user=None):
    client.logout()
    if user is not None:
        client.force_login(user)
    return client.get(award.get_absolute_url())


def test_everybody_reads_names_and_prices(client, award):
    people = [None, agent_of(award.tender.buyer), agent_of(award.organization), make_user(), make_admin()]
    for person in people:
        response = page(client, award, person)
        assert response.status_code == 200
        text = response.content.decode()
        for bidder in award.tender.bidders.all():
            assert bidder.organization.name in text
            assert bidder.label in text
        assert "公示中" in text
        assert "提出异议" not in text


def test_losers_find_the_form_and_use_it(client, award):
    loser = losers_of(award)[0].organization
    assert f"代表{loser.name}提出异议" in page(client, award, agent_of(loser)).content.decode()
    address = reverse("awards:object", args=[award.pk])
    response = client.post(address, {"text": "太短"})
    assert response.status_code == 422
    assert "至少 10 个字" in response.content.decode()
    assert "太短" in response.content.decode()
    for _twice in range(2):
        assert client.post(address, {"text": REASON}).status_code in {302, 422, 409}
    award.refresh_from_db()
    assert award.status == "objected"
    assert award.objections.count() == 1


def test_nobody_else_objects(client, award):
    address = reverse("awards:object", args=[award.pk])
    for person in (agent_of(award.tender.buyer), agent_of(award.organization), make_user(), make_admin()):
        client.force_login(person)
        assert client.post(address, {"text": REASON}).status_code == 403
    client.logout()
    assert client.post(address, {"text": REASON}).status_code == 302
    assert not award.objections.exists()


def test_words_of_an_objection_are_for_the_parties(client, award):
    objector, other = losers_of(award)
    objection = make_objection(award=award, bidder=objector)
    readers = [
        agent_of(award.tender.buyer),
        agent_of(award.organization),
        agent_of(objector.organization),
        make_admin(),
    ]
    for person in readers:
        assert REASON in page(client, award, person).content.decode()
    for person in (None, make_user(), agent_of(other.organization)):
        text = page(client, award, person).content.decode()
        assert REASON not in text
        assert "公示暂停" in text
        assert reverse("awards:decide", args=[objection.pk]) not in text


def test_an_administrator_decides(client, award):
    objection = make_objection(award=award)
    address = reverse("awards:decide", args=[objection.pk])
    client.force_login(agent_of(award.tender.buyer))
    assert client.post(address, {"upheld": "1", "decision": "成立"}).status_code == 403
    client.force_login(make_admin())
    assert client.post(address, {"upheld": "", "decision": ""}).status_code == 422
    assert client.post(address, {"upheld": "1", "decision": "经核实成立。"}).status_code == 302
    assert client.post(address, {"upheld": "0", "decision": "经核实成立。"}).status_code == 409
    text = page(client, award).content.decode()
    assert "结果已撤销" in text
    assert "经核实成立。" in text


def test_who_looks_after_the_end_confirms(client, award):
    Award.objects.filter(pk=award.pk).update(standstill_ends_at=clock.now() - timedelta(seconds=1))
    assert "结果已确认" in page(client, award).content.decode()
    assert "去看合同" not in page(client, award, make_user()).content.decode()
    assert "去看合同" in page(client, award, agent_of(award.tender.buyer)).content.decode()


def test_in_english_too(client, award):
    client.cookies["django_language"] = "en"
    assert page(client, award).status_code == 200


def test_no_such_award(client):
    assert client.get(reverse("awards:award", args=[999999])).status_code == 404
