"""The list of government service matters as a file, with their materials and results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from marketplace.core.refusals import Invalid
from marketplace.core.uscc import check_uscc

from ..codes import check_catalog_code, check_handle_item, check_task_code
from ..models import ApplicationMaterial, ApprovalResult, ServiceMatter
from .columns import Column, Wrong, choice, day, length, number, text, yes_no
from .listing import Listing, Parsed

FROM_MARKETPLACE = "中介超市"
Paper = tuple[str, str, int | None, bool]  # name, form, copies, from the marketplace
Result = tuple[str, str, tuple[int, str] | None]  # name, kind, for how long it holds

_form = choice("", "form", ApplicationMaterial.Form.choices)
_kind = choice("", "kind", ApprovalResult.Kind.choices)
_copies, _validity = number("", "copies"), length("", "validity")


def code(heading: str, key: str, most: int, check: Callable[..., str]) -> Column:
    """Return a column of a national code, brought into its normal form; empty where none is known."""

    def read(cell: str) -> str:
        try:
            return check(cell, field=key) if cell else ""
        except Invalid as wrong:
            raise Wrong(str(wrong.message)) from wrong

    return Column(heading, key, read)


class Matters(Listing):
    """Be the list of matters."""

    title = "政务服务事项"
    model = ServiceMatter
    plain = tuple(
        field.name
        for field in ServiceMatter._meta.concrete_fields
        if not field.primary_key and not field.name.endswith(("_count", "_unit"))
    )

    def make_columns(self) -> tuple[Column, ...]:
        """Return the columns, the code first, then the elements in their order."""
        matter = ServiceMatter
        return (
            text("事项编码", "code", 40, required=True),
            text("事项名称", "name", 200, required=True),
            text("英文名称", "name_en", 300),
            code("基本编码", "catalog_code", 12, check_catalog_code),
            text("地方基本编码", "local_catalog_code", 50),
            code("实施编码", "task_code", 36, check_task_code),
            text("地方实施编码", "local_task_code", 50),
            code("业务办理项编码", "task_handle_item", 33, check_handle_item),
            choice("事项类型", "task_type", matter.Type.choices),
            text("设定依据", "by_law", 5000),
            choice("权力来源", "power_source", matter.PowerSource.choices),
            choice("行使层级", "use_level", matter.Level.choices),
            choice("事项状态", "task_state", matter.State.choices, required=True),
            number("事项版本", "task_version", 1_000_000),
            text("实施主体", "department", 80, required=True),
            text("实施主体（英文）", "department_en", 160),
            code("实施主体编码", "department_code", 18, check_uscc),
            choice("实施主体性质", "department_type", matter.DepartmentType.choices),
            text("委托部门", "entrusted_by", 80),
            length("法定办结时限", "statutory"),
            text("法定办结时限说明", "statutory_note", 300),
            length("承诺办结时限", "promised"),
            text("承诺办结时限说明", "promised_note", 300),
            text("受理条件", "accept_condition", 5000),
            text("办理流程", "handle_flow", 5000),
            yes_no("是否收费", "is_fee"),
            text("收费依据", "fee_basis", 5000),
            choice("服务对象", "server_type", matter.Served.choices),
            choice("办件类型", "project_type", matter.Handling.choices),
            choice("办理形式", "handle_type", matter.Way.choices),
            number("到现场次数", "limit_scene_num", 99),
            text("特别程序", "special_procedure", 5000),
            yes_no("电脑端单点登录", "is_single_login_pc"),
            yes_no("移动端单点登录", "is_single_login_mobile"),
            Column("电脑端在线办理地址", "online_url_pc", _address),
            Column("移动端在线办理地址", "online_url_mobile", _address),
            text("办理地点", "transact_address", 300),
            text("办理时间", "transact_time", 300),
            text("咨询方式", "link_way", 300),
            text("监督投诉方式", "supervise_way", 300),
            day("计划生效日期", "plan_effect_date"),
            day("计划取消日期", "plan_cancel_date"),
            Column("申请材料", "materials", _read_papers, _show_papers, _papers),
            Column("审批结果", "results", _read_results, _show_results, _results),
        )

    def rows(self) -> Sequence[ServiceMatter]:
        """Return all matters, materials (with the services whose result they may be) and results prefetched."""
        return list(ServiceMatter.objects.prefetch_related("materials__services", "results").order_by("code"))

    def wrong(self, row: Parsed) -> list[tuple[str, str]]:
        """Hold the codes against each other, the days, and materials that services refer to."""
        errors = []
        known = {name: row.get(name) or "" for name in ("catalog_code", "department_code")}
        task = row.get("task_code") or ""
        for key, check in (
            ("task_code", lambda: check_task_code(task, **known)),
            ("task_handle_item", lambda: check_handle_item(row.get("task_handle_item") or "", task_code=task)),
        ):
            try:
                check()
            except Invalid as refused:
                errors.append((key, str(refused.message)))
        since, until = row.get("plan_effect_date"), row.get("plan_cancel_date")
        if since and until and until <= since:
            errors.append(("plan_cancel_date", _("计划取消日期要晚于计划生效日期。")))
        if row.old is not None and "materials" in row.values:
            names = {name for name, *_rest in row.values["materials"]}
            for paper in row.old.materials.all():
                if paper.name not in names and (services := list(paper.services.all())):
                    words = _("材料“%(name)s”可由“%(service)s”的成果充当，请先在服务清单里解除。")
                    errors.append(("materials", words % {"name": paper.name, "service": services[0].name}))
        return errors

    def relate(self, rows: Sequence[Parsed], keys: dict[str, int]) -> None:
        """Write materials and results: by name, those that the file no longer names go."""
        papers: list[ApplicationMaterial] = []
        results: list[ApprovalResult] = []
        for row in rows:
            matter = keys[row.values["code"]]
            if "materials" in row.values:
                given = {
                    name: {"form": form, "copies": copies, "is_from_marketplace": is_from}
                    for name, form, copies, is_from in row.values["materials"]
                }
                papers += _replaced(ApplicationMaterial, matter, given, row.old)
            if "results" in row.values:
                given = {}
                for name, kind, validity in row.values["results"]:
                    given[name] = {"kind": kind, "validity_count": validity[0] if validity else None}
                    given[name] |= {"validity_unit": validity[1]} if validity else {}
                results += _replaced(ApprovalResult, matter, given, row.old)
        ApplicationMaterial.objects.bulk_create(papers, batch_size=500)
        ApprovalResult.objects.bulk_create(results, batch_size=500)


def _replaced(model: type[models.Model], matter: int, given: dict[str, dict[str, Any]], old: Any) -> list[Any]:
    """Bring the children of a matter to what is given; return those that are still to be made."""
    if old is None:
        return [model(matter_id=matter, name=name, **values) for name, values in given.items()]
    rows = model._default_manager.filter(matter=matter)
    rows.exclude(name__in=given).delete()
    there = {row.name: row for row in rows}  # type: ignore[attr-defined]
    for name, row in there.items():
        rows.filter(pk=row.pk).update(**given[name])
    return [model(matter_id=matter, name=name, **values) for name, values in given.items() if name not in there]


def _address(cell: str) -> str:
    if cell and not (cell.startswith(("https://", "http://")) and len(cell) <= 300 and " " not in cell):
        raise Wrong(_("请填写以 https:// 开头的网址，最多 300 个字。"))
    return cell


def _split(cell: str) -> list[list[str]]:
    """Return the parts of each entry: entries stand on lines or between ；, parts between |."""
    entries = [entry for entry in cell.replace("\n", "；").replace(";", "；").split("；") if entry.strip()]
    parts = [[part.strip() for part in entry.replace("｜", "|").split("|")] for entry in entries]
    names = [one[0] for one in parts]
    if len(names) != len(set(names)) or not all(0 < len(name) <= 200 for name in names):
        raise Wrong(_("名称不能为空、不能重复，最多 200 个字。"))
    return parts


def _read_papers(cell: str) -> tuple[Paper, ...]:
    found: list[Paper] = []
    for name, *rest in _split(cell):
        if len(rest) > 3:
            raise Wrong(_("每份材料写作“名称|形式|份数|中介超市”，后三项可以不写。"))
        form, copies, is_from = (*rest, "", "", "")[:3]
        if is_from not in {"", FROM_MARKETPLACE}:
            raise Wrong(_("第四项只能写“中介超市”，表示可由中介服务成果充当。"))
        found.append((name, _form.read(form), _copies.read(copies), bool(is_from)))
    return tuple(found)


def _papers(row: ServiceMatter) -> tuple[Paper, ...]:
    return tuple((one.name, one.form, one.copies, one.is_from_marketplace) for one in row.materials.all())


def _show_papers(value: tuple[Paper, ...]) -> str:
    return "；".join(
        "|".join((name, _form.show(form), _copies.show(copies), FROM_MARKETPLACE if is_from else "")).rstrip("|")
        for name, form, copies, is_from in value
    )


def _read_results(cell: str) -> tuple[Result, ...]:
    found: list[Result] = []
    for name, *rest in _split(cell):
        if len(rest) > 2:
            raise Wrong(_("每项结果写作“名称|类型|有效期”，后两项可以不写。"))
        kind, validity = (*rest, "", "")[:2]
        found.append((name, _kind.read(kind), _validity.read(validity)))
    return tuple(found)


def _results(row: ServiceMatter) -> tuple[Result, ...]:
    return tuple((one.name, one.kind, _validity.value_of(one)) for one in row.results.all())


def _show_results(value: tuple[Result, ...]) -> str:
    return "；".join(
        "|".join((name, _kind.show(kind), _validity.show(validity))).rstrip("|") for name, kind, validity in value
    )
