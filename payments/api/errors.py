"""Errors as /v1 says them: Stripe's JSON, in English, and the table that turns our refusals into them."""

from __future__ import annotations

from typing import Any, NamedTuple

from marketplace.core.refusals import Refused

INVALID = "invalid_request_error"
API = "api_error"
IDEMPOTENCY = "idempotency_error"


class ApiError(Exception):
    """Be answered with `status` and Stripe's error object.

    `is_stored` says whether the answer is remembered under the Idempotency-Key when it arises while a request is
    carried out; what a repetition may cure is not. `headers` go out with it.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type: str = INVALID,  # noqa: A002 - Stripe's word
        is_stored: bool = True,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(code or message)
        self.status, self.message, self.code, self.param = status, message, code, param
        self.type, self.is_stored, self.headers, self.more = type, is_stored, headers or {}, more

    def body(self) -> dict[str, Any]:
        """Return the JSON of the answer; what does not apply is left out."""
        said = {"type": self.type, "code": self.code, "message": self.message, "param": self.param, **self.more}
        return {"error": {name: value for name, value in said.items() if value is not None}}


def missing(kind: str, name: str, *, param: str = "id") -> ApiError:
    """Say that there is no such object."""
    return ApiError(404, f"No such {kind}: '{name}'", code="resource_missing", param=param)


def wrong(param: str, message: str, code: str | None = None) -> ApiError:
    """Say what is wrong with a parameter."""
    return ApiError(400, message, code=code, param=param)


class Said(NamedTuple):
    """How /v1 says one of our refusals."""

    status: int
    code: str | None
    param: str | None
    message: str
    is_stored: bool = True
    type: str = INVALID


# The refusals of payments' actions. A code that is not here is a mistake of ours and answers 500.
REFUSALS = {
    "amount_invalid": Said(400, "parameter_invalid_integer", "amount", "Amount must be between 1 and 10000000000 fen."),
    "amount_too_large": Said(
        400, "amount_too_large", "amount", "The amount is greater than what is still held of the payment."
    ),
    "amount_too_small": Said(400, "amount_too_small", "amount", "Amount must be at least 10 fen (¥0.10)."),
    "attempt_unresolved": Said(
        409, "lock_timeout", None, "The last attempt is being cleared up with Alipay. Try again in a while.", False
    ),
    "balance_insufficient": Said(
        400, "balance_insufficient", "amount", "The amount is greater than what is still held of the payment."
    ),
    "charge_already_refunded": Said(
        400, "charge_already_refunded", None, "Nothing is left of this charge: it has been refunded or transferred."
    ),
    "enabled_events_invalid": Said(
        400, "parameter_invalid_string", "enabled_events", "Unknown event type in enabled_events."
    ),
    "endpoint_deleted": Said(404, "resource_missing", "id", "No such webhook endpoint: it has been deleted."),
    "endpoint_disabled": Said(400, "endpoint_disabled", "webhook_endpoint", "This webhook endpoint is disabled."),
    "expires_in_invalid": Said(
        400, "parameter_invalid_integer", "expires_in", "The old secret is kept for 604800 seconds at most."
    ),
    "gateway_silent": Said(
        503, "gateway_silent", None, "Alipay does not answer now. Repeat the request.", False, type=API
    ),
    "metadata_invalid": Said(
        400, "parameter_invalid_string", "metadata", "Metadata: 50 keys of 40 characters, values of 500 characters."
    ),
    "nobody_listens": Said(400, "nobody_listens", None, "No enabled webhook endpoint wants events of this type."),
    "state_conflict": Said(400, "payment_intent_unexpected_state", None, "The payment's status does not allow this."),
    "transfer_already_reversed": Said(
        400, "transfer_already_reversed", None, "This transfer has been reversed wholly."
    ),
    "too_many_endpoints": Said(400, "too_many_endpoints", None, "16 webhook endpoints at most may be registered."),
    "way_refused": Said(
        402, "payment_intent_payment_attempt_failed", None, "Alipay declined this way to pay.", type="card_error"
    ),
    "webhook_url_invalid": Said(400, "url_invalid", "url", "Invalid URL: it must be public and start with https."),
}


def from_refusal(refused: Refused, **more: Any) -> ApiError:
    """Turn a refusal of an action into its error; its own sentence is for people on pages and stays there."""
    said = REFUSALS.get(refused.code)
    if said is None:
        raise refused
    headers = {} if said.is_stored else {"Stripe-Should-Retry": "true"}
    return ApiError(
        said.status,
        said.message,
        code=said.code,
        param=said.param,
        type=said.type,
        is_stored=said.is_stored,
        headers=headers,
        **more,
    )


def in_use() -> ApiError:
    """Return the refusal of a request whose key is at work at this moment."""
    return ApiError(
        409,
        "There is currently another in-progress request using this idempotency key. Please try again later.",
        code="idempotency_key_in_use",
        type=IDEMPOTENCY,
        is_stored=False,
        headers={"Stripe-Should-Retry": "true"},
    )


def not_permitted(scope: str, *, writes: bool) -> ApiError:
    """Return the refusal of a key that does not reach a resource."""
    right = "write" if writes else "read"
    return ApiError(
        403,
        f"The provided key does not have the required permissions for this endpoint: '{scope}' {right}.",
        code="more_permissions_required",
    )
