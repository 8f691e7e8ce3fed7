"""States of a sign-up, of an auction and of a sealed offer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class BidderStatus(models.TextChoices):
    ACTIVE = "active", _("已报名")
    EXCLUDED = "excluded", _("已剔除")
    WITHDRAWN = "withdrawn", _("已撤回")


BIDDER = Table(
    "bidder",
    BidderStatus,
    {
        BidderStatus.ACTIVE: {BidderStatus.WITHDRAWN: "withdraw_sign_up", BidderStatus.EXCLUDED: "end_sign_up"},
        BidderStatus.WITHDRAWN: {BidderStatus.ACTIVE: "sign_up"},
    },
)


class AuctionStatus(models.TextChoices):
    SCHEDULED = "scheduled", _("未开始")
    OPEN = "open", _("竞价中")
    PAUSED = "paused", _("已暂停")
    CLOSED = "closed", _("已结束")
    FAILED = "failed", _("未成功")


AUCTION = Table(
    "auction",
    AuctionStatus,
    {
        AuctionStatus.SCHEDULED: {AuctionStatus.OPEN: "open_auction", AuctionStatus.FAILED: "fail_auction"},
        AuctionStatus.OPEN: {
            AuctionStatus.PAUSED: "pause_auction",
            AuctionStatus.CLOSED: "close_auction",
            AuctionStatus.FAILED: "close_auction",
        },
        AuctionStatus.PAUSED: {AuctionStatus.OPEN: "resume_auction", AuctionStatus.FAILED: "fail_auction"},
    },
)


class OfferStatus(models.TextChoices):
    SEALED = "sealed", _("已密封")
    REPLACED = "replaced", _("已替换")
    WITHDRAWN = "withdrawn", _("已撤回")
    OPENED = "opened", _("已开启")
    INVALID = "invalid", _("无效")


OFFER = Table(
    "sealed_offer",
    OfferStatus,
    {
        OfferStatus.SEALED: {
            OfferStatus.REPLACED: "submit_offer",
            OfferStatus.WITHDRAWN: "withdraw_offer",
            OfferStatus.OPENED: "open_offers",
            OfferStatus.INVALID: "open_offers",
        },
    },
)
