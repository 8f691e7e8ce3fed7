"""States of a sign-up and of an auction."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class BidderStatus(models.TextChoices):
    ACTIVE = "active", _("已报名")
    WITHDRAWN = "withdrawn", _("已撤回")


BIDDER = Table(
    "bidder",
    BidderStatus,
    {
        BidderStatus.ACTIVE: {BidderStatus.WITHDRAWN: "withdraw_sign_up"},
        BidderStatus.WITHDRAWN: {BidderStatus.ACTIVE: "sign_up"},
    },
)


class AuctionStatus(models.TextChoices):
    SCHEDULED = "scheduled", _("未开始")
    OPEN = "open", _("竞价中")
    CLOSED = "closed", _("已结束")
    FAILED = "failed", _("未成功")


AUCTION = Table(
    "auction",
    AuctionStatus,
    {
        AuctionStatus.SCHEDULED: {AuctionStatus.OPEN: "open_auction", AuctionStatus.FAILED: "fail_auction"},
        AuctionStatus.OPEN: {AuctionStatus.CLOSED: "close_auction", AuctionStatus.FAILED: "close_auction"},
    },
)
