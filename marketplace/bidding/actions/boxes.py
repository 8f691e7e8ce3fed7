"""Boxes for sealed offers: a key of its own for each need, in the safe until the hour of the opening."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.actions import notify
from marketplace.accounts.models import User
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.safe import Missing, safe
from marketplace.core.sealing import new_key
from marketplace.tenders.models import Tender

from ..models import OfferBox


def key_name(box: OfferBox) -> str:
    """Return under which name the safe keeps the key of a box."""
    return f"box-{box.public_key}"


def create_box(*, tender: Tender, now: datetime) -> OfferBox:
    """Make the box of a need, once; its key opens from `selection_at` on and never stands in the database."""
    with transaction.atomic():
        tender = lock(tender)
        box = OfferBox.objects.filter(tender=tender).first()
        if box is not None:
            return box
        private, public = new_key()
        box = OfferBox(tender=tender, public_key=public)
        safe().put(key_name(box), private, tender.selection_at)
        box.save()
        record(tender.process, "offer_box_created", now=now, subject=tender, data={"public_key": public})
    return box


def postpone_box(*, tender: Tender, now: datetime) -> None:
    """Keep the key shut until the opening that the need announces now; an hour that has passed or is later stays."""
    box = OfferBox.objects.filter(tender=tender, opened_at=None).first()
    if box is None:
        return
    try:
        safe().postpone(key_name(box), tender.selection_at)
    except Missing:
        tell_key_missing(tender=tender, now=now)


def tell_key_missing(*, tender: Tender, now: datetime) -> None:
    """Tell every administrator once that the key of a need's box is not in the safe."""
    values = {"title": tender.title, "number": tender.number}
    for user in User.objects.filter(is_staff=True, is_active=True).order_by("pk"):
        notify(
            user=user,
            title=_("报价箱的密钥缺失：%(title)s") % values,
            body=_(
                "保险箱里找不到或读不出需求 %(number)s 的密钥，密封报价不能开启，需求停在选取中。"
                "请检查 SAFE_DIR 和 SAFE_KEY，恢复备份后会自动开启。"
            )
            % values,
            url=tender.get_absolute_url(),
            key=f"tender-{tender.pk}-key-missing",
            now=now,
        )
