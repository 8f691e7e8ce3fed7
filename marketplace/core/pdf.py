"""Make a PDF from a page of ours; say which package is missing where the machine cannot."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from .refusals import Refused

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
NAMES = ("*CJK*", "*SourceHan*", "wqy-*", "simsun*", "*Droid*Fallback*")


class PdfUnavailable(Refused):
    """The machine lacks something that a PDF needs: answered with 503."""

    status = 503


def make_pdf(page: str, style: str, words: Mapping[str, Any]) -> bytes:
    """Return the template `page`, filled with `words`, as PDF in Chinese; `style` is the template of its style sheet.

    Nothing is loaded from outside. Refuses with pdf_font_missing and pdf_library_missing.
    """
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
    with translation.override("zh-hans"):
        filled = dict(words)
        html, css = render_to_string(page, filled), render_to_string(style, filled)
    document = weasyprint.HTML(string=html, url_fetcher=_fetch_nothing)
    made: bytes = document.write_pdf(stylesheets=[weasyprint.CSS(string=css)])
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
    raise ValueError(f"a PDF loads nothing from outside: {url}")
