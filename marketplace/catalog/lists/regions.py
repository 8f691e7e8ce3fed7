"""The list of places as a file; codes that places had before are brought to today's, and the preview says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from ..models import Region, RegionAlias
from .columns import Column, Wrong, choice, decimal, text
from .listing import Listing, Parsed


class Regions(Listing):
    """Be the list of places."""

    title = "区划"
    model = Region
    plain = ("code", "name", "name_en", "level", "latitude", "longitude")

    def __init__(self) -> None:
        self.places = dict(Region.objects.values_list("code", "pk"))
        self.aliases = {
            one.code: one for one in RegionAlias.objects.select_related("region") if one.code not in self.places
        }
        super().__init__()

    def make_columns(self) -> tuple[Column, ...]:
        """Return the columns, the code first."""
        return (
            Column("区划代码", "code", _code, is_required=True),
            text("名称", "name", 200, required=True),
            text("英文名称", "name_en", 300),
            choice("级别", "level", Region.Level.choices, required=True),
            Column("上级代码", "parent", self._read_parent, str, _parent),
            decimal("纬度（度）", "latitude", 90),
            decimal("经度（度）", "longitude", 180),
        )

    def rows(self) -> Sequence[Region]:
        """Return all places with the places around them."""
        return list(Region.objects.select_related("parent").order_by("code"))

    def known_code(self, code: str) -> tuple[str, str]:
        """Bring an old code to today's."""
        alias = self.aliases.get(code)
        if alias is None:
            return code, ""
        words = _("%(old)s 是“%(name)s”的旧代码，已换成 %(new)s（%(place)s）。")
        said = {"old": code, "name": alias.name, "new": alias.region.code, "place": alias.region.name}
        return alias.region.code, words % said

    def _read_parent(self, cell: str) -> str:
        code, _words = self.known_code(cell)
        if code and code not in self.places:
            raise Wrong(_("没有区划代码“%(code)s”；新的上级请先导入。") % {"code": cell})
        return code

    def wrong(self, row: Parsed) -> list[tuple[str, str]]:
        """Ask for both coordinates or none, and for a parent that is another place."""
        errors = []
        if (row.get("latitude") is None) != (row.get("longitude") is None):
            errors.append(("latitude", _("纬度和经度要么都填写，要么都不填写。")))
        if row.values.get("parent") and row.values["parent"] == row.values["code"]:
            errors.append(("parent", _("上级不能是自己。")))
        return errors

    def fields_of(self, row: Parsed) -> dict[str, Any]:
        """Return the model's fields that a row sets."""
        found = super().fields_of(row)
        if "parent" in row.values:
            found["parent_id"] = self.places.get(row.values["parent"])
        return found


def _parent(row: Region) -> str:
    return row.parent.code if row.parent else ""


def _code(cell: str) -> str:
    if not (cell.isascii() and cell.replace("-", "").isalnum() and len(cell) <= 12):
        raise Wrong(_("区划代码是 6 位、9 位数字，或功能区的本地代码，最多 12 位。"))
    return cell
