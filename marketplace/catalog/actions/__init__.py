"""Verbs of the catalogue, one room per noun."""

from .calendar import import_holidays, load_calendar, set_work_day
from .imports import apply_import, discard_import, export_list, preview_import
from .loading import load_catalog
from .meanwhile import stamps
from .process import OCID, catalog_process
from .rows import add_row, change_row
from .services import adjust_service, cancel_service, keep_service

__all__ = (
    "OCID",
    "add_row",
    "adjust_service",
    "apply_import",
    "cancel_service",
    "catalog_process",
    "change_row",
    "discard_import",
    "export_list",
    "import_holidays",
    "keep_service",
    "load_calendar",
    "load_catalog",
    "preview_import",
    "set_work_day",
    "stamps",
)
