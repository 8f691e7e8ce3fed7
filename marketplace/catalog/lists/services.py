"""The list of intermediary services as a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from ..flaws import flaws
from ..models import ApplicationMaterial, QualificationKind, ServiceCategory, ServiceMatter
from ..states import SERVICE, ServiceStatus
from .columns import Column, Wrong, choice, day, length, text, tree, words_of, yes_no
from .listing import Listing, Parsed

PARTER = "/"  # between a matter's code and the name of its material


class Services(Listing):
    """Be the list of services; requirements are judged by the kinds as they stand on a day."""

    title = "中介服务事项"
    model = ServiceCategory
    plain = (
        "code", "group", "name", "name_en", "department", "department_en", "legal_basis", "entrusted_by",
        "may_prepare_itself", "requirement_text", "requirement_text_en", "requirement", "price_kind", "price_basis",
        "output", "output_en", "validity_note", "status", "status_date", "status_source",
    )  # fmt: skip

    def __init__(self, on_date: date) -> None:
        self.on_date = on_date
        self.kinds: dict[str, Any] = {kind.code: kind for kind in QualificationKind.objects.all()}
        self.matters = dict(ServiceMatter.objects.values_list("code", "pk"))
        papers = ApplicationMaterial.objects.values_list("matter__code", "name", "pk")
        self.papers = {f"{matter}{PARTER}{name}": pk for matter, name, pk in papers}
        super().__init__()

    def make_columns(self) -> tuple[Column, ...]:
        """Return the columns, the code first."""
        return (
            text("服务编码", "code", 20, required=True),
            choice("类别", "group", ServiceCategory.Group.choices, required=True),
            text("名称", "name", 200, required=True),
            text("英文名称", "name_en", 300),
            words_of("所服务事项编码", "matters", lambda: self.matters, _matters, _("政务服务事项")),
            Column("可作为的申请材料", "materials", self._read_papers, "；".join, _papers),
            text("主管部门", "department", 80, required=True),
            text("主管部门（英文）", "department_en", 160),
            text("设定依据", "legal_basis", 300, required=True),
            choice("由谁委托", "entrusted_by", ServiceCategory.Entrusting.choices),
            yes_no("申请人可自行编制", "may_prepare_itself"),
            text("机构要求", "requirement_text", 200, required=True),
            text("机构要求（英文）", "requirement_text_en", 200),
            tree("机构要求（数据）", "requirement", lambda value: flaws(value, self.kinds, self.on_date)),
            choice("收费性质", "price_kind", ServiceCategory.PriceKind.choices),
            text("收费依据", "price_basis", 300),
            length("参考时限", "reference"),
            text("服务成果", "output", 120),
            text("服务成果（英文）", "output_en", 200),
            length("成果有效期", "validity"),
            text("成果有效期说明", "validity_note", 200),
            choice("状态", "status", ServiceStatus.choices, required=True),
            day("状态日期", "status_date"),
            text("状态依据", "status_source", 300),
        )

    def rows(self) -> Sequence[ServiceCategory]:
        """Return all services, matters and materials prefetched."""
        return list(ServiceCategory.objects.prefetch_related("matters", "materials__matter").order_by("code"))

    def _read_papers(self, cell: str) -> tuple[str, ...]:
        found = tuple(sorted({one.strip() for one in cell.replace("\n", "；").replace(";", "；").split("；")} - {""}))
        if missing := [one for one in found if one not in self.papers]:
            words = _("没有申请材料“%(names)s”。请写成“事项编码/材料名称”，并先导入事项清单。")
            raise Wrong(words % {"names": "、".join(missing[:5])})
        return found

    def wrong(self, row: Parsed) -> list[tuple[str, str]]:
        """Hold the state table, who entrusts, and that a material belongs to a matter that is served."""
        errors = []
        before = row.old.status if row.old is not None else ServiceStatus.KEPT
        after = row.get("status") or ServiceStatus.KEPT
        if row.old is not None and before != after:
            if not SERVICE.allows(before, after):
                now, then = ServiceStatus(before).label, ServiceStatus(after).label
                errors.append(("status", _("不能从“%(now)s”变为“%(then)s”。") % {"now": now, "then": then}))
            elif not row.get("status_source"):
                errors.append(("status_source", _("状态变了，请写明依据。")))
        if row.get("entrusted_by") == ServiceCategory.Entrusting.DEPARTMENT and row.get("may_prepare_itself"):
            errors.append(("may_prepare_itself", _("由审批部门委托的服务，不存在申请人自行编制。")))
        matters = row.values.get("matters", _matters(row.old) if row.old is not None else ())
        papers = row.values.get("materials", _papers(row.old) if row.old is not None else ())
        if strange := [one for one in papers if one.split(PARTER, 1)[0] not in matters]:
            words = _("“%(names)s”的事项不在“所服务事项编码”里。") % {"names": "、".join(strange[:3])}
            errors.append(("materials", words))
        if "matters" in row.values and not matters:
            errors.append(("matters", _("请至少填写一个所服务的事项。")))
        return errors

    def relate(self, rows: Sequence[Parsed], keys: dict[str, int]) -> None:
        """Write which matters a service is for, and which material its result may be."""
        for name, column, known in (
            ("matters", "servicematter", self.matters),
            ("materials", "applicationmaterial", self.papers),
        ):
            through: Any = getattr(ServiceCategory, name).through
            touched = {keys[row.values["code"]]: row.values[name] for row in rows if name in row.values}
            there: dict[int, set[int]] = defaultdict(set)
            for service, other in through.objects.values_list("servicecategory", column):
                there[service].add(other)
            wanted = {service: {known[code] for code in codes} for service, codes in touched.items()}
            gone = [
                pk
                for pk, service, other in through.objects.values_list("pk", "servicecategory", column)
                if service in wanted and other not in wanted[service]
            ]
            for begin in range(0, len(gone), 500):
                through.objects.filter(pk__in=gone[begin : begin + 500]).delete()
            through.objects.bulk_create(
                [
                    through(**{"servicecategory_id": service, f"{column}_id": other})
                    for service, others in wanted.items()
                    for other in others - there[service]
                ],
                batch_size=500,
            )


def _matters(row: ServiceCategory) -> tuple[str, ...]:
    return tuple(sorted(matter.code for matter in row.matters.all()))


def _papers(row: ServiceCategory) -> tuple[str, ...]:
    return tuple(sorted(f"{paper.matter.code}{PARTER}{paper.name}" for paper in row.materials.all()))
