"""Adding a row of the catalogue and changing one by hand: every field that changes is told, by whom, before and after."""

from datetime import UTC, date, datetime

import pytest

from marketplace.catalog.actions import add_row, change_row
from marketplace.catalog.actions.rows import LISTS
from marketplace.catalog.models import ApplicationMaterial, QualificationKind, Region, RegionAlias, ServiceMatter
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Invalid
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_kind, make_region, make_service

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)


def told():
    return Event.objects.get(name__startswith="catalog_row_")


def test_only_what_differs_is_written_and_told():
    kind = make_kind(grades=["甲级", "乙级"])
    admin = make_admin()
    QualificationKind.objects.filter(pk=kind.pk).update(note="别人刚写的")
    values = {
        "name": "测绘资质",
        "grades": ["甲级", "乙级", "丙级"],
        "authority": kind.authority,
        "abolished_on": date(2027, 1, 1),
    }
    row = change_row(row=kind, values=values, by=admin, now=NOW)
    assert (row.name, row.note) == ("测绘资质", "别人刚写的")
    event = told()
    assert (event.name, event.actor, event.subject_id) == ("catalog_row_changed", admin, str(kind.pk))
    assert {key: event.data[key] for key in ("list", "code", "name")} == {
        "list": "kinds", "code": kind.code, "name": "测绘资质",
    }  # fmt: skip
    assert event.data["changes"] == [
        {"field": "name", "before": kind.name, "after": "测绘资质"},
        {"field": "grades", "before": ["甲级", "乙级"], "after": ["甲级", "乙级", "丙级"]},
        {"field": "abolished_on", "before": None, "after": "2027-01-01"},
    ]


def test_without_a_difference_there_is_no_event():
    kind = make_kind()
    change_row(row=kind, values={"name": kind.name, "grades": kind.grades}, by=make_admin(), now=NOW)
    assert not Event.objects.filter(name="catalog_row_changed").exists()


def test_what_a_row_names_is_told_by_its_code():
    service = make_service()
    old = service.matters.get()
    new = ServiceMatter.objects.create(code="YT-SX-900", name="新事项", department="发改委")
    paper = ApplicationMaterial.objects.create(matter=new, name="论证报告")
    values = {"matters": [new], "materials": [paper], "name": service.name}
    change_row(row=service, values=values, by=make_admin(), now=NOW)
    assert list(service.matters.all()) == [new]
    assert told().data["changes"] == [
        {"field": "matters", "before": [old.code], "after": ["YT-SX-900"]},
        {"field": "materials", "before": [], "after": ["YT-SX-900/论证报告"]},
    ]


def test_a_place_is_told_exactly():
    region = make_region()
    other = make_region()
    values = {"latitude": 28.26, "longitude": 117.07, "parent": other}
    change_row(row=region, values=values, by=make_admin(), now=NOW)
    assert [one["after"] for one in told().data["changes"]] == ["28.26", "117.07", other.code]


def test_a_new_row_is_told_with_what_it_says():
    region = make_region()
    values = {"region": region, "code": "360699", "name": "旧县", "valid_until": date(2018, 6, 30), "source": ""}
    row = add_row(model=RegionAlias, values=values, by=make_admin(), now=NOW)
    event = told()
    assert (event.name, event.subject_id, event.data["list"]) == ("catalog_row_added", str(row.pk), "aliases")
    assert event.data["changes"] == [
        {"field": "region", "before": None, "after": region.code},
        {"field": "code", "before": None, "after": "360699"},
        {"field": "name", "before": None, "after": "旧县"},
        {"field": "valid_until", "before": None, "after": "2018-06-30"},
    ]


def test_codes_are_told_in_their_normal_form():
    matter = ServiceMatter.objects.create(code="YT-SX-901", name="事项", department="发改委")
    values = {"task_code": "11370800mb28559184 3370117002011"}
    change_row(row=matter, values=values, by=make_admin(), now=NOW)
    assert told().data["changes"][0]["after"] == "11370800MB285591843370117002011"
    change_row(row=matter, values=values, by=make_admin(), now=NOW)
    assert Event.objects.filter(name="catalog_row_changed").count() == 1


def test_what_the_row_refuses_is_refused_at_its_field_and_nothing_is_written():
    service, region, admin = make_service(), make_region(), make_admin()
    for row, values, code, field in (
        (service, {"name": "新名", "requirement": {"kind": "nowhere"}}, "requirement_wrong", "requirement"),
        (region, {"name": "新名", "code": make_region().code}, "row_wrong", "code"),
        (region, {"name": "新名", "latitude": 28.0}, "row_wrong", None),
    ):
        with pytest.raises(Invalid) as refused:
            change_row(row=row, values=values, by=admin, now=NOW)
        assert (refused.value.code, refused.value.field) == (code, field)
        row.refresh_from_db()
        assert row.name != "新名"
    assert not Event.objects.filter(name="catalog_row_changed").exists()


def test_only_administrators_change_the_catalogue():
    region = make_region()
    with pytest.raises(Forbidden):
        change_row(row=region, values={"name": "新名"}, by=make_user(), now=NOW)
    with pytest.raises(Forbidden):
        add_row(model=Region, values={"code": "360698", "name": "新区", "level": "county"}, by=make_user(), now=NOW)
    assert not Region.objects.filter(code="360698").exists()


def test_a_status_is_no_word():
    with pytest.raises(ValueError, match="status"):
        change_row(row=make_service(), values={"status": "cancelled"}, by=make_admin(), now=NOW)


def test_every_model_of_the_catalogue_that_people_edit_is_a_list():
    assert {model._meta.model_name for model in LISTS} == {
        "servicecategory", "servicematter", "qualificationkind", "region", "regionalias", "applicationmaterial",
        "approvalresult",
    }  # fmt: skip
