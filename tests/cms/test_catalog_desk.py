"""Desks of the catalogue: a form's edit is an event, and the row's page tells its history."""

import pytest
from django.urls import reverse

from marketplace.catalog.actions import apply_import, preview_import
from marketplace.catalog.models import QualificationKind, Region
from marketplace.core import clock
from marketplace.core.models import Event
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_kind, make_region, make_service

pytestmark = pytest.mark.django_db


def url(desk, name, row):
    return reverse(f"desk_{desk}:{name}", args=[row.pk])


def typed(client, address):
    form = client.get(address).context["form"]
    return {name: "" if form[name].value() is None else form[name].value() for name in form.fields}


def edit(client, desk, row, **values):
    address = url(desk, "edit", row)
    return client.post(address, {**typed(client, address), **values})


def test_each_form_records_what_changed(admin_client):
    service = make_service()
    rows = {
        "services": service, "matters": service.matters.get(), "kinds": make_kind(), "regions": make_region(),
    }  # fmt: skip
    extra = {"services": {"requirement": "{}"}}
    for desk, row in rows.items():
        assert edit(admin_client, desk, row, name="改过的名称", **extra.get(desk, {})).status_code == 302
        event = Event.objects.filter(name="catalog_row_changed").latest("pk")
        assert (event.data["list"], event.subject_id) == (desk, str(row.pk))
        assert event.data["changes"] == [{"field": "name", "before": row.name, "after": "改过的名称"}]
        assert event.actor is not None
        page = admin_client.get(url(desk, "inspect", row)).content.decode()
        for words in ("修改记录", row.name, "改过的名称", str(event.actor)):
            assert words in page


def test_a_row_added_in_a_form_is_an_event(admin_client):
    values = {"code": "360698", "name": "新区", "name_en": "", "level": "county", "parent": "", "latitude": ""}
    assert admin_client.post(reverse("desk_regions:add"), {**values, "longitude": ""}).status_code == 302
    row = Region.objects.get(code="360698")
    assert Event.objects.get(name="catalog_row_added").subject_id == str(row.pk)
    assert "新增" in admin_client.get(url("regions", "inspect", row)).content.decode()


def test_a_refusal_comes_back_at_the_form(admin_client, monkeypatch):
    from cms.viewsets import curated
    from marketplace.core.refusals import Invalid

    def refuse(**_values):
        raise Invalid("row_wrong", "别人刚用了这个代码。", field="code")

    monkeypatch.setattr(curated, "change_row", refuse)
    kind = make_kind()
    answer = edit(admin_client, "kinds", kind, name="改过的名称")
    assert answer.context["form"].errors["code"] == ["别人刚用了这个代码。"]
    assert "改过的名称" in answer.content.decode()  # nothing typed is lost
    assert QualificationKind.objects.get(pk=kind.pk).name == kind.name


