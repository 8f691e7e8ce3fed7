"""Make the PDF of a contract; say which package is missing where the machine cannot."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.core.refusals import Refused

from .models import Contract
from .queries import signed_sides
from .text import blocks

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
NAMES = ("*CJK*", "*SourceHan*", "wqy-*", "simsun*", "*Droid*Fallback*")


class PdfUnavailable(Refused):
    """The machine lacks something that a PDF needs: answered with 503."""

    status = 503


def contract_pdf(contract: Contract) -> bytes:
    """Return the contract as PDF, in Chinese. Refuses with pdf_font_missing and pdf_library_missing."""
    try:
        import weasyprint
    except (ImportError, OSError) as missing:
        raise PdfUnavailable(
            "pdf_library_missing",
            _(
                "这台服务器还不能生成 PDF：请管理员安装软件包 libpango-1.0-0 和 libpangoft2-1.0-0（Debian）。您可以先打印网页。"
            ),
        ) from missing
    if not has_chinese_font():
        raise PdfUnavailable(
            "pdf_font_missing",
            _("这台服务器缺少中文字体：请管理员安装软件包 fonts-noto-cjk（Debian）。您可以先打印网页。"),
        )
    signatures = {row.organization_id: row for row in contract.signatures.all() if row.body_hash == contract.body_hash}
    with translation.override("zh-hans"):
        page = render_to_string(
            "contracts/pdf.html",
            {
                "contract": contract,
                "blocks": blocks(contract.body),
                "buyer_signature": signatures.get(contract.buyer_id),
                "supplier_signature": signatures.get(contract.supplier_id),
                "is_signed": len(signed_sides(contract)) == 2,
            },
        )
        style = render_to_string("contracts/pdf.css", {"number": contract.number})
    document = weasyprint.HTML(string=page, url_fetcher=_fetch_nothing)
    made: bytes = document.write_pdf(stylesheets=[weasyprint.CSS(string=style)])
    return made


def has_chinese_font() -> bool:
    """Tell whether a font with Chinese characters is installed; a yes is remembered, a no is asked again."""
    if _found():
        return True
    _found.cache_clear()
    return False


@cache
def _found() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return any(next(folder.rglob(name), None) for folder in FOLDERS if folder.is_dir() for name in NAMES)
    listed = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, check=False, timeout=20)  # noqa: S603
    return bool(listed.stdout.strip())


def _fetch_nothing(url: str, *args: Any, **kwargs: Any) -> Any:
    raise ValueError(f"a contract loads nothing from outside: {url}")
