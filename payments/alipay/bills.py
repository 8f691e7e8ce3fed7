"""Alipay's daily bills: where one lies, and the file itself."""

from __future__ import annotations

from datetime import date

from alipay.aop.api.domain.AlipayDataDataserviceBillDownloadurlQueryModel import (
    AlipayDataDataserviceBillDownloadurlQueryModel,
)
from alipay.aop.api.request.AlipayDataDataserviceBillDownloadurlQueryRequest import (
    AlipayDataDataserviceBillDownloadurlQueryRequest,
)

from .answers import BillUrl, Rejected, Unknown
from .asking import Asking

KINDS = ("trade", "signcustomer")
MAX_BILL_BYTES = 64 * 1024 * 1024  # of the archive; more is not read into memory


class Bills(Asking):
    """Ask for bills by day: `trade` lists payments and refunds, `signcustomer` every movement of the balance."""

    def bill_url(self, *, day: date, kind: str) -> BillUrl | Rejected | Unknown:
        """Ask where the bill of a day in China lies. Rejected with BILL_NOT_EXIST until about nine the next morning.

        The address is good for thirty seconds; asking again is harmless.
        """
        if kind not in KINDS:
            raise ValueError(f"a bill is one of {', '.join(KINDS)}, not {kind!r}")
        model = AlipayDataDataserviceBillDownloadurlQueryModel()
        model.bill_type = kind
        model.bill_date = f"{day:%Y-%m-%d}"
        answer = self._ask(AlipayDataDataserviceBillDownloadurlQueryRequest(biz_model=model))
        if not isinstance(answer, dict):
            return answer
        url = str(answer.get("bill_download_url", ""))
        return BillUrl(url) if url else Unknown("no bill_download_url in the answer")

    def download(self, url: str) -> bytes:
        """Return the ZIP at an address of `bill_url`; raises `client.Undownloadable` with the reason."""
        return self._client.fetch(url, max_bytes=MAX_BILL_BYTES)
