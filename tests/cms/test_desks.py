"""The desks: administrators look and decide, supervisors look, others stay outside."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.viewsets import DESKS
from marketplace.catalog.models import ServiceCategory
from marketplace.core import clock
from marketplace.core.models import Delivery, DeliveryStatus, Event
from marketplace.parties.states import OrganizationStatus, QualificationStatus
from marketplace.tenders.states import TenderStatus
from tests.factories.accounts import make_user
from tests.factories.bidding import make_auction
from tests.factories.catalog import make_kind, make_service
from tests.factories.parties import make_firm, make_qualification
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def index(desk):
    return reverse(desk.get_url_name("index"))


def inspect(name, row):
    return reverse(f"desk_{name}:inspect", args=[row.pk])


@pytest.fixture
def world():
    make_qualification(confirmed=False)
    make_auction(firms=3)


def test_a_supervisor_is_shown_where_to_look(supervisor_client):
    page = supervisor_client.get(reverse("wagtailadmin_home")).content.decode()
    assert "您可以查看" in page
    assert [index(desk) for desk in DESKS if f'<li><a href="{index(desk)}">' not in page] == []
    assert reverse("oversight:records") in page
    assert "等您处理" not in page


def test_an_administrator_is_shown_what_waits(admin_client):
    page = admin_client.get(reverse("wagtailadmin_home")).content.decode()
    assert "等您处理" in page
    assert "您可以查看" not in page


@pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.name)
def test_desks_open_for_administrators(admin_client, world, desk):
    assert admin_client.get(index(desk)).status_code == 200
    if "index_results" in {pattern.name for pattern in desk.get_urlpatterns()}:  # the calendar is a year, not a list
        assert admin_client.get(reverse(desk.get_url_name("index_results")), {"q": "试验"}).status_code == 200
    row = desk.model._default_manager.order_by("-pk").first()
    if row is not None:
        assert admin_client.get(reverse(desk.get_url_name("inspect"), args=[row.pk])).status_code == 200


@pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.name)
def test_desks_stay_shut_for_firms_and_the_public(client, desk):
    assert client.get(index(desk)).status_code == 302
    client.force_login(make_user())
    assert client.get(index(desk)).status_code in {302, 403}


@pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.name)
def test_supervisors_look(supervisor_client, world, desk):
    assert supervisor_client.get(index(desk)).status_code == 200


def test_home_says_what_waits(admin_client):
    make_qualification(confirmed=False)
    text = admin_client.get("/admin/").content.decode()
    assert "等您处理" in text
    assert "份资质等待核验" in text
    assert "管理后台" in text


def test_confirming_a_qualification(admin_client):
    qualification = make_qualification(confirmed=False)
    page = inspect("qualifications", qualification)
    assert "核验通过" in admin_client.get(page).content.decode()
    answer = admin_client.post(page, {"verb": "confirm", "reason": "已在发证机关网站查验"})
    assert answer.status_code == 302
    qualification.refresh_from_db()
    assert qualification.status == QualificationStatus.VALID
    assert qualification.note == "已在发证机关网站查验"
    assert 'value="confirm"' not in admin_client.get(page).content.decode()


def test_confirming_twice_is_refused_in_words(admin_client):
    qualification = make_qualification(confirmed=True)
    answer = admin_client.post(inspect("qualifications", qualification), {"verb": "confirm"})
    assert answer.status_code == 409
    assert "现在的状态是“有效”" in answer.content.decode()


def test_refusing_needs_a_reason_and_keeps_the_rest(admin_client):
    qualification = make_qualification(confirmed=False)
    page = inspect("qualifications", qualification)
    assert admin_client.post(page, {"verb": "refuse", "reason": " "}).status_code == 422
    assert admin_client.post(page, {"verb": "refuse", "reason": "编号查无此证"}).status_code == 302
    qualification.refresh_from_db()
    assert qualification.status == QualificationStatus.REFUSED


def test_after_signing_in_supervisors_are_at_their_desks(supervisor_client):
    assert supervisor_client.get("/desk/").headers["Location"] == "/admin/"


def test_supervisors_decide_nothing(supervisor_client):
    qualification = make_qualification(confirmed=False)
    page = inspect("qualifications", qualification)
    text = supervisor_client.get(page).content.decode()
    assert 'value="confirm"' not in text
    supervisor_client.post(page, {"verb": "confirm"})
    qualification.refresh_from_db()
    assert qualification.status == QualificationStatus.DECLARED


def test_unknown_verbs_are_refused(admin_client):
    qualification = make_qualification(confirmed=False)
    assert admin_client.post(inspect("qualifications", qualification), {"verb": "burn"}).status_code == 404


def test_waiting_qualifications_come_first(admin_client):
    waiting = make_qualification(confirmed=False)
    make_qualification(confirmed=True)
    rows = admin_client.get(reverse("desk_qualifications:index")).context["object_list"]
    assert rows[0].pk == waiting.pk


def test_suspending_and_restoring_a_firm(admin_client):
    firm = make_firm()
    page = inspect("organizations", firm)
    admin_client.post(page, {"verb": "suspend", "reason": "抽查不合格"})
    firm.refresh_from_db()
    assert firm.status == OrganizationStatus.SUSPENDED
    admin_client.post(page, {"verb": "restore", "reason": "整改完成"})
    firm.refresh_from_db()
    assert firm.status == OrganizationStatus.ACTIVE


def test_cancelling_a_need_and_keeping_drafts_private(admin_client):
    tender, draft = make_tender(), make_tender(status="draft")
    admin_client.post(inspect("tenders", tender), {"verb": "cancel", "reason": "公告指定了机构"})
    tender.refresh_from_db()
    assert tender.status == TenderStatus.CANCELLED
    assert admin_client.get(inspect("tenders", draft)).status_code == 404


def test_exports_and_filters_needs(admin_client):
    tender = make_tender()
    other = make_tender()
    page = reverse("desk_tenders:index")
    text = b"".join(admin_client.get(page, {"export": "csv"}).streaming_content).decode()
    assert tender.number in text
    assert other.number in text
    assert "100000.00" in text
    assert admin_client.get(page, {"export": "xlsx"}).status_code == 200
    assert tender.number not in admin_client.get(page, {"status": "completed"}).content.decode()


def test_a_services_requirement_names_kinds_that_there_are(admin_client):
    service = make_service()
    form = {
        "code": service.code, "group": service.group, "name": "改了名", "name_en": "Renamed",
        "matters": [matter.pk for matter in service.matters.all()], "department": "发改委", "department_en": "",
        "legal_basis": "试验办法", "requirement_text": "甲级", "requirement_text_en": "", "may_prepare_itself": "unknown",
        "output": "", "output_en": "", "requirement": '{"kind": "nowhere", "grade": "甲级"}', "entrusted_by": "applicant",
        "reference_unit": "working_day", "validity_unit": "year", "validity_note": "", "price_kind": "", "price_basis": "",
    }  # fmt: skip
    page = reverse("desk_services:edit", args=[service.pk])
    assert admin_client.post(page, form).status_code == 200
    assert ServiceCategory.objects.get(pk=service.pk).name != "改了名"
    kind = make_kind()
    form["requirement"] = f'{{"kind": "{kind.code}", "grade": "甲级"}}'
    assert admin_client.post(page, form).status_code == 302
    assert ServiceCategory.objects.get(pk=service.pk).name == "改了名"


def test_a_service_leaves_the_list_by_its_action_alone(admin_client):
    service = make_service()
    form = admin_client.get(reverse("desk_services:edit", args=[service.pk])).content.decode()
    assert 'name="status"' not in form
    admin_client.post(inspect("services", service), {"verb": "cancel", "reason": "依据已废止"})
    service.refresh_from_db()
    assert service.status == "cancelled"


def test_nobody_deletes_catalogue_rows(admin_client):
    service = make_service()
    admin_client.post(reverse("desk_services:delete", args=[service.pk]))
    assert ServiceCategory.objects.filter(pk=service.pk).exists()


def test_retrying_a_dead_delivery(admin_client):
    make_firm()
    delivery = Delivery.objects.create(
        event=Event.objects.latest("pk"), handler="gone.handler", next_at=clock.now() - timedelta(days=1),
        status=DeliveryStatus.DEAD, attempts=12, error="ValueError",
    )  # fmt: skip
    page = inspect("deliveries", delivery)
    assert admin_client.post(page, {"verb": "retry"}).status_code == 302
    delivery.refresh_from_db()
    assert delivery.status == DeliveryStatus.DONE
    assert admin_client.post(page, {"verb": "retry"}).status_code == 409


def test_events_are_read_only(admin_client):
    make_firm()
    page = inspect("events", Event.objects.latest("pk"))
    assert 'desk-verb"' not in admin_client.get(page).content.decode()


@pytest.mark.parametrize("name", ["qualifications", "tenders", "organizations", "events"])
def test_three_rows_cost_as_many_queries_as_one(admin_client, name):
    page = reverse(f"desk_{name}:index")
    make = {
        "qualifications": lambda: make_qualification(confirmed=False),
        "tenders": make_tender,
        "organizations": make_firm,
        "events": make_firm,
    }[name]
    make()
    admin_client.get(page)
    with CaptureQueriesContext(connection) as one:
        admin_client.get(page)
    make()
    make()
    with CaptureQueriesContext(connection) as three:
        admin_client.get(page)
    assert len(one) == len(three)