def test_the_history_names_decisions_and_files(admin_client, settings, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.MEDIA_ROOT = tmp_path
    kind, other = make_kind(), make_kind()
    file = SimpleUploadedFile("资质.csv", f"代码,名称\n{kind.code},按文件改的名称\n".encode())
    admin = make_admin()
    upload = preview_import(name="kinds", file=file, by=admin, now=clock.now())
    apply_import(upload=upload, by=admin, now=clock.now())
    page = admin_client.get(url("kinds", "inspect", kind)).content.decode()
    assert "按文件“资质.csv”更新" in page
    assert reverse("desk_lists:inspect", args=[upload.pk]) in page
    assert "还没有人改过这一条" in admin_client.get(url("kinds", "inspect", other)).content.decode()
    service = make_service()
    admin_client.post(url("services", "inspect", service), {"verb": "adjust", "reason": "依据已修订"})
    page = admin_client.get(url("services", "inspect", service)).content.decode()
    assert "状态改为“调整”：依据已修订" in page


def test_wagtails_history_leads_to_ours(admin_client):
    kind = make_kind()
    answer = admin_client.get(url("kinds", "history", kind))
    assert answer.url == url("kinds", "inspect", kind) + "#history"


def test_supervisors_read_the_history_and_edit_nothing(supervisor_client):
    kind = make_kind()
    page = supervisor_client.get(url("kinds", "inspect", kind)).content.decode()
    assert "修改记录" in page
    assert url("kinds", "edit", kind) not in page
    assert supervisor_client.get(url("kinds", "edit", kind)).status_code == 302


def test_who_may_change_words_is_staff_besides(client):
    from cms.seed import seed_groups

    user = make_user()
    user.groups.add(seed_groups()["administrators"])
    client.force_login(user)
    assert client.get(url("kinds", "edit", make_kind())).status_code == 302


def test_grades_are_typed_as_words(admin_client):
    kind = make_kind(grades=["甲级", "乙级"])
    assert typed(admin_client, url("kinds", "edit", kind))["grades"] == "甲级、乙级"
    assert edit(admin_client, "kinds", kind, grades="甲级、乙级，丙级").status_code == 302
    change = {"field": "grades", "before": ["甲级", "乙级"], "after": ["甲级", "乙级", "丙级"]}
    assert Event.objects.get(name="catalog_row_changed").data["changes"] == [change]
    assert edit(admin_client, "kinds", kind, grades="甲级、甲级").context["form"].errors["grades"] == ["有重复的内容。"]
    assert edit(admin_client, "kinds", kind, grades="").status_code == 302
    assert QualificationKind.objects.get(pk=kind.pk).grades == []


class TestTwoAtOnce:
    """Two people have the same row open in their forms."""

    @pytest.fixture
    def forms(self, admin_client):
        """Open the form of a service twice; return where it is and what each of the two finds in it."""
        service = make_service()
        address = url("services", "edit", service)
        first, second = ({**self.read(admin_client, address), "requirement": "{}"} for _person in range(2))
        return service, address, first, second

    @staticmethod
    def read(client, address):
        page = client.get(address)
        return {**typed(client, address), "seen": page.context["seen"]}

    def test_what_only_one_of_them_touched_stays(self, admin_client, forms):
        service, address, first, second = forms
        other = make_service().matters.get()
        assert admin_client.post(address, {**first, "name": "第一人改的", "matters": [other.pk]}).status_code == 302
        assert admin_client.post(address, {**second, "department": "第二人改的"}).status_code == 302
        service.refresh_from_db()
        assert (service.name, service.department) == ("第一人改的", "第二人改的")
        assert service.matters.get() == other
        event = Event.objects.filter(name="catalog_row_changed").latest("pk")
        assert [part["field"] for part in event.data["changes"]] == ["department"]

    def test_who_changes_the_same_field_is_told_and_decides(self, admin_client, forms):
        service, address, first, second = forms
        admin_client.post(address, {**first, "name": "第一人改的"})
        answer = admin_client.post(address, {**second, "name": "第二人改的", "department": "也是他改的"})
        (sentence,) = answer.context["form"].errors["name"]
        actor = Event.objects.filter(name="catalog_row_changed").latest("pk").actor
        assert "第一人改的" in sentence
        assert str(actor) in sentence
        assert "第二人改的" in answer.content.decode()
        service.refresh_from_db()
        assert service.name == "第一人改的"
        again = {**second, "name": "第二人改的", "department": "也是他改的", "seen": answer.context["seen"]}
        assert admin_client.post(address, again).status_code == 302
        service.refresh_from_db()
        assert (service.name, service.department) == ("第二人改的", "也是他改的")

    def test_a_choice_is_told_in_words(self, admin_client):
        region = make_region(level="county")
        address = url("regions", "edit", region)
        first, second = (self.read(admin_client, address) for _person in range(2))
        admin_client.post(address, {**first, "level": "township"})
        answer = admin_client.post(address, {**second, "level": "city"})
        (sentence,) = answer.context["form"].errors["level"]
        assert str(Region.Level.TOWNSHIP.label) in sentence
        assert "township" not in sentence

    def test_another_mistake_does_not_hide_what_happened_meanwhile(self, admin_client, forms):
        _service, address, first, second = forms
        admin_client.post(address, {**first, "name": "第一人改的"})
        wrong = admin_client.post(address, {**second, "name": "第二人改的", "code": ""})
        assert set(wrong.context["form"].errors) == {"code"}
        answer = admin_client.post(address, {**second, "name": "第二人改的", "seen": wrong.context["seen"]})
        assert set(answer.context["form"].errors) == {"name"}

    def test_both_may_write_the_same(self, admin_client, forms):
        service, address, first, second = forms
        for mine in (first, second):
            assert admin_client.post(address, {**mine, "name": "一样的名称"}).status_code == 302
        assert Event.objects.filter(name="catalog_row_changed", subject_id=str(service.pk)).count() == 1

    @pytest.mark.parametrize("seen", ["", "{", "[1]", '{"name": 5}', '{"nothing": "x"}'])
    def test_a_form_that_does_not_say_what_it_saw_writes_or_asks(self, admin_client, seen):
        kind = make_kind()
        answer = edit(admin_client, "kinds", kind, name="改过的名称", seen=seen)
        assert answer.status_code in {200, 302}
        assert answer.status_code == 302 or set(answer.context["form"].errors) == {"name"}
