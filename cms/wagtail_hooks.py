"""What we hang into Wagtail's admin: the desks, our colours, what waits."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.ui.components import Component

from marketplace.catalog.queries import missing_year
from marketplace.core import clock

from . import queries
from .viewsets import DESKS, BusinessGroup, CatalogueGroup, FinanceGroup, MachineryGroup


@hooks.register("register_admin_viewset")
def desks() -> list[Any]:
    """Register the groups of desks."""
    return [BusinessGroup(), FinanceGroup(), CatalogueGroup(), MachineryGroup()]


@hooks.register("insert_global_admin_css")
def colours() -> str:
    """Bring the admin into copper."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


class WaitingPanel(Component):
    """Show what waits for an administrator, with one link each."""

    name = "waiting"
    order = 50
    template_name = "cms/desk/waiting.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Give each task with its number and desk."""
        counts = queries.waiting()
        tasks = [
            (counts["qualifications"], _("份资质等待核验"), f"{reverse('desk_qualifications:index')}?status=declared"),
            (
                counts["publicity_objections"],
                _("项公示异议等待处理"),
                f"{reverse('desk_publicity_objections:index')}?status=filed",
            ),
            (counts["claims"], _("项认领申请等待处理"), f"{reverse('desk_claims:index')}?status=filed"),
            (counts["spot_checks"], _("家机构等待抽查"), f"{reverse('desk_spot_checks:index')}?status=pending"),
            (counts["voids"], _("次报价等待确认作废"), f"{reverse('desk_voids:index')}?waits=true"),
            (counts["objections"], _("项异议等待处理"), f"{reverse('desk_objections:index')}?status=open"),
            (counts["transfers"], _("笔结算没有成功"), f"{reverse('desk_transfers:index')}?status=failed"),
            (counts["overdue"], _("个节点已过付款期限"), f"{reverse('contracts:due')}?late&all"),
            (counts["deliveries"], _("条事件多次送达失败"), f"{reverse('desk_deliveries:index')}?status=dead"),
            (counts["breaks"], _("项对账差异等待处理"), f"{reverse('desk_breaks:index')}?status=open"),
            (counts["days"], _("天没有对成账"), f"{reverse('desk_reconciliations:index')}?status=failed"),
            (
                counts["webhooks"],
                _("个事件推送地址因连续失败停用"),
                f"{reverse('desk_webhooks:index')}?status=disabled",
            ),
        ]
        return {"tasks": tasks, "nothing": not any(counts.values())}


class CalendarPanel(Component):
    """Warn of a year whose working days nobody has entered."""

    name = "calendar"
    order = 10
    template_name = "cms/workdays/missing.html"

    def __init__(self, year: int) -> None:
        self.year = year

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Give the year; the panel is for those who may enter it."""
        return {"year": self.year, "may_decide": True}


class ReadingPanel(Component):
    """Show a supervisor where to look: the desks that may be read, and what everybody may check."""

    name = "reading"
    order = 60
    template_name = "cms/desk/reading.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Give the desks and the public pages, each with its address."""
        user = parent_context["request"].user
        desks = [
            (desk.menu_label, reverse(desk.get_url_name("index")))
            for desk in DESKS
            if desk.permission_policy.user_has_permission(user, "view")
        ]
        public = [
            (_("公开监督"), reverse("oversight:oversight")),
            (_("核对记录"), reverse("oversight:records")),
            (_("采购公告"), reverse("tenders:tenders")),
            (_("入驻公示"), reverse("parties:publicities")),
            (_("事后抽查"), reverse("parties:spot_checks")),
            (_("正在竞价"), reverse("bidding:auctions")),
        ]
        return {"desks": desks, "public": public}


@hooks.register("construct_homepage_panels")
def waiting(request: HttpRequest, panels: list[Any]) -> None:
    """Put what waits first for those who decide, and where to look for those who supervise."""
    panels.insert(0, WaitingPanel() if request.user.is_staff else ReadingPanel())
    year = missing_year(clock.now()) if request.user.is_staff else None
    if year is not None:
        panels.insert(0, CalendarPanel(year))


@hooks.register("construct_homepage_summary_items", order=1000)
def no_summary(request: HttpRequest, items: list[Any]) -> None:
    """Leave out counts of pages, pictures and documents: they decide nothing."""
    items.clear()


@hooks.register("construct_main_menu")
def no_reports(request: HttpRequest, items: list[Any]) -> None:
    """Leave out what nobody here uses."""
    items[:] = [item for item in items if item.name != "help"]
