"""States of a contract, its milestones and its deliverables."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class ContractStatus(models.TextChoices):
    DRAFT = "draft", _("起草中")
    SIGNING = "signing", _("待签订")
    ACTIVE = "active", _("履行中")
    COMPLETED = "completed", _("已完成")


CONTRACT = Table(
    "contract",
    ContractStatus,
    {
        ContractStatus.DRAFT: {ContractStatus.SIGNING: "offer_contract"},
        ContractStatus.SIGNING: {ContractStatus.DRAFT: "revise_contract", ContractStatus.ACTIVE: "sign_contract"},
        ContractStatus.ACTIVE: {ContractStatus.COMPLETED: "complete_contract"},
    },
)


class MilestoneStatus(models.TextChoices):
    PLANNED = "planned", _("待付款")
    FUNDED = "funded", _("款项已托管")
    DELIVERED = "delivered", _("成果待验收")
    ACCEPTED = "accepted", _("已验收")
    SETTLED = "settled", _("已结算")


MILESTONE = Table(
    "milestone",
    MilestoneStatus,
    {
        MilestoneStatus.PLANNED: {MilestoneStatus.FUNDED: "fund_milestone"},
        MilestoneStatus.FUNDED: {MilestoneStatus.DELIVERED: "deliver_milestone"},
        MilestoneStatus.DELIVERED: {
            MilestoneStatus.ACCEPTED: "accept_milestone",
            MilestoneStatus.FUNDED: "return_deliverable",
        },
        MilestoneStatus.ACCEPTED: {MilestoneStatus.SETTLED: "settle_milestone"},
    },
)


class DeliverableStatus(models.TextChoices):
    SUBMITTED = "submitted", _("待验收")
    ACCEPTED = "accepted", _("已验收")
    RETURNED = "returned", _("已退回")


DELIVERABLE = Table(
    "deliverable",
    DeliverableStatus,
    {
        DeliverableStatus.SUBMITTED: {
            DeliverableStatus.ACCEPTED: "accept_milestone",
            DeliverableStatus.RETURNED: "return_deliverable",
        }
    },
)
