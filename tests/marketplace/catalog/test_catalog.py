from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.urls import reverse

from marketplace.catalog.actions import adjust_service, cancel_service, keep_service, load_calendar, load_catalog
from marketplace.catalog.flaws import flaws
from marketplace.catalog.models import QualificationKind, Region, ServiceCategory, ServiceMatter
from marketplace.catalog.queries import below, region_tree
from marketplace.catalog.states import SERVICE
from marketplace.core import clock
from marketplace.core.events import broken_links
from marketplace.core.models import Process, WorkDay
from marketplace.core.refusals import Refused
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_service
from tests.factories.parties import make_firm

pytestmark = pytest.mark.django_db


def test_the_whole_list_is_loaded_once(capsys):
    call_command("load_catalog")
    assert "services 70" in capsys.readouterr().out
    assert Region.objects.count() == 67
    assert Region.objects.filter(level=Region.Level.FUNCTIONAL, parent__code="360600").count() == 3
    assert QualificationKind.objects.count() == 55
    assert not ServiceCategory.objects.filter(matters=None).exists()
    for model in (Region, QualificationKind, ServiceMatter, ServiceCategory):
        assert not model.objects.filter(name_en="").exists()
    kinds = {kind.code: kind for kind in QualificationKind.objects.all()}
    assert not [service.code for service in ServiceCategory.objects.all() if flaws(service.requirement, kinds)]
    process = Process.objects.get(ocid="yt360600-catalog")
    call_command("load_catalog")
    assert list(process.events.values_list("name", flat=True)) == ["catalog_loaded", "calendar_loaded"]
    assert set(ServiceCategory.objects.values_list("may_prepare_itself", flat=True)) == {True, False, None}


def test_administrators_words_stay_until_renewed():
    load_catalog(now=clock.now())
    ServiceCategory.objects.filter(code="YT-ZJ-001").update(name="改过的名称", status="adjusted")
    load_catalog(now=clock.now())
    assert ServiceCategory.objects.get(code="YT-ZJ-001").name == "改过的名称"
    load_catalog(now=clock.now(), renew=True)
    row = ServiceCategory.objects.get(code="YT-ZJ-001")
    assert (row.name, row.status, row.matters.count()) == ("项目申请报告编制", "adjusted", 1)


def test_the_calendar_is_filled_for_the_years_that_are_known():
    now = datetime(2026, 3, 2, tzinfo=UTC)
    WorkDay.objects.create(date=date(2026, 3, 3), is_working=False, note="全市放假", source="市政府通知")
    assert load_calendar(now=now) == 365 + 364
    day = {row.date: row for row in WorkDay.objects.all()}
    assert (min(day), max(day)) == (date(2025, 1, 1), date(2026, 12, 31))
    assert (day[date(2026, 2, 17)].is_working, day[date(2026, 2, 17)].note) == (False, "春节")
    assert (day[date(2026, 2, 14)].is_working, day[date(2026, 2, 14)].note) == (True, "春节调休上班")
    assert (day[date(2026, 3, 4)].is_working, day[date(2026, 3, 4)].note) == (True, "")
    assert day[date(2026, 3, 3)].source == "市政府通知"  # what an administrator wrote stays
    assert load_calendar(now=now) == 0
    process = Process.objects.get(ocid="yt360600-catalog")
    assert [event.data for event in process.events.all()] == [{"days": 729, "until": "2026-12-31"}]


def test_regions_form_a_tree():
    load_catalog(now=clock.now())
    city = region_tree()[0]
    assert city.code == "360600"
    assert len(below(Region.objects.get(code="360602"))) == 9


VERBS = {"kept": keep_service, "adjusted": adjust_service, "cancelled": cancel_service}


@pytest.mark.parametrize(("source", "target"), list(SERVICE.pairs()))
def test_every_pair_of_states(source, target):
    service = make_service(status=source)
    verb = VERBS[target]
    if SERVICE.allows(source, target):
        changed = verb(service=service, reason="清单调整", by=make_admin(), now=clock.now())
        assert changed.status == target
    else:
        with pytest.raises(Refused) as refused:
            verb(service=service, reason="清单调整", by=make_admin(), now=clock.now())
        assert refused.value.code == "state_conflict"


def test_only_administrators_change_the_list_and_say_why():
    service = make_service()
    with pytest.raises(Refused) as refused:
        cancel_service(service=service, reason="清单调整", by=make_user(), now=clock.now())
    assert (refused.value.code, refused.value.status) == ("not_administrator", 403)
    with pytest.raises(Refused) as refused:
        cancel_service(service=service, reason=" ", by=make_admin(), now=clock.now())
    assert refused.value.code == "reason_needed"
    cancel_service(service=service, reason="不再保留", by=make_admin(), now=clock.now())
    assert broken_links(Process.objects.get(ocid="yt360600-catalog")) == []


def test_the_list_finds_and_filters(client):
    load_catalog(now=clock.now())
    url = reverse("catalog:services")
    page = client.get(url, {"q": "测绘"}).content.decode()
    assert "不动产测绘" in page
    assert "消防设施检测" not in page
    page = client.get(url, {"group": "safety", "department": "气象局"}).content.decode()
    assert "防雷装置检测" in page
    assert "安全预评价" not in page
    assert "没有符合条件" in client.get(url, {"q": "没有这个"}).content.decode()
    assert client.get(url, {"group": "nonsense"}).status_code == 200


def test_the_page_of_a_service(client):
    load_catalog(now=clock.now())
    firm = make_firm(services=[ServiceCategory.objects.get(code="YT-ZJ-022")], name="鹰潭试验测绘有限公司")
    page = client.get(reverse("catalog:service", args=["YT-ZJ-022"])).content.decode()
    assert "建设用地审批" in page
    assert firm.name in page
    assert client.get(reverse("catalog:service", args=["nothing"])).status_code == 404
    client.cookies["django_language"] = "en"
    assert (
        "Land survey and boundary setting"
        in client.get(reverse("catalog:service", args=["YT-ZJ-022"])).content.decode()
    )
