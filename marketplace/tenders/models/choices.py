"""What an owner chooses among: ways to select, kinds of money."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Method(models.TextChoices):
    """How a firm is selected."""

    DIRECT = "direct", _("直接选取")
    DRAW = "draw", _("随机选取")
    LIVE_AUCTION = "live_auction", _("在线竞价（最低价）")
    BEST_PRICE = "best_price", _("竞价选取（最优价）")
    AVERAGE = "average", _("均价选取")
    CREDIT = "credit", _("信用择优")
    MERIT = "merit", _("方案择优（比选）")
    SCORED = "scored", _("综合评分")
    QUOTES = "quotes", _("询比选取")
    EMERGENCY = "emergency", _("应急选取")


class AuctionMode(models.TextChoices):
    """How firms see and answer each other in live bidding."""

    OPEN = "open", _("公开竞价")
    RANK = "rank", _("只见名次")
    TURNS = "turns", _("轮流报价")


class AuctionDirection(models.TextChoices):
    """Whether services are bought for the lowest price or rights sold for the highest."""

    DOWN = "down", _("价低者得（购买服务）")
    UP = "up", _("价高者得（出让权益）")


# Firms hand in sealed offers, opened together at `selection_at`.
SEALED = frozenset({Method.BEST_PRICE, Method.AVERAGE, Method.MERIT, Method.SCORED, Method.QUOTES})
# The owner names the firm; nobody signs up.
NAMED = frozenset({Method.DIRECT, Method.EMERGENCY})
# The owner fixes the price: `ceiling_fen` is what the chosen firm gets.
FIXED_PRICE = frozenset({Method.DIRECT, Method.DRAW, Method.CREDIT, Method.EMERGENCY})
# Offers carry a plan beside the price.
WITH_PLAN = frozenset({Method.MERIT, Method.SCORED})


class MoneyKind(models.TextChoices):
    """Where the money comes from; fiscal and state money have the stricter rules."""

    FISCAL = "fiscal", _("财政资金")
    STATE = "state", _("国有资金")
    SOCIAL = "social", _("社会资金")
