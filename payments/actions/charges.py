"""Payment intents and the attempts to pay them: create, confirm, ask, expire, cancel."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.locks import lock
from marketplace.core.models import Process
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.models import Organization
from payments import gateways, rules
from payments.alipay.answers import MAX_AMOUNT_FEN, Precreated, Rejected, Trade
from payments.models import Charge, PaymentIntent
from payments.models.ids import charge_id
from payments.shapes import payment_intent as shape_of
from payments.states import CHARGE, PAYMENT_INTENT, ChargeStatus, PaymentIntentStatus

from .announcing import announce, announce_each, tell_process
from .schedule import GRACE, next_time
from .settlement import DISPUTED, Paid, settle_charge

logger = logging.getLogger(__name__)
PAY_WITHIN = timedelta(minutes=30)
STILL_USABLE = timedelta(minutes=2)


@transaction.atomic
def create_payment_intent(
    *,
    process: Process | None,
    payer: Organization | None,
    payee: Organization | None,
    amount_fen: int,
    description: str,
    metadata: dict[str, str] | None = None,
    transfer_group: str = "",
    held_until: str = "",
    by: Any = None,
    now: datetime | None = None,
) -> PaymentIntent:
    """Owe `amount_fen` from `payer`, to be held for `payee`. `held_until` says in words what frees the money.

    `by` is None when the system or /v1 asks for the payment; without a process nothing is told to the marketplace.
    Refuses with `not_payer`, `amount_invalid`, `metadata_invalid`.
    """
    now = now or clock.now()
    if isinstance(amount_fen, bool) or not isinstance(amount_fen, int) or not 0 < amount_fen <= MAX_AMOUNT_FEN:
        raise Invalid("amount_invalid", _("付款金额须在 0.01 元至 1 亿元之间。"), field="amount")
    intent = PaymentIntent(
        process=process,
        payer=payer,
        payee=payee,
        amount_fen=amount_fen,
        description=description[:256],
        metadata=_checked_metadata(metadata or {}),
        held_until=held_until[:200],
        created_at=now,
    )
    _require_payer(intent, by)
    intent.transfer_group = transfer_group or intent.id
    intent.save(force_insert=True)
    _record(intent, "payment_intent_created", by=by, now=now, description=intent.description)
    announce_each([("payment_intent.created", shape_of(intent, attempts=()), None)], now=now)
    return intent


def confirm_payment_intent(
    *, intent: PaymentIntent, return_url: str, by: Any, way: str = Charge.Way.PAGE, now: datetime | None = None
) -> PaymentIntent:
    """Open the cashier, or get the code to scan: afterwards `intent.pending_charge` says where to send the payer.

    An attempt that can still be paid is opened again; one past its time is first cleared up with the provider, so that
    two attempts can never both be paid. Another way to pay gives the earlier attempt up; money that comes there after
    all returns by itself. Call it outside a transaction. Refuses with `not_payer`, `attempt_unresolved`,
    `state_conflict`, `way_refused`, `gateway_silent` (503: the same call may be repeated).
    """
    now = now or clock.now()
    _require_payer(intent, by)
    earlier = intent.pending_charge
    if earlier is not None and earlier.time_expire < now + STILL_USABLE:
        if sync_charge(charge=earlier, now=now).status == ChargeStatus.PENDING:
            raise Refused("attempt_unresolved", _("上一次付款正在向支付宝核实，请约十分钟后再试。款项不会重复收取。"))
    elif earlier is not None and earlier.way != way:
        gateways.alipay().close(out_trade_no=earlier.out_trade_no)  # whatever it answers, the next question tells
        if sync_charge(charge=earlier, now=now).status == ChargeStatus.PENDING:
            expire_charge(charge=earlier, now=now, is_final=False, by=by)
    with transaction.atomic():
        intent = lock(intent)
        charge = intent.pending_charge
        if charge is None:
            PAYMENT_INTENT.check(intent.status, PaymentIntentStatus.REQUIRES_ACTION)
            charge = _new_charge(intent, way, return_url, now)
        if charge.way != Charge.Way.QR:
            charge.gateway_url = _cashier(charge)
        charge.save()
        if intent.status != PaymentIntentStatus.REQUIRES_ACTION:
            intent.status = PaymentIntentStatus.REQUIRES_ACTION
            intent.last_payment_error = None
            intent.save(update_fields=["status", "last_payment_error"])
            announce("payment_intent.requires_action", intent, now=now)
    if charge.way == Charge.Way.QR and not charge.qr_code:
        _fetch_code(charge, now)
    return intent


def _new_charge(intent: PaymentIntent, way: str, return_url: str, now: datetime) -> Charge:
    name = charge_id()
    return Charge(
        id=name,
        intent=intent,
        amount_fen=intent.amount_fen,
        out_trade_no=name,
        way=way,
        time_expire=(now + PAY_WITHIN).replace(microsecond=0),
        return_url=return_url,
        created_at=now,
        next_query_at=next_time(0, now),
    )


def _order(charge: Charge) -> dict[str, Any]:
    return {
        "out_trade_no": charge.out_trade_no,
        "amount_fen": charge.amount_fen,
        "subject": charge.intent.description,
        "body": charge.intent_id,
        "time_expire": charge.time_expire,
        "notify_url": gateways.notify_url(),
    }


def _cashier(charge: Charge) -> str:
    gateway = gateways.alipay()
    open_at = gateway.wap_pay_url if charge.way == Charge.Way.WAP else gateway.page_pay_url
    return open_at(**_order(charge), return_url=charge.return_url)


def _fetch_code(charge: Charge, now: datetime) -> None:
    """Ask the provider for the code of an attempt by QR; without an answer the attempt stays and may be asked for again."""
    answer = gateways.alipay().precreate(**_order(charge))
    if isinstance(answer, Precreated):
        Charge.objects.filter(pk=charge.pk, status=ChargeStatus.PENDING).update(qr_code=answer.qr_code)
    elif isinstance(answer, Rejected):
        expire_charge(charge=charge, now=now, is_final=True)
        raise Refused("way_refused", _("支付宝没有受理扫码付款，请换一种方式付款。"))
    else:
        raise Refused("gateway_silent", _("支付宝暂时没有回应，请稍后再试。款项不会重复收取。"), status=503)


def sync_charge(*, charge: Charge, now: datetime | None = None) -> Charge:
    """Ask the provider about an attempt and record what it says; unknown stays unknown and is asked again later.

    Must be called outside a transaction. An attempt past its time that nobody has paid is closed there, then here.
    """
    now = now or clock.now()
    gateway = gateways.alipay()
    is_over = now > charge.time_expire + GRACE
    answer = gateway.query(out_trade_no=charge.out_trade_no)
    if is_over and isinstance(answer, Trade) and answer.status == "WAIT_BUYER_PAY":
        gateway.close(out_trade_no=charge.out_trade_no)  # whatever it answers, the next question tells
        answer = gateway.query(out_trade_no=charge.out_trade_no)
    if isinstance(answer, Trade) and answer.is_paid:
        with transaction.atomic():
            intent = lock(charge.intent)
            word = Paid(lock(charge), intent, answer.trade_no, answer.total_fen, answer.buyer_id, answer.paid_at)
            settled = settle_charge(word, now=now)
        if settled not in DISPUTED:
            return Charge.objects.get(pk=charge.pk)
    if isinstance(answer, Trade) and answer.status == "TRADE_CLOSED":
        return expire_charge(charge=charge, now=now, is_final=True)
    if isinstance(answer, Rejected) and answer.is_missing and is_over:
        return expire_charge(charge=charge, now=now, is_final=True)
    with transaction.atomic():
        current = lock(charge)
        if current.status != ChargeStatus.SUCCEEDED:
            current.queries += 1
            current.next_query_at = next_time(current.queries, now)
            current.save(update_fields=["queries", "next_query_at"])
    return current


@transaction.atomic
def expire_charge(*, charge: Charge, now: datetime, is_final: bool, by: Any = None) -> Charge:
    """Give up an attempt; its intent may be paid by another. `is_final` when the provider says it cannot be paid."""
    intent = lock(charge.intent)
    charge = lock(charge)
    charge.next_query_at = None if is_final else charge.time_expire + 2 * GRACE
    if charge.status != ChargeStatus.PENDING:
        if charge.status == ChargeStatus.EXPIRED:
            charge.save(update_fields=["next_query_at"])
        return charge
    CHARGE.check(charge.status, ChargeStatus.EXPIRED)
    charge.status = ChargeStatus.EXPIRED
    charge.save(update_fields=["status", "next_query_at"])
    if intent.status == PaymentIntentStatus.REQUIRES_ACTION:
        PAYMENT_INTENT.check(intent.status, PaymentIntentStatus.REQUIRES_PAYMENT_METHOD)
        intent.status = PaymentIntentStatus.REQUIRES_PAYMENT_METHOD
        intent.last_payment_error = {
            "type": "card_error",
            "code": "payment_intent_payment_attempt_expired",
            "charge": charge.id,
        }
        intent.save(update_fields=["status", "last_payment_error"])
        _record(intent, "payment_attempt_failed", by=by, now=now, charge=charge.id)
        announce("payment_intent.payment_failed", intent, now=now)
    return charge


@transaction.atomic
def cancel_payment_intent(
    *, intent: PaymentIntent, reason: str = "requested_by_customer", by: Any = None, now: datetime | None = None
) -> PaymentIntent:
    """Give up a payment that is not made yet; money that arrives afterwards returns by itself.

    Refuses with `not_payer`, and with `state_conflict` when it is paid or canceled.
    """
    now = now or clock.now()
    intent = lock(intent)
    _require_payer(intent, by)
    PAYMENT_INTENT.check(intent.status, PaymentIntentStatus.CANCELED)
    intent.status = PaymentIntentStatus.CANCELED
    intent.cancellation_reason = reason
    intent.canceled_at = now
    intent.save(update_fields=["status", "cancellation_reason", "canceled_at"])
    for charge in intent.charges.filter(status=ChargeStatus.PENDING):
        expire_charge(charge=charge, now=now, is_final=False, by=by)
        transaction.on_commit(partial(_close, charge.out_trade_no), robust=True)
    _record(intent, "payment_intent_canceled", by=by, now=now, reason=reason)
    announce("payment_intent.canceled", intent, now=now)
    return intent


def _close(out_trade_no: str) -> None:
    gateways.alipay().close(out_trade_no=out_trade_no)


def _require_payer(intent: PaymentIntent, by: Any) -> None:
    if by is not None and not rules.is_payer(by, intent):
        raise Forbidden("not_payer", _("只有付款单位的经办人可以办理这笔付款。"))


def _checked_metadata(metadata: dict[str, str]) -> dict[str, str]:
    for name, value in metadata.items():
        if len(metadata) > 50 or not 0 < len(name) <= 40 or set(name) & set("[]") or not isinstance(value, str):
            raise Invalid("metadata_invalid", _("附加信息须为文字，最多 50 项。"), field="metadata")
        if len(value) > 500:
            raise Invalid("metadata_invalid", _("附加信息每项最多 500 字。"), field="metadata")
    return metadata


def _record(intent: PaymentIntent, name: str, *, by: Any, now: datetime, **data: Any) -> None:
    told = {"amount_fen": intent.amount_fen, "transfer_group": intent.transfer_group, **data}
    tell_process(intent, name, subject=intent, by=by, now=now, organization=intent.payer, data=told)
