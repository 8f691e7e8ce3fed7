"""Regions, kinds of qualification, government service matters and the intermediary services that they ask for."""

from ..states import ServiceStatus
from .imports import CatalogImport
from .kinds import QualificationKind
from .matters import ApplicationMaterial, ApprovalResult, ServiceMatter
from .regions import Region, RegionAlias
from .services import ServiceCategory
from .words import Bilingual, TimeUnit, duration_words

__all__ = (
    "ApplicationMaterial",
    "ApprovalResult",
    "Bilingual",
    "CatalogImport",
    "QualificationKind",
    "Region",
    "RegionAlias",
    "ServiceCategory",
    "ServiceMatter",
    "ServiceStatus",
    "TimeUnit",
    "duration_words",
)
