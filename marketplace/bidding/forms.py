"""What people type to bid: an amount, the key of this submit, and a yes to a large drop."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.core import clock
from marketplace.core.forms import RefusalFormMixin, YuanField
from marketplace.core.money import capitals, format_yuan
from marketplace.core.refusals import Refused

from .models import Auction

DROP_PERCENT = 10  # when the rules of the need say nothing else


def new_key() -> str:
    """Return the key of one submit; the same key is the same bid."""
    return str(uuid.uuid4())


def drop_percent(auction: Auction) -> int:
    """Return the drop below the current price, in percent, above which a bid must be confirmed."""
    return int(auction.tender.rules.get("confirm_drop_percent", DROP_PERCENT))


def check_drop(auction: Auction, amount_fen: int, *, confirmed: bool) -> None:
    """Refuse with `confirm_drop` (409) a bid so far below the price that it may be a slip, until it is confirmed.

    The price is read as it is now: the check guards the bidder against a slip and decides nothing between bidders.
    Before its time and after its end an auction takes no bid, confirmed or not, and says so itself.
    """
    if not auction.opens_at <= clock.now() < auction.ends_at:
        return
    price = auction.ceiling_fen if auction.best_fen is None else auction.best_fen
    if confirmed or amount_fen <= 0 or amount_fen * 100 >= price * (100 - drop_percent(auction)):
        return
    message = gettext(
        "您的报价 %(amount)s 元（%(capitals)s）比目前价格低 %(percent)s%%。确认无误请勾选确认后再报一次。"
    )
    percent = f"{(price - amount_fen) * 100 / price:.1f}"
    words = {"amount": format_yuan(amount_fen), "capitals": capitals(amount_fen), "percent": percent}
    raise Refused("confirm_drop", message % words, field="confirm")


class BidForm(RefusalFormMixin, forms.Form):
    """Take one bid."""

    amount = YuanField(label=_("您的报价（元）"), error_messages={"required": _("请填写报价金额。")})
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    confirm = forms.BooleanField(label=_("我已核对金额，确认按此报价"), required=False)

    @classmethod
    def fresh(cls) -> BidForm:
        """Return an empty form with a key of its own."""
        return cls(initial={"key": new_key()})

    def with_new_key(self) -> None:
        """Change the key of a form that came back, keeping what was typed."""
        self.data = {**{name: self.data.get(name) for name in self.data}, "key": new_key()}

    @property
    def asks_to_confirm(self) -> bool:
        """Tell whether the page shows the confirmation: only once it is needed."""
        return self.has_error("confirm") or bool(self.is_bound and self.data.get("confirm"))
