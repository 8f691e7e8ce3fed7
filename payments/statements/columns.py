"""The columns of a statement in a file."""

from __future__ import annotations

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from payments.queries import StatementRow


def headings(*, with_debt: bool) -> list[str]:
    """Return the headings; a firm's statement ends with what it has yet to repay."""
    names = [_("时间"), _("事项"), _("编号"), _("款项"), _("收入（元）"), _("支出（元）"), _("余额（元）")]
    return [*names, _("待抵还（元）")] if with_debt else names


def texts(row: StatementRow) -> list[str]:
    """Return the cells that are words."""
    return [localtime(row.at).strftime("%Y-%m-%d %H:%M:%S"), str(row.what), row.reference, row.about]


def amounts(row: StatementRow, *, with_debt: bool) -> list[int | None]:
    """Return the cells that are fen; None where nothing came in or went out."""
    fen: list[int | None] = [row.in_fen or None, row.out_fen or None, row.balance_fen]
    return [*fen, row.debt_fen] if with_debt else fen
