"""States of organizations, qualifications and offers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class OrganizationStatus(models.TextChoices):
    ACTIVE = "active", _("正常")
    SUSPENDED = "suspended", _("暂停")
    REMOVED = "removed", _("清退")


ORGANIZATION = Table(
    "organization",
    OrganizationStatus,
    {
        OrganizationStatus.ACTIVE: {
            OrganizationStatus.SUSPENDED: "suspend_organization",
            OrganizationStatus.REMOVED: "remove_organization",
        },
        OrganizationStatus.SUSPENDED: {
            OrganizationStatus.ACTIVE: "restore_organization",
            OrganizationStatus.REMOVED: "remove_organization",
        },
    },
)


class QualificationStatus(models.TextChoices):
    DECLARED = "declared", _("待核验")
    VALID = "valid", _("有效")
    REFUSED = "refused", _("核验不通过")
    ENDED = "ended", _("失效")


QUALIFICATION = Table(
    "qualification",
    QualificationStatus,
    {
        QualificationStatus.DECLARED: {
            QualificationStatus.VALID: "confirm_qualification",
            QualificationStatus.REFUSED: "refuse_qualification",
        },
        QualificationStatus.VALID: {QualificationStatus.ENDED: "end_qualification"},
    },
)


class OfferingStatus(models.TextChoices):
    LIVE = "live", _("可承接")
    CHECKING = "checking", _("资质核验中")
    SUSPENDED = "suspended", _("暂停")
    WITHDRAWN = "withdrawn", _("已撤下")


OFFERING = Table(
    "offering",
    OfferingStatus,
    {
        OfferingStatus.CHECKING: {
            OfferingStatus.LIVE: "refresh_offerings",
            OfferingStatus.SUSPENDED: "refresh_offerings",
            OfferingStatus.WITHDRAWN: "withdraw_offering",
        },
        OfferingStatus.LIVE: {
            OfferingStatus.SUSPENDED: "refresh_offerings",
            OfferingStatus.WITHDRAWN: "withdraw_offering",
        },
        OfferingStatus.SUSPENDED: {
            OfferingStatus.LIVE: "refresh_offerings",
            OfferingStatus.CHECKING: "refresh_offerings",
            OfferingStatus.WITHDRAWN: "withdraw_offering",
        },
        OfferingStatus.WITHDRAWN: {
            OfferingStatus.LIVE: "offer_service",
            OfferingStatus.CHECKING: "offer_service",
        },
    },
)
