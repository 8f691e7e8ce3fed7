"""The choice itself: commit to a seed, freeze the list of firms, reveal, rank. Each step once, by whoever notices first."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.bidding.actions import open_offers
from marketplace.bidding.models import Auction
from marketplace.bidding.states import AuctionStatus
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Refused
from marketplace.core.safe import Missing, TooEarly, safe
from marketplace.core.workdays import deadline
from marketplace.tenders.actions import fail_tender
from marketplace.tenders.models import NAMED, SEALED, Method, Tender
from marketplace.tenders.states import TenderStatus

from .. import beacon, draw
from ..methods import Result, rank, short_list
from ..models import Selection
from ..queries.inputs import gather, gather_pool, valid_count
from ..states import SELECTION, SelectionStatus
from .awards import propose_award

SECRET_BYTES = 32
chance: Any = secrets  # makes secrets and salts; the seeded world puts dice in its place
SEEDLESS = NAMED | {Method.LIVE_AUCTION}
JUDGED = {
    Method.CREDIT: "pick_working_days",
    Method.MERIT: "judging_working_days",
    Method.SCORED: "judging_working_days",
}


def hour_of(tender: Tender) -> datetime:
    """Return from when the secret of a need may be read: the opening, or the draw; with earlier auctions the end of bidding."""
    is_auction = tender.method == Method.LIVE_AUCTION
    return tender.auction_ends_at or tender.selection_at if is_auction else tender.selection_at


def commit_selection(*, tender: Tender, now: datetime | None = None) -> Selection:
    """Make the secret of a need's seed, put it into the safe and publish its hash; harmless when that was done already.

    A need whose owner names the firm has no seed, nor has live bidding: the order of acceptance decides there. With a beacon
    its round is fixed here as well, the first after the hour.
    Raises beacon.Unreachable when there is a beacon and it does not answer; the event is then delivered again later.
    """
    now = now or clock.now()
    known = Selection.objects.filter(tender=tender).first()
    if known is not None:
        return known
    secret = b"" if tender.method in SEEDLESS else chance.token_bytes(SECRET_BYTES)
    plan = beacon.plan(hour_of(tender)) if secret else dict(beacon.NONE)
    with transaction.atomic():
        tender = lock(tender)
        known = Selection.objects.filter(tender=tender).first()
        if known is not None:
            return known
        commitment = draw.commitment(secret) if secret else ""
        if secret:
            safe().put(f"draw-{commitment}", secret, hour_of(tender))
        selection = Selection.objects.create(
            tender=tender, commitment=commitment, beacon=plan, salt=chance.token_hex(16), committed_at=now
        )
        if secret:
            data = {"commitment": commitment, "beacon": plan["source"], "round": plan["round"]}
            record(tender.process, "selection_committed", now=now, subject=selection, data=data)
    return selection


def postpone_reveal(*, tender: Tender) -> None:
    """Move the hour of the secret with the need's own times."""
    selection = Selection.objects.filter(tender=tender, status=SelectionStatus.COMMITTED).exclude(commitment="").first()
    if selection is not None:
        safe().postpone(f"draw-{selection.commitment}", hour_of(tender))


def freeze_pool(*, tender: Tender, now: datetime | None = None) -> Selection:
    """Freeze the list of firms at the end of the sign-up and publish its hash; done once."""
    now = now or clock.now()
    selection = commit_selection(tender=tender, now=now)
    with transaction.atomic():
        tender = lock(tender)
        selection = lock(selection)
        if selection.pool_hash:
            return selection
        if tender.status != TenderStatus.SELECTING:
            raise Refused("tender_not_selecting", _("这项需求不在选取中。"))
        selection.pool = gather_pool(tender)
        selection.pool_hash = draw.pool_hash(tender.number, selection.salt, selection.pool)
        selection.save(update_fields=["pool", "pool_hash"])
        if tender.method not in NAMED:
            data = {"firms": len(selection.pool), "pool_hash": selection.pool_hash}
            record(tender.process, "pool_frozen", now=now, subject=selection, data=data)
    return selection


def run_selection(*, tender: Tender, now: datetime | None = None) -> Selection:
    """Hold the choice when its time has come: open, reveal, rank, and propose the first; or hand it to those who judge.

    Idempotent. Refuses with `tender_not_selecting`, `too_early` (before the hour, or while the auction runs), `key_missing` and
    `secret_missing` (the safe cannot give what it holds), `reveal_mismatch` (the secret is not the one committed to),
    `beacon_unreachable`: all of these leave everything as it was, to be tried again.
    """
    now = now or clock.database_now()
    selection = Selection.objects.filter(tender=tender).exclude(pool_hash="").first()
    selection = selection or freeze_pool(tender=tender, now=now)
    if selection.status == SelectionStatus.COMMITTED:
        _check_hour(tender, now)
        if tender.method != Method.LIVE_AUCTION:
            _fetch_beacon(selection)
    with transaction.atomic():
        tender = lock(tender)
        selection = lock(selection)
        if selection.status != SelectionStatus.COMMITTED:
            return selection
        if tender.status != TenderStatus.SELECTING:
            raise Refused("tender_not_selecting", _("这项需求不在选取中。"))
        _check_hour(tender, now)
        if tender.method in SEALED:
            open_offers(tender=tender, now=now)
        _reveal(selection, tender, now)
        selection.inputs = gather(tender, selection)
        if reason := _too_few(tender, selection):
            return fail_selection(selection=selection, reason=reason, now=now)
        if tender.method in JUDGED:
            return _hand_over(selection, tender, now)
        return decide(selection=selection, tender=tender, now=now)


