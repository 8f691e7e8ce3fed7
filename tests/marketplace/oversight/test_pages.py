"""What the public watches."""

from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command

from marketplace.oversight import queries
from tests.factories.awards import make_award
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()


def test_an_empty_marketplace_has_true_figures(client):
    page = client.get("/oversight/").content.decode()
    assert "还没有公开的采购记录" in page
    assert queries.figures().saved_percent is None


def test_figures_follow_what_happened(client):
    award = make_award(status="confirmed")
    figures = queries.figures()
    assert (figures.tenders, figures.awarded, figures.success_percent) == (1, 1, 100)
    assert figures.saved_fen == award.tender.ceiling_fen - award.amount_fen
    page = client.get("/oversight/").content.decode()
    assert award.organization.name in page
    assert queries.busiest_suppliers()[0]["awards"] == 1


def test_drafts_are_not_counted():
    make_tender(status="draft")
    assert queries.figures().tenders == 0


def test_records_are_checked_on_demand(client):
    tender = make_tender()
    call_command("search", "rebuild", stdout=StringIO())  # the factory's service stands outside the index
    assert "不符" not in client.get("/oversight/records/").content.decode()
    tender.process.events.filter(number=1).update(hash="0" * 64)
    cache.clear()
    assert "不符" in client.get("/oversight/records/").content.decode()
