"""The fund bill (账务明细): every movement of the balance in a period with the balance after it, and its summary."""

from __future__ import annotations

from .movements import Movement
from .sheet import columns, long, money, sheet

COLUMNS = columns(
    "账务流水号 业务流水号 商户订单号 商品名称 发生时间 对方账号 收入金额（+元） 支出金额（-元） "
    "账户余额（元） 交易渠道 业务类型 备注"
)
SUMMARY = columns("类型 收入笔数 收入金额（+元） 支出笔数 支出金额（-元） 总金额（元）")


def fund_bill(rows: list[Movement], head: list[str], foot: str) -> tuple[str, str]:
    """Return the texts of detail and summary: income positive, expense negative, the other of the two 0.00."""
    gained = [row.fen for row in rows if row.fen > 0]
    lost = [row.fen for row in rows if row.fen < 0]
    detail = sheet(
        "#支付宝账务明细查询",
        head,
        "账务明细列表",
        [COLUMNS, *(_row(row) for row in rows)],
        [
            f"#支出合计：{len(lost)}笔，共{money(sum(lost))}元",
            f"#收入合计：{len(gained)}笔，共{money(sum(gained))}元",
            foot,
        ],
    )
    sums = [_sums(kind, [row.fen for row in rows if row.kind == kind]) for kind in sorted({row.kind for row in rows})]
    sums.append(_sums("合计", [row.fen for row in rows]))
    return detail, sheet("#支付宝账务汇总查询", head, "账务汇总列表", [SUMMARY, *sums], [foot])


def _row(row: Movement) -> list[str]:
    return [
        long(row.number),
        long(row.order_no),
        long(row.out_no),
        row.subject,
        row.at,
        row.other,
        money(max(row.fen, 0)),
        money(min(row.fen, 0)),
        money(row.balance_fen),
        "支付宝",
        row.kind,
        row.remark,
    ]


def _sums(kind: str, amounts: list[int]) -> list[str]:
    gained, lost = [fen for fen in amounts if fen > 0], [fen for fen in amounts if fen < 0]
    return [kind, str(len(gained)), money(sum(gained)), str(len(lost)), money(sum(lost)), money(sum(amounts))]
