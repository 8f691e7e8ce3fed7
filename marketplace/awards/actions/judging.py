"""Judging by people: scorers score by labels and lock, the owner compares or picks; nothing is shown before all is locked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.bidding.models import Bidder
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.tenders.models import Method, Tender
from marketplace.tenders.rules import is_owner, runs_for_owner

from ..models import Score, Scorer, Selection
from ..queries.inputs import gather
from ..queries.judging import criteria_by, judged_bidders
from ..states import SelectionStatus
from .selections import decide, fail_selection

Marks = Mapping[tuple[str, str], int]  # (label, key of the criterion) -> hundredths of a point
MAX_COMMENT = 500


def _judging(tender: Tender, now: datetime, *methods: Method) -> tuple[Tender, Selection]:
    """Return the locked need and its selection while people judge it, or refuse with `not_judging`, `judging_ended`."""
    tender = lock(tender)
    selection = Selection.objects.filter(tender=tender).first()
    if tender.method not in methods or selection is None or selection.status != SelectionStatus.JUDGING:
        raise Refused("not_judging", _("这项需求现在不在评审阶段。"))
    selection = lock(selection)
    if selection.judging_ends_at is not None and now >= selection.judging_ends_at:
        raise Refused("judging_ended", _("评审期限已过，不能再提交。"))
    return tender, selection


@transaction.atomic
def pick_firm(*, tender: Tender, label: str, reason: str, by: User, now: datetime | None = None) -> Selection:
    """Let the owner choose from the short list of a credit-preferred selection, with a public reason.

    Refuses with not_allowed (403), not_judging, judging_ended, pick_outside_short_list, reason_required.
    """
    now = now or clock.now()
    tender, selection = _judging(tender, now, Method.CREDIT)
    if not runs_for_owner(by, tender):
        raise Forbidden("not_allowed", _("只有发布需求的业主可以从短名单中择优。"))
    if label not in selection.result.get("short_list", []):
        raise Invalid("pick_outside_short_list", _("只能从短名单中选择。"), field="label")
    reason = reason.strip()[:MAX_COMMENT]
    if not reason:
        raise Invalid("reason_required", _("请写明择优的理由，它会公开。"), field="reason")
    selection.picked, selection.pick_reason = Bidder.objects.get(tender=tender, label=label), reason
    selection.save(update_fields=["picked", "pick_reason"])
    record(
        tender.process,
        "firm_picked",
        by=by,
        organization=tender.buyer,
        now=now,
        subject=selection,
        data={"label": label, "reason": reason},
    )
    return _finish(selection, tender, now)


@transaction.atomic
def judge_offers(
    *, tender: Tender, marks: Marks, comments: Mapping[str, str], by: User, now: datetime | None = None
) -> Selection:
    """Let the owner compare the opened offers 比选 by the published criteria, with a comment per firm, once and for all.

    Refuses with not_allowed (403), not_judging, judging_ended, score_missing, score_out_of_range, comment_required; the
    fields are `mark-<label>-<criterion>` and `comment-<label>`.
    """
    now = now or clock.now()
    tender, selection = _judging(tender, now, Method.MERIT)
    if not runs_for_owner(by, tender):
        raise Forbidden("not_allowed", _("只有发布需求的业主可以比选。"))
    for bidder in judged_bidders(tender):
        if not comments.get(bidder.label, "").strip():
            message = _("请为%(label)s写至少一句评语，它会公开。") % {"label": bidder.label}
            raise Invalid("comment_required", message, field=f"comment-{bidder.label}")
    scorer = Scorer.objects.create(
        tender=tender, user=by, name=tender.buyer.name, appointed_at=now, declared_at=now, locked_at=now
    )
    _write(scorer, tender, marks, comments, "owner", whole=True)
    record(tender.process, "scores_locked", by=by, organization=tender.buyer, now=now, subject=selection)
    return _finish(selection, tender, now)


@transaction.atomic
def appoint_scorer(*, tender: Tender, user: User, workplace: str = "", by: User, now: datetime | None = None) -> Scorer:
    """Ask somebody to score; only before the first scores are locked.

    People of the owner may be at most `owner_scorers_percent` of all. Refuses with not_allowed (403), not_scored,
    scores_locked, already_appointed, too_many_of_owner, scorer_conflict.
    """
    now = now or clock.now()
    tender = lock(tender)
    if not runs_for_owner(by, tender):
        raise Forbidden("not_allowed", _("只有发布需求的业主可以邀请评审人员。"))
    selection = Selection.objects.filter(tender=tender).first()
    if tender.method != Method.SCORED or selection is None or selection.status not in _BEFORE_DECISION:
        raise Refused("not_scored", _("这项需求现在不能邀请评审人员。"))
    scorers = list(tender.scorers.select_related("user"))
    if any(one.locked_at for one in scorers):
        raise Refused("scores_locked", _("已有评分锁定，评审人员不能再变动。"))
    if any(one.user_id == user.pk for one in scorers):
        raise Invalid("already_appointed", _("%(name)s 已经在评审名单中。") % {"name": user}, field="username")
    of_owner = sum(is_owner(one.user, tender) for one in scorers) + is_owner(user, tender)
    limit = int(tender.rules["owner_scorers_percent"])
    if is_owner(user, tender) and of_owner * 100 > limit * (len(scorers) + 1):
        message = _("业主一方的评审人员不能超过 %(limit)s%%，请先邀请其他人员。") % {"limit": limit}
        raise Invalid("too_many_of_owner", message, field="username")
    _check_conflict(tender, user)
    scorer = Scorer.objects.create(
        tender=tender, user=user, name=str(user), workplace=workplace.strip()[:120], appointed_at=now
    )
    data = {"scorers": len(scorers) + 1}
    record(tender.process, "scorer_appointed", by=by, organization=tender.buyer, now=now, subject=scorer, data=data)
    return scorer


@transaction.atomic
def dismiss_scorer(*, scorer: Scorer, by: User, now: datetime | None = None) -> None:
    """Take somebody off the list before any scores are locked. Refuses with not_allowed (403), scores_locked."""
    now = now or clock.now()
    tender = lock(scorer.tender)
    if not runs_for_owner(by, tender):
        raise Forbidden("not_allowed", _("只有发布需求的业主可以调整评审人员。"))
    if tender.scorers.filter(locked_at__isnull=False).exists():
        raise Refused("scores_locked", _("已有评分锁定，评审人员不能再变动。"))
    scorer.delete()
    data = {"scorers": tender.scorers.count()}
    record(tender.process, "scorer_dismissed", by=by, organization=tender.buyer, now=now, subject=tender, data=data)


@transaction.atomic
def declare_no_interest(*, scorer: Scorer, by: User, now: datetime | None = None) -> Scorer:
    """Let a scorer declare that nothing ties them to any firm; asked before the plans are shown.

    Refuses with not_yours (403), scorer_conflict.
    """
    now = now or clock.now()
    scorer = lock(scorer)
    _check_own(scorer, by)
    _check_conflict(scorer.tender, by)
    if scorer.declared_at is None:
        scorer.declared_at = now
        scorer.save(update_fields=["declared_at"])
    return scorer


@transaction.atomic
def save_marks(
    *, scorer: Scorer, marks: Marks, comments: Mapping[str, str], by: User, now: datetime | None = None
) -> Scorer:
    """Keep marks that are not final yet; what is missing may follow.

    Refuses with not_yours (403), not_judging, judging_ended, not_declared, scores_locked, score_out_of_range.
    """
    now = now or clock.now()
    tender, _selection = _judging(scorer.tender, now, Method.SCORED)
    scorer = _open_scorer(scorer, by)
    _write(scorer, tender, marks, comments, "scorers", whole=False)
    return scorer


@transaction.atomic
def lock_marks(
    *, scorer: Scorer, marks: Marks, comments: Mapping[str, str], by: User, now: datetime | None = None
) -> Scorer:
    """Make a scorer's marks final; when all have done so, and they are enough, the result follows.

    Refuses as save_marks does, and with score_missing, scorer_conflict.
    """
    now = now or clock.now()
    tender, selection = _judging(scorer.tender, now, Method.SCORED)
    scorer = _open_scorer(scorer, by)
    _check_conflict(tender, by)
    _write(scorer, tender, marks, comments, "scorers", whole=True)
    scorer.locked_at = now
    scorer.save(update_fields=["locked_at"])
    total, locked = tender.scorers.count(), tender.scorers.filter(locked_at__isnull=False).count()
    data = {"locked": locked, "scorers": total}
    record(tender.process, "scores_locked", by=by, now=now, subject=selection, data=data)
    if locked == total and locked >= int(tender.rules["minimum_scorers"]):
        _finish(selection, tender, now)
    return scorer


@transaction.atomic
def end_judging(*, tender: Tender, now: datetime | None = None) -> Selection:
    """End the judging whose deadline has passed: by what is locked, by the draw where no one picked, or without a result.

    Idempotent; refuses with too_early.
    """
    now = now or clock.now()
    tender = lock(tender)
    selection = lock(Selection.objects.get(tender=tender))
    if selection.status != SelectionStatus.JUDGING:
        return selection
    if selection.judging_ends_at is None or now < selection.judging_ends_at:
        raise Refused("too_early", _("评审期限还没有到。"))
    if tender.method == Method.MERIT:
        return fail_selection(selection=selection, reason="业主没有在期限内完成比选", now=now)
    if tender.method == Method.SCORED:
        locked = tender.scorers.filter(locked_at__isnull=False).count()
        least = int(tender.rules["minimum_scorers"])
        if locked < least:
            reason = f"期限内完成评分的评审人员 {locked} 名，少于规则要求的 {least} 名"
            return fail_selection(selection=selection, reason=reason, now=now)
    return _finish(selection, tender, now)


_BEFORE_DECISION = {SelectionStatus.COMMITTED, SelectionStatus.JUDGING}


def _finish(selection: Selection, tender: Tender, now: datetime) -> Selection:
    selection.inputs = gather(tender, selection)
    return decide(selection=selection, tender=tender, now=now)


def _check_own(scorer: Scorer, by: User) -> None:
    if scorer.user_id != by.pk:
        raise Forbidden("not_yours", _("只有评审人员本人可以这样做。"))


def _open_scorer(scorer: Scorer, by: User) -> Scorer:
    scorer = lock(scorer)
    _check_own(scorer, by)
    if scorer.declared_at is None:
        raise Refused("not_declared", _("请先声明与各家机构没有利害关系。"))
    if scorer.locked_at is not None:
        raise Refused("scores_locked", _("您的评分已经锁定，不能再改。"))
    return scorer


def _check_conflict(tender: Tender, user: User) -> None:
    """Refuse a scorer who belongs to a firm that signed up, or shares its telephone."""
    firms = tender.bidders.filter(status="active").select_related("organization")
    mine = set(user.memberships.values_list("organization", flat=True))
    for bidder in firms:
        if bidder.organization_id in mine or (user.phone and user.phone == bidder.organization.phone):
            message = _("%(name)s 与一家参加的机构有关联，不能评审。") % {"name": user}
            raise Invalid("scorer_conflict", message, field="username")


def _write(
    scorer: Scorer, tender: Tender, marks: Marks, comments: Mapping[str, str], kind: str, *, whole: bool
) -> None:
    """Write marks for every judged firm and criterion of `kind`; `whole` demands all of them."""
    for bidder in judged_bidders(tender):
        comment = comments.get(bidder.label, "").strip()[:MAX_COMMENT]
        for criterion in criteria_by(tender, kind):
            field = f"mark-{bidder.label}-{criterion['key']}"
            mark: Any = marks.get((bidder.label, criterion["key"]))
            values = {"label": bidder.label, "criterion": criterion["name"], "most": criterion["points"]}
            if mark is None:
                if whole:
                    message = _("请为%(label)s的“%(criterion)s”打分。") % values
                    raise Invalid("score_missing", message, field=field)
                continue
            if isinstance(mark, bool) or not isinstance(mark, int) or not 0 <= mark <= criterion["points"] * 100:
                message = _("%(label)s的“%(criterion)s”应在 0 到 %(most)s 分之间，最多两位小数。") % values
                raise Invalid("score_out_of_range", message, field=field)
            Score.objects.update_or_create(
                scorer=scorer,
                bidder=bidder,
                criterion=criterion["key"],
                defaults={"hundredths": mark, "comment": comment},
            )
