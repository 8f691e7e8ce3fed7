"""The desk of the working calendar: a year as months, a day with its source, a year's list, and the warning."""

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cms.viewsets.workdays import HOLIDAY, MADE_UP, REST, UNKNOWN, WORK, kind_of, months_of
from marketplace.catalog.actions import load_calendar
from marketplace.catalog.holidays import Holiday
from marketplace.core import clock
from marketplace.core.models import WorkDay
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
LIST = "一、元旦：1月1日至3日放假，共3天。\n二、春节：2月5日至11日放假调休。2月14日（周日）上班。"


@pytest.fixture(autouse=True)
def november(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    load_calendar(now=NOW)


def test_a_day_is_what_its_row_and_its_weekday_say():
    monday, sunday = date(2026, 3, 2), date(2026, 3, 1)
    assert kind_of(monday, None) == UNKNOWN
    assert kind_of(monday, Holiday(True)) == WORK
    assert kind_of(sunday, Holiday(True)) == MADE_UP
    assert kind_of(sunday, Holiday(False)) == REST
    assert kind_of(sunday, Holiday(False, "春节")) == kind_of(monday, Holiday(False)) == HOLIDAY


def test_the_grid_holds_every_day_of_the_year_once():
    days = [cell.day for _month, weeks in months_of(2028, {}) for week in weeks for cell in week if cell]
    assert days == sorted(set(days))
    assert len(days) == 366


def test_a_year_is_shown_with_its_sources(admin_client):
    page = admin_client.get(reverse("desk_workdays:index"), {"year": 2026}).content.decode()
    assert "2026-02-14，调休上班，春节调休上班" in page
    assert "上班 248 天，休息 117 天" in page
    assert "chinesecalendar" in page
    assert "2027 年的工作日历还没有录入" in page
    assert admin_client.get(reverse("desk_workdays:index"), {"year": "nonsense"}).status_code == 200
    assert "2099 年" in admin_client.get(reverse("desk_workdays:index"), {"year": "9999"}).content.decode()


def test_a_day_is_changed_with_its_source(admin_client):
    url = reverse("desk_workdays:day", args=["2026-12-01"])
    assert "星期二" in admin_client.get(url).content.decode()
    answer = admin_client.post(url, {"is_working": "no", "note": "全市放假", "source": ""})
    assert answer.status_code == 422
    assert "全市放假" in answer.content.decode()  # nothing typed is lost
    answer = admin_client.post(url, {"is_working": "no", "note": "全市放假", "source": "市政府通知"})
    assert answer.url == reverse("desk_workdays:index") + "?year=2026"
    row = WorkDay.objects.get(date=date(2026, 12, 1))
    assert (row.is_working, row.source) == (False, "市政府通知")
    assert admin_client.get(reverse("desk_workdays:day", args=["2026-13-01"])).status_code == 404


def test_a_year_is_seen_before_it_is_taken_over(admin_client):
    url = reverse("desk_workdays:import")
    assert 'value="2027"' in admin_client.get(url).content.decode()
    given = {"year": 2027, "text": LIST, "source": "国办发明电〔2026〕7号"}
    page = admin_client.post(url, {**given, "preview": "1"}).content.decode()
    assert "2027-02-14，调休上班，春节调休上班" in page
    assert not WorkDay.objects.filter(date__year=2027).exists()
    assert admin_client.post(url, given).url == reverse("desk_workdays:index") + "?year=2027"
    assert WorkDay.objects.filter(date__year=2027).count() == 365
    assert "还没有录入" not in admin_client.get(reverse("desk_workdays:index")).content.decode()


def test_a_list_comes_as_a_file_too(admin_client):
    file = SimpleUploadedFile("2027.csv", "日期,上班,说明\n2027-01-01,放假,元旦\n".encode("gb18030"))
    url = reverse("desk_workdays:import")
    admin_client.post(url, {"year": 2027, "source": "通知", "file": file})
    assert WorkDay.objects.get(date=date(2027, 1, 1)).note == "元旦"
    for name, content in (("a.txt", b"\xff\xff\xff"), ("a.txt", b"a\0b"), ("a.txt", b"x" * 200_001)):
        answer = admin_client.post(url, {"year": 2028, "source": "通知", "file": SimpleUploadedFile(name, content)})
        assert answer.status_code == 422


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(admin_client):
    answer = admin_client.post(
        reverse("desk_workdays:import"), {"year": 2027, "text": "二、元旦：2月30日放假。", "source": "通知"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "第 1 行：没有“2月30日”这一天" in page
    assert "二、元旦：2月30日放假。" in page


def test_the_front_of_the_desk_warns_administrators(admin_client):
    assert "2027 年的工作日历还没有录入" in admin_client.get(reverse("wagtailadmin_home")).content.decode()


def test_a_supervisor_looks_and_changes_nothing(supervisor_client):
    assert supervisor_client.get(reverse("desk_workdays:index")).status_code == 200
    supervisor_client.post(reverse("desk_workdays:day", args=["2026-12-01"]), {"is_working": "no", "source": "x"})
    assert WorkDay.objects.get(date=date(2026, 12, 1)).is_working
    assert "录入一年" not in supervisor_client.get(reverse("desk_workdays:index")).content.decode().split("<main")[-1]


def test_a_stranger_sees_no_calendar_desk(client):
    client.force_login(make_user())
    assert client.get(reverse("desk_workdays:index")).status_code == 302


def test_who_only_looks_is_warned_but_not_led_to_the_form(supervisor_client):
    page = supervisor_client.get(reverse("desk_workdays:index"), {"year": 2027}).content.decode()
    assert "2027 年的工作日历还没有录入" in page
    assert reverse("desk_workdays:import") not in page
