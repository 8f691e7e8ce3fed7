"""What a document says of its row: qualifications, credit, until when, where, and the words of a page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Page

from cms.models import NewsPage
from marketplace.catalog.actions import load_catalog
from marketplace.catalog.models import QualificationKind, Region
from marketplace.parties.models import Qualification
from marketplace.reviews.models import CreditScore
from marketplace.tenders.models import Tender
from search import sources
from tests.factories.catalog import make_kind, make_region, make_service
from tests.factories.parties import make_firm
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db

EITHER = {"any": [{"kind": "survey", "grade": "乙级"}, {"all": [{"kind": "design"}, {"kind": "survey"}]}]}


def test_a_need_asks_for_what_its_services_ask_for() -> None:
    main, more = make_service(requirement=EITHER), make_service(requirement={"kind": "lab"})
    tender = make_tender(service=main)
    tender.more_services.add(more)
    document = sources.tender_document(sources.tenders().get(pk=tender.pk), 1)
    assert document.qualifications == ("survey", "design", "lab")
    assert document.services == (main.code, more.code)
    assert more.name in document.body
    assert sources.service_document(sources.services().get(pk=main.pk), 1).qualifications == ("survey", "design")


def test_only_a_need_that_takes_firms_ends() -> None:
    tender = make_tender()
    ends = datetime(2030, 5, 1, 17, 0, 0, 999, tzinfo=timezone(timedelta(hours=8)))
    late = ends + timedelta(days=1)
    Tender.objects.filter(pk=tender.pk).update(
        signup_ends_at=ends, selection_at=late, auction_ends_at=late + timedelta(hours=1)
    )
    document = sources.tender_document(sources.tenders().get(pk=tender.pk), 1)
    assert document.ends == "2030-05-01T09:00:00+00:00"
    assert document.date.endswith("+00:00")
    Tender.objects.filter(pk=tender.pk).update(status="cancelled")
    assert sources.tender_document(sources.tenders().get(pk=tender.pk), 1).ends == ""


def test_a_firm_shows_what_is_valid_and_its_level() -> None:
    firm = make_firm()
    for kind, status in (("survey", "valid"), ("design", "declared"), ("lab", "ended")):
        made = QualificationKind.objects.filter(code=kind).first() or make_kind(code=kind)
        Qualification.objects.create(organization=firm, kind=made, number=kind, status=status)
    CreditScore.objects.update_or_create(
        organization=firm, defaults={"score": 7499, "updated_at": datetime(2026, 1, 1, tzinfo=UTC)}
    )
    document = sources.firm_document(sources.firms().get(pk=firm.pk), 1)
    assert document.qualifications == ("survey",)
    assert (document.credit, document.credit_level) == (7499, "C")
    assert document.facets["credit"] == ("C",)


def test_places_are_those_of_the_nearest_place_that_has_one() -> None:
    load_catalog(now=datetime(2026, 1, 1, tzinfo=UTC))
    city, district = Region.objects.get(code="360600"), Region.objects.get(code="360602")
    assert (city.place, district.place) == ((28.26, 117.07), (28.24, 117.03))
    assert Region.objects.get(code="360602100").place == district.place
    assert Region.objects.get(code="YT-LHS").place == city.place
    assert Region.objects.get(code="360000").place is None
    firm = make_firm(region=Region.objects.get(code="360602100"))
    assert sources.firm_document(sources.firms().get(pk=firm.pk), 1).place == district.place


def test_a_place_is_whole_and_on_the_globe() -> None:
    for wrong in ({"latitude": 28.0}, {"latitude": 91.0, "longitude": 0.0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_region(**wrong)


def test_the_words_of_a_page_are_those_of_its_blocks() -> None:
    Locale.objects.get_or_create(language_code="zh-hans")
    root = Page.objects.filter(depth=1).first() or Page.add_root(instance=Page(title="Root", slug="root"))
    parent = root.get_children().first() or root.add_child(instance=Page(title="Home", slug="home"))
    news = NewsPage(title="停机维护", slug="pause", summary="周六暂停", source="市政务服务局", date=date(2026, 3, 7))
    news.body = [("paragraph", "<p>凌晨两点<b>恢复</b></p>"), ("steps", [{"title": "先备份", "text": "再升级"}])]
    parent.add_child(instance=news)
    document = sources.page_document(Page.objects.get(pk=news.pk).specific, 1)
    for word in ("周六暂停", "凌晨两点", "恢复", "先备份", "再升级"):
        assert word in document.body
    assert "<" not in document.body
    assert document.date == "2026-03-06T16:00:00+00:00"
    assert document.shown == {"source": "市政务服务局"}


def test_reading_takes_as_many_queries_for_one_as_for_three() -> None:
    made = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            found = list(sources.documents(1))
        made.append((len(queries), len(found)))
        for _one in range(2):
            make_tender(region=make_region())
            make_firm(region=make_region())
    with CaptureQueriesContext(connection) as queries:
        found = list(sources.documents(1))
    assert len(found) > made[1][1] > made[0][1]
    assert len(queries) == made[1][0]
