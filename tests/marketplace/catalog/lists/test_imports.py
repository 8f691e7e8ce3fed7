"""A file changes the catalogue: previewed row by row, bound to file and state, applied whole or not at all."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.catalog.actions import (
    apply_import,
    cancel_service,
    discard_import,
    export_list,
    load_catalog,
    preview_import,
)
from marketplace.catalog.lists.sheets import read_sheet, write_sheet
from marketplace.catalog.models import (
    ApplicationMaterial,
    CatalogImport,
    QualificationKind,
    Region,
    ServiceCategory,
    ServiceMatter,
)
from marketplace.catalog.states import IMPORT, ImportStatus
from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from tests.factories.accounts import make_admin, make_user

pytestmark = pytest.mark.django_db
TASK = "11370800MB285591843370117002011"


@pytest.fixture(autouse=True)
def catalogue(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    load_catalog(now=clock.now())


def table(name):
    """Return the exported list as dictionaries by code."""
    rows = [cells for _number, cells in read_sheet(file_of(export_list(name=name, kind="csv", now=clock.now())))]
    width = len(rows[0])
    filled = [row + [""] * (width - len(row)) for row in rows[1:]]
    return {row[0]: dict(zip(rows[0], row, strict=True)) for row in filled}


def file_of(content, name="清单.csv"):
    return SimpleUploadedFile(name, content)


def sheet(*rows, kind="csv"):
    headings = list(dict.fromkeys(key for row in rows for key in row))
    return file_of(
        write_sheet(kind, "清单", headings, [[row.get(key, "") for key in headings] for row in rows]), f"清单.{kind}"
    )


def preview(name, *rows, by=None, kind="csv"):
    return preview_import(name=name, file=sheet(*rows, kind=kind), by=by or make_admin(), now=clock.now())


def apply(upload, by=None):
    return apply_import(upload=upload, by=by or make_admin(), now=clock.now())


def refused(call, *given, **more):
    with pytest.raises(Refused) as why:
        call(*given, **more)
    return why.value.code


def errors_of(upload):
    return [(row[0], *error) for row in upload.plan for error in row[5]]


@pytest.mark.parametrize("name", ["services", "matters", "kinds", "regions"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_goes_out_comes_in_and_changes_nothing(name, kind):
    content = export_list(name=name, kind=kind, now=clock.now())
    upload = preview_import(name=name, file=file_of(content, f"a.{kind}"), by=make_admin(), now=clock.now())
    assert upload.counts == {"new": 0, "changed": 0, "same": len(upload.plan), "wrong": 0}
    assert refused(apply, upload) == "import_changes_nothing"


def test_a_preview_shows_each_field_as_it_was_and_would_be():
    row = table("services")["YT-ZJ-001"]
    upload = preview("services", {**row, "收费性质": "政府指导价", "参考时限": "20 个工作日", "申请人可自行编制": "否"})
    (number, outcome, code, _name, changes, errors, notes) = upload.plan[0]
    assert (number, outcome, code, errors, notes) == (2, "changed", "YT-ZJ-001", [], [])
    assert changes == [
        ["申请人可自行编制", "是", "否"],
        ["收费性质", "市场调节价", "政府指导价"],
        ["参考时限", "", "20 个工作日"],
    ]
    assert ServiceCategory.objects.get(code="YT-ZJ-001").reference_count is None
    before = Event.objects.count()
    apply(upload)
    service = ServiceCategory.objects.get(code="YT-ZJ-001")
    assert (service.price_kind, service.reference_count, service.reference_unit) == ("guided", 20, "working_day")
    assert (service.may_prepare_itself, service.name) == (False, row["名称"])
    event = Event.objects.latest("pk")
    assert Event.objects.count() == before + 1
    assert (event.name, event.data["changed"], event.data["codes"]) == ("catalog_imported", 1, ["YT-ZJ-001"])


def test_columns_that_are_left_out_stay_and_new_rows_need_the_required_ones():
    upload = preview(
        "services", {"服务编码": "YT-ZJ-002", "收费依据": "新办法"}, {"服务编码": "YT-ZJ-900", "收费依据": ""}
    )
    assert [row[1] for row in upload.plan] == ["changed", "wrong"]
    assert (3, "", "名称", "新增的行必须有“名称”这一列。") in errors_of(upload)


def test_a_new_service_with_its_matters_and_material():
    row = {**table("services")["YT-ZJ-022"], "服务编码": "YT-ZJ-901", "名称": "新增的测绘服务"}
    upload = preview("services", row, kind="xlsx")
    assert upload.counts["new"] == 1
    apply(upload)
    made = ServiceCategory.objects.get(code="YT-ZJ-901")
    assert [matter.code for matter in made.matters.all()] == ["YT-SX-020"]
    assert [paper.name for paper in made.materials.all()] == ["土地勘测定界技术报告书"]
    assert made.requirement == {"kind": "surveying", "grade": "乙级", "scope": "界线与不动产测绘"}


def test_matters_are_tied_and_untied():
    row = {**table("services")["YT-ZJ-022"], "所服务事项编码": "YT-SX-021 YT-SX-022", "可作为的申请材料": ""}
    apply(preview("services", row))
    service = ServiceCategory.objects.get(code="YT-ZJ-022")
    assert [matter.code for matter in service.matters.all()] == ["YT-SX-021", "YT-SX-022"]
    assert not service.materials.exists()


def test_errors_are_told_with_row_and_column():
    good = table("services")["YT-ZJ-001"]
    upload = preview(
        "services",
        {**good, "类别": "没有这类"},
        {**good, "服务编码": "YT-ZJ-002", "机构要求（数据）": '{"kind": "cost-consulting"}'},
        {**good, "服务编码": "YT-ZJ-003", "机构要求（数据）": "{", "名称": ""},
        {**good, "服务编码": "YT-ZJ-004", "所服务事项编码": "YT-SX-999", "可作为的申请材料": ""},
        {**good, "服务编码": "YT-ZJ-005", "状态日期": "明天"},
        {**good, "服务编码": "YT-ZJ-006", "由谁委托": "审批部门委托"},
        {**good, "服务编码": "YT-ZJ-007", "可作为的申请材料": "YT-SX-002/没有"},
        {**good, "服务编码": "YT-ZJ-008", "参考时限": "很快"},
        {**good, "服务编码": "YT-ZJ-001"},
    )
    assert upload.counts == {"new": 0, "changed": 0, "same": 0, "wrong": 9}
    found = {(row, heading): words for row, _letter, heading, words in errors_of(upload)}
    assert "请填写其中之一" in found[2, "类别"]
    assert "2021-07-01 取消，不得再要求" in found[3, "机构要求（数据）"]
    assert "JSON" in found[4, "机构要求（数据）"]
    assert found[4, "名称"] == "这一格必须填写。"
    assert "YT-SX-999" in found[5, "所服务事项编码"]
    assert "2026-11-27" in found[6, "状态日期"]
    assert "不存在申请人自行编制" in found[7, "申请人可自行编制"]
    assert "YT-SX-002/没有" in found[8, "可作为的申请材料"]
    assert "20 个工作日" in found[9, "参考时限"]
    assert "第 2 行已经出现过" in found[10, "服务编码"]
    assert errors_of(upload)[0][:3] == (2, "B", "类别")
    assert refused(apply, upload) == "import_has_errors"
    assert not Event.objects.filter(name="catalog_imported").exists()


def test_a_status_follows_its_table_and_needs_its_source():
    row = {**table("services")["YT-ZJ-001"], "状态": "取消", "状态依据": ""}
    assert "请写明依据" in errors_of(preview("services", row))[0][3]
    apply(preview("services", {**row, "状态依据": "赣府厅发", "状态日期": "2026-12-01"}))
    service = ServiceCategory.objects.get(code="YT-ZJ-001")
    assert (service.status, service.status_date, service.status_source) == ("cancelled", date(2026, 12, 1), "赣府厅发")
    assert "不能从“取消”变为“调整”" in errors_of(preview("services", {**row, "状态": "调整", "状态依据": "x"}))[0][3]


def test_the_preview_is_bound_to_the_state_and_to_the_file():
    row = {**table("services")["YT-ZJ-001"], "收费依据": "新办法"}
    upload = preview("services", row)
    service = ServiceCategory.objects.get(code="YT-ZJ-002")
    cancel_service(service=service, reason="清单调整", by=make_admin(), now=clock.now())
    assert refused(apply, upload) == "catalogue_changed"
    upload = preview("services", row)
    with upload.file.storage.open(upload.file.name, "wb") as file:
        file.write(sheet({**row, "收费依据": "别的"}).read())
    assert refused(apply, upload) == "import_file_changed"
    assert ServiceCategory.objects.get(code="YT-ZJ-001").price_basis == "发改价格〔2015〕299号"


@pytest.mark.parametrize(("source", "target"), list(IMPORT.pairs()))
def test_every_pair_of_states(source, target):
    upload = preview("services", {**table("services")["YT-ZJ-001"], "收费依据": "新办法"})
    CatalogImport.objects.filter(pk=upload.pk).update(status=source)
    verb = {ImportStatus.APPLIED: apply_import, ImportStatus.DISCARDED: discard_import}.get(target)
    if IMPORT.allows(source, target):
        assert verb(upload=upload, by=make_admin(), now=clock.now()).status == target
    elif verb:
        assert refused(verb, upload=upload, by=make_admin(), now=clock.now()) == "state_conflict"


def test_only_administrators_import():
    row = {**table("services")["YT-ZJ-001"], "收费依据": "新办法"}
    assert refused(preview, "services", row, by=make_user()) == "not_administrator"
    upload = preview("services", row)
    assert refused(apply, upload, by=make_user()) == "not_administrator"
    assert refused(discard_import, upload=upload, by=make_user(), now=clock.now()) == "not_administrator"


def test_headings_are_asked_for_and_known():
    assert refused(preview, "services", {"编号": "1"}) == "headings_missing"
    assert refused(preview, "services", {"服务编码": "1", "价钱": "2"}) == "headings_unknown"
    twice = file_of("服务编码,名称,名称\nYT-ZJ-001,a,b".encode())
    assert refused(preview_import, name="services", file=twice, by=make_admin(), now=clock.now()) == "headings_twice"
    titled = file_of("中介服务事项\n服务编码,收费依据\nYT-ZJ-001,新办法".encode())
    upload = preview_import(name="services", file=titled, by=make_admin(), now=clock.now())
    assert upload.plan[0][:3] == [3, "changed", "YT-ZJ-001"]
    longer = file_of("服务编码,收费依据\nYT-ZJ-001,新办法,多了".encode())
    upload = preview_import(name="services", file=longer, by=make_admin(), now=clock.now())
    assert "比表头多" in errors_of(upload)[0][3]


def test_a_matter_with_its_elements_materials_and_results():
    row = {
        **table("matters")["YT-SX-020"], "实施编码": TASK, "基本编码": "370117002011", "实施主体编码": TASK[:18],
        "事项类型": "行政许可", "法定办结时限": "20个工作日", "承诺办结时限": "5 工作日", "到现场次数": "1",
        "申请材料": "土地勘测定界技术报告书|电子|1|中介超市；申请表|纸质|2", "审批结果": "建设用地批准书|批文|2 年",
    }  # fmt: skip
    upload = preview("matters", row)
    assert errors_of(upload) == []
    apply(upload)
    matter = ServiceMatter.objects.get(code="YT-SX-020")
    assert (matter.task_code, matter.statutory_count, matter.promised_count) == (TASK, 20, 5)
    papers = list(matter.materials.values_list("name", "form", "copies", "is_from_marketplace"))
    assert papers == [("土地勘测定界技术报告书", "electronic", 1, True), ("申请表", "paper", 2, False)]
    assert [result.validity_label for result in matter.results.all()] == ["2 年"]
    assert ServiceCategory.objects.get(code="YT-ZJ-022").materials.get().form == "electronic"
    apply(preview("matters", {**row, "申请材料": "土地勘测定界技术报告书|电子|1|中介超市", "审批结果": ""}))
    assert (matter.materials.count(), matter.results.count()) == (1, 0)
    assert "请先在服务清单里解除" in errors_of(preview("matters", {**row, "申请材料": "申请表"}))[0][3]
    found = errors_of(
        preview(
            "matters", {**row, "基本编码": "370117002012", "计划生效日期": "2026-01-02", "计划取消日期": "2026.1.1"}
        )
    )
    assert {heading for _row, _letter, heading, _words in found} == {"实施编码", "计划取消日期"}


def test_a_kind_keeps_what_services_demand():
    row = table("kinds")["surveying"]
    upload = preview("kinds", {**row, "等级（由高到低）": "甲级"}, {**table("kinds")["cma"], "持有人": "执业人员"})
    assert [heading for _row, _letter, heading, _words in errors_of(upload)] == ["等级（由高到低）", "持有人"]
    apply(
        preview(
            "kinds",
            {**row, "代码": "new-kind", "名称": "新资质", "等级（由高到低）": "一级、二级", "取消日期": "2027/1/1"},
        )
    )
    kind = QualificationKind.objects.get(code="new-kind")
    assert (kind.grades, kind.abolished_on) == (["一级", "二级"], date(2027, 1, 1))


def test_an_old_code_of_a_place_is_brought_to_todays_and_told():
    row = table("regions")["360603"]
    place = {**table("regions")["360603106"], "区划代码": "360603900", "名称": "新设镇", "上级代码": "360622"}
    upload = preview("regions", {**row, "区划代码": "360622", "英文名称": "Yujiang"}, place)
    assert errors_of(upload) == []
    assert upload.plan[0][2] == "360603"
    assert "360622 是“余江县”的旧代码，已换成 360603" in upload.plan[0][6][0]
    apply(upload)
    assert not Region.objects.filter(code="360622").exists()
    assert Region.objects.get(code="360603900").parent.code == "360603"
    assert Region.objects.get(code="360603").name_en == "Yujiang"


def test_ten_thousand_rows_with_errors_cost_a_handful_of_queries():
    head = "服务编码,类别,名称,主管部门,设定依据,机构要求,状态\n"
    rows = "".join(f"X-{number},没有,名称,局,法,要求,保留\n" for number in range(10_000))
    with CaptureQueriesContext(connection) as queries:
        upload = preview_import(name="services", file=file_of((head + rows).encode()), by=make_admin(), now=clock.now())
    assert upload.counts["wrong"] == 10_000
    assert len(queries) < 25


def test_a_thousand_new_rows_are_written_in_few_statements():
    head = "事项编码,事项名称,事项状态,实施主体,申请材料\n"
    rows = "".join(f"N-{number},事项 {number},在用,局,报告|电子|1|中介超市\n" for number in range(1000))
    upload = preview_import(name="matters", file=file_of((head + rows).encode()), by=make_admin(), now=clock.now())
    with CaptureQueriesContext(connection) as queries:
        apply(upload)
    assert ServiceMatter.objects.filter(code__startswith="N-").count() == 1000
    assert ApplicationMaterial.objects.filter(matter__code__startswith="N-").count() == 1000
    assert len(queries) < 334  # SQLite takes some twenty rows a statement, never one


def test_the_file_is_kept():
    upload = preview("services", {**table("services")["YT-ZJ-001"], "收费依据": "新办法"})
    with upload.file.open("rb") as file:
        assert "新办法" in io.TextIOWrapper(file, "utf-8-sig").read()