def _check_hour(tender: Tender, now: datetime) -> None:
    if tender.method == Method.LIVE_AUCTION:
        if not Auction.objects.filter(tender=tender, status=AuctionStatus.CLOSED).exists():
            raise Refused("too_early", _("竞价还没有结束，不能产生中选结果。"))
    elif now < tender.selection_at:
        raise Refused("too_early", _("还没有到选取的时间。"))


def _fetch_beacon(selection: Selection) -> None:
    """Bring the beacon's value, outside of any transaction."""
    plan = selection.beacon
    if not plan["source"] or plan["value"]:
        return
    try:
        value = beacon.value(plan["round"])
    except beacon.Unreachable as problem:
        raise Refused("beacon_unreachable", _("公共随机源暂时没有响应，平台会继续尝试。")) from problem
    Selection.objects.filter(pk=selection.pk, status=SelectionStatus.COMMITTED).update(beacon={**plan, "value": value})


def _reveal(selection: Selection, tender: Tender, now: datetime) -> None:
    """Reveal the secret. In live bidding, where only earlier needs have one, it decides nothing and the result never waits for it."""
    if not selection.commitment:
        return
    decides_nothing = tender.method == Method.LIVE_AUCTION
    if decides_nothing and selection.beacon["source"]:
        return
    try:
        secret = safe().take(f"draw-{selection.commitment}", now)
    except TooEarly as early:
        if decides_nothing:
            return
        raise Refused("too_early", _("还没有到公布随机种子的时间。")) from early
    except Missing as missing:
        if decides_nothing:
            return
        raise Refused("secret_missing", _("保险箱里没有这项需求的随机种子，请平台管理机构核查。")) from missing
    if draw.commitment(secret) != selection.commitment:
        raise Refused("reveal_mismatch", _("随机种子与公告时公布的承诺值不符，不能据此选取。"))
    selection.secret, selection.drawn_at = secret.hex(), now
    selection.seed = draw.seed(tender.number, secret, selection.pool_hash, selection.beacon)


def _too_few(tender: Tender, selection: Selection) -> str:
    """Return why there are too few offers to choose among, or nothing. An auction that closed had its firms."""
    if tender.method not in SEALED:
        return ""
    count, minimum = valid_count(selection.inputs), int(tender.rules["minimum_bidders"])
    return "" if count >= minimum else f"有效报价 {count} 家，少于规则要求的 {minimum} 家"


def _hand_over(selection: Selection, tender: Tender, now: datetime) -> Selection:
    """Let people judge: the owner picks or compares, scorers score, until the rules' deadline."""
    SELECTION.check(selection.status, SelectionStatus.JUDGING)
    selection.status = SelectionStatus.JUDGING
    selection.judging_ends_at = deadline(now, int(tender.rules[JUDGED[Method(tender.method)]]), tender.rules)
    data: dict[str, Any] = {"judging_ends_at": selection.judging_ends_at.isoformat()}
    if tender.method == Method.CREDIT:
        data["short_list"] = short_list(selection.inputs, tender.rules, selection.seed)
        selection.result = {"short_list": data["short_list"]}
    selection.save()
    record(tender.process, "judging_started", now=now, subject=selection, data=data)
    return selection


def decide(*, selection: Selection, tender: Tender, now: datetime) -> Selection:
    """Rank the firms by the need's method and propose the first; inside the transaction that holds both locks."""
    result: Result = rank(tender.method, selection.inputs, tender.rules, selection.seed or None)
    SELECTION.check(selection.status, SelectionStatus.DECIDED)
    selection.result, selection.status, selection.decided_at = result.as_data(), SelectionStatus.DECIDED, now
    selection.save()
    if not result.ranking:
        return _fail_tender(selection, tender, "没有有效报价", now)
    data = {
        "method": tender.method,
        "label": result.ranking[0].firm,
        "firms": len(selection.inputs["firms"]),
        "seed": selection.seed,
        "secret": selection.secret,
    }
    record(tender.process, "selection_decided", now=now, subject=selection, data=data)
    propose_award(selection=selection, now=now)
    return selection


def fail_selection(*, selection: Selection, reason: str, now: datetime) -> Selection:
    """End the choice without a result, and the need with it when it is still being selected."""
    with transaction.atomic():
        tender = lock(selection.tender)
        SELECTION.check(selection.status, SelectionStatus.FAILED)
        selection.status = SelectionStatus.FAILED
        selection.save()
        record(tender.process, "selection_failed", now=now, subject=selection, data={"reason": reason})
        return _fail_tender(selection, tender, reason, now)


def _fail_tender(selection: Selection, tender: Tender, reason: str, now: datetime) -> Selection:
    if tender.status == TenderStatus.SELECTING:
        fail_tender(tender=tender, reason=reason, now=now)
    return selection


def stop_selection(*, tender: Tender, reason: str, now: datetime) -> None:
    """End the choice of a need that was taken back; harmless when it has ended."""
    with transaction.atomic():
        tender = lock(tender)
        row = Selection.objects.filter(tender=tender).first()
        if row is not None and not SELECTION.is_final(row.status):
            fail_selection(selection=lock(row), reason=reason, now=now)
