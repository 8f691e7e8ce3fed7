"""Codes to scan, as pictures that stand in the page itself: no file, no style, any size."""

from __future__ import annotations

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def code_picture(text: str, label: str) -> SafeString:
    """Return a QR code of `text` as an inline SVG element with `label` for who cannot see it.

    The quiet zone of four modules belongs to it (ISO/IEC 18004); the page gives it a white ground and its size.
    """
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        border=4, omitsize=True, svgclass="code", lineclass=None
    )
    return format_html('<div class="code-frame" role="img" aria-label="{}">{}</div>', label, mark_safe(drawn))  # noqa: S308 - drawn by the library from modules alone
