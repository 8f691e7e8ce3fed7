"""The trade bill (业务明细): payments and refunds of a period, 25 columns, and its summary."""

from __future__ import annotations

from .movements import PAYMENT, REFUND, Movement
from .sheet import columns, long, money, sheet

COLUMNS = columns(
    "支付宝交易号 商户订单号 业务类型 商品名称 创建时间 完成时间 门店编号 门店名称 操作员 终端号 对方账户 "
    "订单金额（元） 商家实收（元） 支付宝红包（元） 集分宝（元） 支付宝优惠（元） 商家优惠（元） "
    "券核销金额（元） 券名称 商家红包消费金额（元） 卡消费金额（元） 退款批次号/请求号 服务费（元） "
    "分润（元） 备注"
)
SUMMARY = columns(
    "门店编号 门店名称 交易订单总笔数 退款订单总笔数 订单金额（元） 商家实收（元） 支付宝优惠（元） "
    "商家优惠（元） 卡消费金额（元） 服务费（元） 分润（元） 实收净额（元）"
)
KINDS = {PAYMENT: "交易", REFUND: "退款"}
ZERO = "0.00"


def trade_bill(rows: list[Movement], head: list[str], foot: str) -> tuple[str, str]:
    """Return the texts of detail and summary. A refund is negative; a fee is negative, its return positive."""
    rows = [row for row in rows if row.kind in KINDS]
    paid = [row for row in rows if row.kind == PAYMENT]
    refunded = [row for row in rows if row.kind == REFUND]
    paid_fen, refunded_fen = sum(row.fen for row in paid), sum(row.fen for row in refunded)
    fee_fen = sum(row.fee_fen for row in rows)
    detail = sheet(
        "#支付宝业务明细查询",
        head,
        "业务明细列表",
        [COLUMNS, *(_row(row) for row in rows)],
        [
            f"#交易合计：{len(paid)}笔，商家实收共{money(paid_fen)}元，商家优惠共0.00元",
            f"#退款合计：{len(refunded)}笔，商家实收退款共{money(refunded_fen)}元，商家优惠退款共0.00元",
            foot,
        ],
    )
    total = money(paid_fen + refunded_fen)
    net = money(paid_fen + refunded_fen + fee_fen)
    sums = ["合计", "", str(len(paid)), str(len(refunded)), total, total, ZERO, ZERO, ZERO, money(fee_fen), ZERO, net]
    return detail, sheet("#支付宝业务汇总查询", head, "业务汇总列表", [SUMMARY, sums], [foot])


def _row(row: Movement) -> list[str]:
    return [
        long(row.order_no),
        long(row.out_no),
        KINDS[row.kind],
        row.subject,
        row.created,
        row.at,
        *[""] * 4,
        row.other,
        money(row.fen),
        money(row.fen),
        *[ZERO] * 5,
        "",
        *[ZERO] * 2,
        long(row.request_no) if row.request_no else "",
        money(row.fee_fen),
        ZERO,
        row.remark,
    ]
