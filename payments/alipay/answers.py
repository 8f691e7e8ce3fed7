"""What Alipay may answer, in fen and typed: what was asked for, `Rejected` or `Unknown`; and its forms of amounts and times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from .client import CHINA

MAX_AMOUNT_FEN = 10**10  # 100,000,000.00 yuan: Alipay's own limit for a trade
MIN_TRANSFER_FEN = 10
PAID = ("TRADE_SUCCESS", "TRADE_FINISHED")


@dataclass(frozen=True)
class Unknown:
    """Nobody can say yet what became of the request."""

    reason: str


@dataclass(frozen=True)
class Rejected:
    """Alipay decided no; nothing was moved."""

    code: str
    message: str

    @property
    def is_missing(self) -> bool:
        return self.code in {"ACQ.TRADE_NOT_EXIST", "ORDER_NOT_EXIST"}


@dataclass(frozen=True)
class Trade:
    trade_no: str
    out_trade_no: str
    status: str
    total_fen: int
    buyer_id: str
    paid_at: datetime | None

    @property
    def is_paid(self) -> bool:
        return self.status in PAID


@dataclass(frozen=True)
class Refunded:
    """A refund was accepted; `is_done` tells whether the money has moved."""

    is_done: bool
    refunded_fen: int


@dataclass(frozen=True)
class Transferred:
    """A transfer's state: SUCCESS, DEALING or FAIL."""

    status: str
    order_id: str
    reason: str = ""


@dataclass(frozen=True)
class Closed:
    trade_no: str


@dataclass(frozen=True)
class Canceled:
    """What a cancel did: "close", "refund", or "" when there was no trade; `may_retry` asks for the same call again."""

    action: str
    may_retry: bool


@dataclass(frozen=True)
class Bound:
    """A receiver may be given shares of payments from now on; bound already, it stays so."""


@dataclass(frozen=True)
class Settled:
    """A split was accepted under this number; whether each share's money has moved, `settle_query` tells."""

    settle_no: str


@dataclass(frozen=True)
class SettledShare:
    """One share of a split: PROCESSING, SUCCESS or FAIL with Alipay's reason."""

    receiver: str
    amount_fen: int
    status: str
    code: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Settlement:
    """What has become of a split, share by share."""

    shares: tuple[SettledShare, ...]

    @property
    def is_done(self) -> bool:
        """Tell whether every share has come to its end, paid or failed."""
        return bool(self.shares) and all(share.status in {"SUCCESS", "FAIL"} for share in self.shares)

    @property
    def paid_fen(self) -> int:
        return sum(share.amount_fen for share in self.shares if share.status == "SUCCESS")


@dataclass(frozen=True)
class BillUrl:
    """Where a bill lies for half a minute."""

    url: str


@dataclass(frozen=True)
class Precreated:
    """A code to scan: the text of a QR picture. The trade begins when somebody scans it."""

    qr_code: str


def to_amount(fen: int) -> str:
    """Return fen as Alipay wants amounts: yuan, a string, two decimals."""
    if not 0 < fen <= MAX_AMOUNT_FEN:
        raise ValueError(f"an amount must lie between 0.01 and 100000000.00 yuan, not {fen} fen")
    return f"{fen // 100}.{fen % 100:02d}"


def to_fen(amount: str) -> int:
    """Return Alipay's amount in fen, exactly; refuses what is no amount."""
    try:
        fen = Decimal(amount) * 100
        if fen != fen.to_integral_value() or fen < 0:
            raise ValueError(f"not an amount: {amount!r}")
        return int(fen)
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {amount!r}") from error


def from_china_time(text: str | None) -> datetime | None:
    """Return the moment of one of Alipay's times (milliseconds allowed), or None."""
    if not text:
        return None
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)
