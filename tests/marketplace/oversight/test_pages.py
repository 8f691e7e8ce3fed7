"""What the public watches."""

from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command

from cms.queries import front
from marketplace.awards.models import Award
from marketplace.awards.queries.figures import figures
from marketplace.core.proofs import PROOFS
from marketplace.oversight import queries
from marketplace.parties.models import Organization
from tests.factories.awards import make_award
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()


def test_an_empty_marketplace_has_true_figures(client):
    page = client.get("/oversight/").content.decode()
    assert "还没有公开的采购记录" in page
    assert not figures().has_savings
    assert "—" in page


def test_figures_follow_what_happened(client):
    award = make_award(status="confirmed")
    found = figures()
    assert (found.tenders, found.awarded, found.success_percent) == (1, 1, 100)
    assert found.saved_fen == award.tender.ceiling_fen - award.amount_fen
    page = client.get("/oversight/").content.decode()
    assert award.organization.name in page
    assert queries.busiest_suppliers()[0]["awards"] == 1


def test_drafts_are_not_counted():
    make_tender(status="draft")
    assert figures().tenders == 0


def test_the_front_page_shows_the_same_figures_and_robots_are_in_none(client):
    make_award(status="confirmed")
    before = figures()
    Organization.objects.filter(pk=make_firm().pk).update(is_robot=True)
    Organization.objects.filter(pk=make_buyer().pk).update(is_robot=True)
    assert (figures().firms, figures().buyers) == (before.firms, before.buyers)
    assert front()["figures"] == figures()


def test_an_award_that_came_to_nothing_is_no_saving():
    make_award(status="revoked")
    standing = Award.objects.exclude(status="revoked")
    assert figures().awarded_fen == sum(standing.values_list("amount_fen", flat=True))
    Award.objects.filter(pk__in=standing).update(status="declined")
    assert not figures().has_savings


def test_every_check_of_the_records_has_words(client):
    page = client.get("/oversight/records/").content.decode()
    assert [name for name in PROOFS if f"<td>{name}</td>" in page] == []


def test_records_are_checked_on_demand(client):
    tender = make_tender()
    call_command("search", "rebuild", stdout=StringIO())  # the factory's service stands outside the index
    assert "不符" not in client.get("/oversight/records/").content.decode()
    tender.process.events.filter(number=1).update(hash="0" * 64)
    cache.clear()
    assert "不符" in client.get("/oversight/records/").content.decode()
