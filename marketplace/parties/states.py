"""States of organizations, their people, certificates and offers, of ways in, public notices and spot checks."""

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
        QualificationStatus.ENDED: {QualificationStatus.VALID: "renew_qualification"},
    },
)


class OfferingStatus(models.TextChoices):
    LIVE = "live", _("可承接")
    CHECKING = "checking", _("资质核验中")
    ANNOUNCED = "announced", _("公示中")
    SUSPENDED = "suspended", _("暂停")
    WITHDRAWN = "withdrawn", _("已撤下")


OFFERING = Table(
    "offering",
    OfferingStatus,
    {
        OfferingStatus.CHECKING: {
            OfferingStatus.ANNOUNCED: "announce_offerings",
            OfferingStatus.LIVE: "refresh_offerings",
            OfferingStatus.SUSPENDED: "refresh_offerings",
            OfferingStatus.WITHDRAWN: "withdraw_offering",
        },
        OfferingStatus.ANNOUNCED: {
            OfferingStatus.LIVE: "end_publicity",
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
            OfferingStatus.ANNOUNCED: "announce_offerings",
            OfferingStatus.WITHDRAWN: "withdraw_offering",
        },
        OfferingStatus.WITHDRAWN: {
            OfferingStatus.LIVE: "offer_service",
            OfferingStatus.CHECKING: "offer_service",
            OfferingStatus.ANNOUNCED: "offer_service",
        },
    },
)


class PractitionerStatus(models.TextChoices):
    ACTIVE = "active", _("在册")
    LEFT = "left", _("已离开")


PRACTITIONER = Table(
    "practitioner",
    PractitionerStatus,
    {PractitionerStatus.ACTIVE: {PractitionerStatus.LEFT: "release_practitioner"}},
)


class CertificateStatus(models.TextChoices):
    VALID = "valid", _("有效")
    ENDED = "ended", _("失效")


CERTIFICATE = Table(
    "practitioner certificate",
    CertificateStatus,
    {
        CertificateStatus.VALID: {CertificateStatus.ENDED: "end_certificate"},
        CertificateStatus.ENDED: {CertificateStatus.VALID: "renew_certificate"},
    },
)


class PublicityStatus(models.TextChoices):
    OPEN = "open", _("公示中")
    HELD = "held", _("有异议，暂缓")
    PASSED = "passed", _("公示结束")
    FAILED = "failed", _("公示不通过")


PUBLICITY = Table(
    "publicity",
    PublicityStatus,
    {
        PublicityStatus.OPEN: {
            PublicityStatus.HELD: "object_to_publicity",
            PublicityStatus.PASSED: "end_publicity",
        },
        PublicityStatus.HELD: {
            PublicityStatus.OPEN: "dismiss_objection",
            PublicityStatus.FAILED: "uphold_objection",
        },
    },
)


class PublicityObjectionStatus(models.TextChoices):
    FILED = "filed", _("待处理")
    UPHELD = "upheld", _("成立")
    DISMISSED = "dismissed", _("不成立")


PUBLICITY_OBJECTION = Table(
    "publicity objection",
    PublicityObjectionStatus,
    {
        PublicityObjectionStatus.FILED: {
            PublicityObjectionStatus.UPHELD: "uphold_objection",
            PublicityObjectionStatus.DISMISSED: "dismiss_objection",
        }
    },
)


class SpotCheckStatus(models.TextChoices):
    PENDING = "pending", _("待检查")
    PASSED = "passed", _("合格")
    FAILED = "failed", _("发现问题")


SPOT_CHECK = Table(
    "spot check",
    SpotCheckStatus,
    {
        SpotCheckStatus.PENDING: {
            SpotCheckStatus.PASSED: "pass_spot_check",
            SpotCheckStatus.FAILED: "fail_spot_check",
        }
    },
)


class EntryClaimStatus(models.TextChoices):
    FILED = "filed", _("待处理")
    GRANTED = "granted", _("已同意")
    REFUSED = "refused", _("未同意")


ENTRY_CLAIM = Table(
    "entry claim",
    EntryClaimStatus,
    {
        EntryClaimStatus.FILED: {
            EntryClaimStatus.GRANTED: "grant_claim",
            EntryClaimStatus.REFUSED: "refuse_claim",
        }
    },
)


class EntryBatchStatus(models.TextChoices):
    PREVIEWED = "previewed", _("待确认")
    RUNNING = "running", _("办理中")
    DONE = "done", _("已完成")
    DISCARDED = "discarded", _("已放弃")


ENTRY_BATCH = Table(
    "entry batch",
    EntryBatchStatus,
    {
        EntryBatchStatus.PREVIEWED: {
            EntryBatchStatus.RUNNING: "run_batch",
            EntryBatchStatus.DISCARDED: "discard_batch",
        },
        EntryBatchStatus.RUNNING: {EntryBatchStatus.DONE: "run_batch"},
    },
)


class EntryBatchRowStatus(models.TextChoices):
    READY = "ready", _("待办理")
    WRONG = "wrong", _("有错误")
    ENTERED = "entered", _("已登记，待确认")
    CONFIRMED = "confirmed", _("已确认")


ENTRY_BATCH_ROW = Table(
    "entry batch row",
    EntryBatchRowStatus,
    {
        EntryBatchRowStatus.READY: {
            EntryBatchRowStatus.ENTERED: "run_batch",
            EntryBatchRowStatus.WRONG: "run_batch",
        },
        EntryBatchRowStatus.ENTERED: {EntryBatchRowStatus.CONFIRMED: "enter_firm"},
    },
)
