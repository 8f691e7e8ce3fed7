"""How Alipay is asked: one request, and an answer of one of three kinds.

What was asked for, `Rejected` (Alipay decided no) or `Unknown` (anything else once the request left us: a timeout, a
lost or unbelievable answer, a system error). Unknown is never a failure; whoever gets it asks again.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from .answers import Rejected, Unknown
from .client import Client

logger = logging.getLogger(__name__)
BUSINESS = "40004"
UNSURE = ("ACQ.SYSTEM_ERROR", "ACQ.TRADE_SETTLE_ERROR", "SYSTEM_ERROR", "isp.", "aop.")


class Asking:
    """Ask over one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def _ask(self, request: Any) -> dict[str, Any] | Rejected | Unknown:
        """Send; return the answer's fields when its code is 10000, else Rejected or Unknown."""
        try:
            answer = json.loads(self._client.execute(request))
        except Exception as error:  # noqa: BLE001 - whatever it was, the outcome is unknown
            logger.warning("Alipay gave no answer to %s: %s", type(request).__name__, error)
            return Unknown(f"{type(error).__name__}: {error}"[:500])
        code, sub_code = str(answer.get("code", "")), str(answer.get("sub_code", ""))
        message = str(answer.get("sub_msg") or answer.get("msg", ""))
        if code == "10000":
            return dict(answer)
        if code == BUSINESS and not sub_code.startswith(UNSURE):
            return Rejected(sub_code, message)
        logger.warning("Alipay answered %s with %s %s: %s", type(request).__name__, code, sub_code, message)
        return Unknown(f"{code} {sub_code} {message}"[:500])
