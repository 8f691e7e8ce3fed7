"""What the lists of desks show in a column beside plain words: a state, money, a moment."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column


class StateColumn(Column):
    """Show a status as a tag: a word and a shape."""

    cell_template_name = "cms/desk/state_cell.html"

    def __init__(self, name: str = "status", **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("状态"))
        super().__init__(name, sort_key=name, **kwargs)

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        """Add the word."""
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return {**context, "word": getattr(instance, f"get_{self.accessor}_display")()}


class MoneyColumn(Column):
    """Show fen as yuan."""

    cell_template_name = "cms/desk/money_cell.html"


class MomentColumn(Column):
    """Show a moment to the minute."""

    cell_template_name = "cms/desk/moment_cell.html"
