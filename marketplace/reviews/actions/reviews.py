"""Reviews: publish one, answer it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.contracts.models import Contract
from marketplace.contracts.states import ContractStatus
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.access import is_member
from marketplace.parties.actions import notify_organization
from marketplace.parties.models import Membership

from ..models import Review
from ..queries import DIMENSIONS
from .credit import recompute_credit

MIN_TEXT, MAX_TEXT = 10, 1000


@transaction.atomic
def publish_review(
    *,
    contract: Contract,
    by: User,
    quality: int,
    timeliness: int,
    attitude: int,
    price: int,
    conduct: int,
    text: str,
    now: datetime | None = None,
) -> Review:
    """Publish the owner's one review of a completed contract: five dimensions of 1 to 5 stars, 10 to 1000 characters.

    Sending the same again returns the review. Refuses with not_buyer, contract_not_completed, already_reviewed,
    stars_invalid, text_length.
    """
    now = now or clock.now()
    contract = lock(contract)
    if not is_member(by, contract.buyer, power=Membership.Power.DELIVER):
        raise Forbidden("not_buyer", _("只有这份合同的业主可以评价。"))
    if contract.status != ContractStatus.COMPLETED:
        raise Refused("contract_not_completed", _("合同的全部节点验收并结算后才能评价。"))
    stars = dict(zip(DIMENSIONS, (quality, timeliness, attitude, price, conduct), strict=True))
    text = _checked_text(text, "text")
    for name, value in stars.items():
        if not 1 <= value <= 5:
            raise Invalid("stars_invalid", _("请为每一项选择 1 到 5 星。"), field=name)
    earlier = Review.objects.filter(contract=contract).first()
    if earlier is not None:
        if earlier.text == text and all(getattr(earlier, name) == value for name, value in stars.items()):
            return earlier
        raise Refused("already_reviewed", _("这份合同已经评价过，一份合同只评价一次。"))
    review = Review.objects.create(
        contract=contract, buyer=contract.buyer, supplier=contract.supplier, text=text, by=by, at=now, **stars
    )
    credit = recompute_credit(organization=contract.supplier, now=now)
    notify_organization(
        organization=contract.supplier,
        title=_("业主已评价：%(title)s") % {"title": contract.tender.title},
        body=_("评价已公开并计入信用分。您可以在 5 个工作日内回复，回复同样公开。"),
        url=f"{contract.supplier.get_absolute_url()}#review-{review.pk}",
        key=f"review-{review.pk}",
        now=now,
    )
    record(
        contract.tender.process,
        "review_published",
        now=now,
        by=by,
        organization=contract.supplier,
        subject=review,
        data={"contract": contract.number, **stars, "text": text, "score_hundredths": credit.score},
    )
    return review


@transaction.atomic
def reply_to_review(*, review: Review, text: str, by: User, now: datetime | None = None) -> Review:
    """Answer a review once, in public. The same words again change nothing. Refuses with not_supplier, already_replied."""
    now = now or clock.now()
    review = lock(review)
    if not is_member(by, review.supplier, power=Membership.Power.PROFILE):
        raise Forbidden("not_supplier", _("只有被评价的机构可以回复。"))
    text = _checked_text(text, "reply")
    if review.reply:
        if review.reply == text:
            return review
        raise Refused("already_replied", _("这条评价已经回复过，只能回复一次。"))
    review.reply, review.replied_at = text, now
    review.save(update_fields=["reply", "replied_at"])
    title = review.contract.tender.title
    notify_organization(
        organization=review.buyer,
        title=_("机构回复了您的评价：%(title)s") % {"title": title},
        url=f"{review.supplier.get_absolute_url()}#review-{review.pk}",
        key=f"review-{review.pk}-reply",
        now=now,
    )
    record(
        review.contract.tender.process,
        "review_replied",
        now=now,
        by=by,
        organization=review.supplier,
        subject=review,
        data={"contract": review.contract.number, "text": text},
    )
    return review


def _checked_text(text: str, field: str) -> str:
    text = text.strip()
    if not MIN_TEXT <= len(text) <= MAX_TEXT:
        values = {"least": MIN_TEXT, "most": MAX_TEXT}
        raise Invalid("text_length", _("请写 %(least)s 到 %(most)s 个字。") % values, field=field)
    return text
