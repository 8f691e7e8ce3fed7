"""The 36 elements of a service matter: which field is which, under which name national exchange tables carry it, in groups.

Source: the columns of the national exchange table for matters of licensing, granting, confirmation, award, ruling and other
kinds. No published list counts exactly 36; the numbering is our reading of those columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import ServiceMatter


@dataclass(frozen=True)
class Element:
    """Be one element: its number, its name for people, the column of the exchange table, and the fields that hold it.

    A field given with a label in `parts` is one of several of the element; `show` names a property that words the value.
    """

    number: int
    name: str | Promise
    column: str
    fields: tuple[str, ...]
    show: str = ""
    parts: tuple[str | Promise, ...] = ()


IDENTITY = (
    Element(1, gettext_lazy("事项名称"), "task_name", ("name",), "label"),
    Element(2, gettext_lazy("基本编码"), "catalog_code", ("catalog_code",)),
    Element(3, gettext_lazy("地方基本编码"), "local_catalog_code", ("local_catalog_code",)),
    Element(4, gettext_lazy("实施编码"), "task_code", ("task_code",)),
    Element(5, gettext_lazy("地方实施编码"), "local_task_code", ("local_task_code",)),
    Element(6, gettext_lazy("业务办理项编码"), "task_handle_item", ("task_handle_item",)),
    Element(7, gettext_lazy("事项类型"), "task_type", ("task_type",)),
    Element(11, gettext_lazy("事项状态"), "task_state", ("task_state",)),
    Element(12, gettext_lazy("事项版本"), "task_version", ("task_version",)),
    Element(34, gettext_lazy("计划生效日期"), "plan_effect_date", ("plan_effect_date",)),
    Element(35, gettext_lazy("计划取消日期"), "plan_cancel_date", ("plan_cancel_date",)),
)
POWER = (
    Element(8, gettext_lazy("设定依据"), "by_law", ("by_law",)),
    Element(9, gettext_lazy("权力来源"), "power_source", ("power_source",)),
    Element(10, gettext_lazy("行使层级"), "use_level", ("use_level",)),
    Element(13, gettext_lazy("实施主体"), "dept_name", ("department",), "department_label"),
    Element(14, gettext_lazy("实施主体编码"), "dept_code", ("department_code",)),
    Element(15, gettext_lazy("实施主体性质"), "dept_type", ("department_type",)),
    Element(16, gettext_lazy("委托部门"), "entrust_name", ("entrusted_by",)),
)
HANDLING = (
    Element(
        17, gettext_lazy("法定办结时限"), "anticipate_day", ("statutory_count", "statutory_note"), "statutory_label"
    ),
    Element(18, gettext_lazy("承诺办结时限"), "promise_day", ("promised_count", "promised_note"), "promised_label"),
    Element(19, gettext_lazy("受理条件"), "accept_condition", ("accept_condition",)),
    Element(20, gettext_lazy("办理流程"), "handle_flow", ("handle_flow",)),
    Element(21, gettext_lazy("是否收费"), "is_fee", ("is_fee",)),
    Element(22, gettext_lazy("收费依据"), "fee_basis", ("fee_basis",)),
    Element(27, gettext_lazy("特别程序"), "special_procedure", ("special_procedure",)),
)
APPLYING = (
    Element(23, gettext_lazy("服务对象"), "server_type", ("server_type",)),
    Element(24, gettext_lazy("办件类型"), "project_type", ("project_type",)),
    Element(25, gettext_lazy("办理形式"), "handle_type", ("handle_type",)),
    Element(26, gettext_lazy("到现场次数"), "limit_scene_num", ("limit_scene_num",)),
    Element(
        28,
        gettext_lazy("是否单点登录"),
        "is_single_login",
        ("is_single_login_pc", "is_single_login_mobile"),
        parts=(gettext_lazy("电脑端"), gettext_lazy("移动端")),
    ),
    Element(
        29,
        gettext_lazy("在线办理地址"),
        "online_url",
        ("online_url_pc", "online_url_mobile"),
        parts=(gettext_lazy("电脑端"), gettext_lazy("移动端")),
    ),
    Element(30, gettext_lazy("办理地点"), "transact_addr", ("transact_address",)),
    Element(31, gettext_lazy("办理时间"), "transact_time", ("transact_time",)),
    Element(32, gettext_lazy("咨询方式"), "link_way", ("link_way",)),
    Element(33, gettext_lazy("监督投诉方式"), "supervise_way", ("supervise_way",)),
)
MATERIALS = Element(36, gettext_lazy("申请材料"), "materials", ("materials",))
GROUPS: tuple[tuple[str | Promise, tuple[Element, ...]], ...] = (
    (gettext_lazy("名称、编码和版本"), IDENTITY),
    (gettext_lazy("依据和实施主体"), POWER),
    (gettext_lazy("期限、条件和收费"), HANDLING),
    (gettext_lazy("怎样办理"), APPLYING),
)
ELEMENTS = (*IDENTITY, *POWER, *HANDLING, *APPLYING, MATERIALS)


@dataclass(frozen=True)
class Line:
    """Be one line of the page: what it is called, and what is said; `url` where it is an address."""

    element: Element
    words: str
    url: str = ""
    is_code: bool = False


def lines(matter: ServiceMatter, elements: Iterable[Element]) -> Iterator[Line]:
    """Yield what is known of some elements; what nobody has said is left out."""
    for element in elements:
        if element.parts:
            yield from _parts(matter, element)
            continue
        words = [_value(matter, field) for field in element.fields]
        if element.show:
            words[0] = str(getattr(matter, element.show))
        if said := _("；").join(word for word in words if word):
            yield Line(element, said, is_code=element.column.endswith(("code", "item")))


def unknown(matter: ServiceMatter, elements: Iterable[Element]) -> list[Element]:
    """Return the elements of which nobody has said anything."""
    return [element for element in elements if not any(_value(matter, field) for field in element.fields)]


def _parts(matter: ServiceMatter, element: Element) -> Iterator[Line]:
    for field, part in zip(element.fields, element.parts, strict=True):
        if words := _value(matter, field):
            url = words if field.startswith("online_url") else ""
            yield Line(element, _("%(part)s：%(words)s") % {"part": part, "words": words}, url)


def _value(matter: ServiceMatter, field: str) -> str:
    """Put one field into words; "" for what is not known."""
    value: Any = getattr(matter, field)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if value is None or value == "":
        return ""
    shown = getattr(matter, f"get_{field}_display", None)
    return str(shown() if shown else value)
