"""Idempotency-Key: the first answer is kept and given again; facts 4.4 (Stripe) to the letter.

The row is written before anything is done, in a transaction of its own, so that of two requests at once one finds the
other. What a process that died has left is carried on by the next request under the key: the actions below it know the
row's number and act once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction

from payments.models import ApiKey, ApiRequest
from payments.webhooks.seals import Unreadable, seal, unseal

from .errors import IDEMPOTENCY, ApiError, in_use

LEASE = timedelta(minutes=2)  # longer than all time-outs of a request's questions to Alipay together
LONGEST = 255


class Replay(NamedTuple):
    """Be an answer that went out before."""

    status: int
    body: str
    request_id: str


def fingerprint(method: str, path: str, account: str, tree: Mapping[str, Any]) -> str:
    """Return a digest of what is asked, the same for every spelling of the form."""
    said = json.dumps([method, path, account, tree], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()


def begin(*, key: ApiKey, name: str, asks: str, request_id: str, now: datetime) -> ApiRequest | Replay:
    """Claim a request, or return the answer that it had.

    Refuses with `idempotency_error` (400) other parameters under the same key and with `idempotency_key_in_use` (409)
    what is being carried out at this moment.
    """
    try:
        with transaction.atomic():
            return ApiRequest.objects.create(
                key=key,
                idempotency_key=name,
                fingerprint=asks,
                request_id=request_id,
                claimed_until=now + LEASE,
                created_at=now,
            )
    except IntegrityError:
        pass
    row = ApiRequest.objects.filter(key=key, idempotency_key=name).first()
    if row is None:  # forgotten between the two statements
        raise in_use()
    check(row, asks)
    if row.state == ApiRequest.State.DONE:
        return _replay(row)
    stale = ApiRequest.objects.filter(pk=row.pk, state=ApiRequest.State.STARTED, claimed_until__lte=now)
    if not stale.update(claimed_until=now + LEASE):
        raise in_use()
    row.refresh_from_db()
    return row


def check_known(*, key: ApiKey, name: str, asks: str) -> None:
    """Refuse other parameters under a key that is in use; an unknown key passes."""
    if row := ApiRequest.objects.filter(key=key, idempotency_key=name).first():
        check(row, asks)


def check(row: ApiRequest, asks: str) -> None:
    """Refuse what is not the request of the row."""
    if row.fingerprint != asks:
        raise ApiError(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            "Try using a key other than the one given if you meant to execute a different request.",
            type=IDEMPOTENCY,
            is_stored=False,
        )


def finish(row: ApiRequest, *, status: int, body: str) -> None:
    """Keep the answer. Sealed: some answers carry a secret, which the database never has in the clear."""
    mine = ApiRequest.objects.filter(pk=row.pk, claimed_until=row.claimed_until)
    mine.update(state=ApiRequest.State.DONE, status=status, sealed_body=seal(body))


def let_go(row: ApiRequest) -> None:
    """Keep no answer, for a repetition may get a better one: it is carried out at once, under the same row.

    The row stays, because what the request may have made already is found by its number.
    """
    ApiRequest.objects.filter(pk=row.pk, claimed_until=row.claimed_until).update(claimed_until=row.created_at)


def _replay(row: ApiRequest) -> Replay:
    try:
        return Replay(int(row.status or 500), unseal(row.sealed_body), row.request_id)
    except Unreadable:
        raise ApiError(
            500, "The first answer to this key can't be read any more; ask for the object itself.", type="api_error"
        ) from None
