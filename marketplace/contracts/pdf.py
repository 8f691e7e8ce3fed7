"""The PDF of a contract: its text, its signatures, its hash."""

from __future__ import annotations

from marketplace.core.pdf import make_pdf

from .models import Contract
from .queries import signed_sides
from .text import blocks


def contract_pdf(contract: Contract) -> bytes:
    """Return the contract as PDF, in Chinese. Refuses with pdf_font_missing and pdf_library_missing."""
    signatures = {row.organization_id: row for row in contract.signatures.all() if row.body_hash == contract.body_hash}
    return make_pdf(
        "contracts/pdf.html",
        "contracts/pdf.css",
        {
            "number": contract.number,
            "contract": contract,
            "blocks": blocks(contract.body),
            "buyer_signature": signatures.get(contract.buyer_id),
            "supplier_signature": signatures.get(contract.supplier_id),
            "is_signed": len(signed_sides(contract)) == 2,
        },
    )
