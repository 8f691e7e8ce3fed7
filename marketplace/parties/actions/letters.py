"""The PDF of a commitment letter: made once, kept, the hash of what was signed printed in it."""

from __future__ import annotations

from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from marketplace.core.locks import lock
from marketplace.core.pdf import make_pdf

from ..models import Commitment


def keep_letter(*, commitment: Commitment, now: datetime) -> Commitment:
    """Make the letter's PDF and keep it; one that is kept stays. Refuses: pdf_library_missing, pdf_font_missing (503)."""
    if commitment.file:
        return commitment
    organization = commitment.organization
    lines = commitment.text.split("\n")[1:]  # the first is the version
    made = make_pdf(
        "parties/letter_pdf.html",
        "parties/letter_pdf.css",
        {"letter": commitment, "organization": organization, "who": lines[0], "sentences": lines[1:], "made_at": now},
    )
    with transaction.atomic():
        fresh = lock(commitment)
        if not fresh.file:  # somebody else may have made it meanwhile
            fresh.file.save(f"{fresh.sha256[:16]}-{fresh.pk}.pdf", ContentFile(made), save=False)
            fresh.save(update_fields=["file"])
    return fresh
