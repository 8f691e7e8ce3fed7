"""The list of kinds of qualification as a file."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from ..models import QualificationKind, ServiceCategory
from ..requirements import every_leaf
from .columns import Column, Wrong, choice, day, lines, text, yes_no
from .listing import Listing, Parsed


class Kinds(Listing):
    """Be the list of kinds."""

    title = "资质种类"
    model = QualificationKind
    plain = tuple(field.name for field in QualificationKind._meta.concrete_fields if not field.primary_key)

    def __init__(self) -> None:
        self.demanded: dict[str, set[str]] = {}  # grades that requirements name, by kind
        for requirement in ServiceCategory.objects.values_list("requirement", flat=True):
            for leaf in every_leaf(requirement):
                grades = self.demanded.setdefault(leaf.get("kind") or leaf["practitioner"], set())
                grades |= {leaf["grade"]} if leaf.get("grade") else set()
        super().__init__()

    def make_columns(self) -> tuple[Column, ...]:
        """Return the columns, the code first."""
        return (
            Column("代码", "code", _slug, is_required=True),
            choice("持有人", "holder", QualificationKind.Holder.choices, required=True),
            text("名称", "name", 200, required=True),
            text("英文名称", "name_en", 300),
            text("发证机关", "authority", 120),
            lines("等级（由高到低）", "grades"),
            day("取消日期", "abolished_on"),
            text("证照类型代码", "licence_type", 32),
            yes_no("证照类型代码是本地编号", "is_licence_type_local", unknown=False),
            text("说明", "note", 200),
        )

    def rows(self) -> Sequence[QualificationKind]:
        """Return all kinds."""
        return list(QualificationKind.objects.order_by("code"))

    def wrong(self, row: Parsed) -> list[tuple[str, str]]:
        """Keep what requirements of services rest on: their grades, and who holds the kind."""
        demanded = self.demanded.get(row.values["code"])
        if row.old is None or demanded is None:
            return []
        errors = []
        if missing := demanded - set(row.get("grades")):
            words = _("有服务要求“%(grades)s”，这个等级不能去掉。") % {"grades": "、".join(sorted(missing))}
            errors.append(("grades", words))
        if row.get("holder") != row.old.holder:
            errors.append(("holder", _("有服务要求这种资质，持有人不能改。")))
        return errors


def _slug(cell: str) -> str:
    if not (cell.isascii() and cell.replace("-", "").replace("_", "").isalnum() and len(cell) <= 40):
        raise Wrong(_("代码只能有字母、数字和连字符，最多 40 位。"))
    return cell
