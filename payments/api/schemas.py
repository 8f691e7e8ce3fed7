"""What goes out, as data: the properties of each object and their kinds, for the OpenAPI document. Tests hold the shapes to it.

`name:kind` where kind is int, str, bool, map (metadata), list, obj (a hash) or =text (that text); ? means it may be null.
A property that expand[] may turn into an object has the object's name after a slash.
"""

from __future__ import annotations

from typing import Any

OBJECTS = {
    "payment_intent": """id:str object:=payment_intent amount:int amount_capturable:int amount_details:obj amount_received:int
        application:str? application_fee_amount:int? automatic_payment_methods:obj? canceled_at:int?
        cancellation_reason:str? capture_method:=automatic client_secret:str confirmation_method:=automatic created:int
        currency:str customer:str? description:str? last_payment_error:obj? latest_charge:str?/charge livemode:bool
        metadata:map next_action:obj? on_behalf_of:str?/account payment_method:str? payment_method_options:obj
        payment_method_types:list processing:obj? receipt_email:str? review:str? setup_future_usage:str? shipping:obj?
        source:str? statement_descriptor:str? statement_descriptor_suffix:str? status:str transfer_data:obj?
        transfer_group:str""",
    "charge": """id:str object:=charge amount:int amount_captured:int amount_refunded:int application:str?
        application_fee_amount:int? balance_transaction:str?/balance_transaction captured:bool created:int currency:str
        customer:str? description:str? disputed:bool failure_code:str? failure_message:str? livemode:bool metadata:map
        on_behalf_of:str?/account outcome:obj? paid:bool payment_intent:str/payment_intent payment_method:str?
        payment_method_details:obj receipt_email:str? refunded:bool status:str transfer_group:str""",
    "refund": """id:str object:=refund amount:int balance_transaction:str?/balance_transaction charge:str/charge created:int
        currency:str destination_details:obj failure_reason:str? metadata:map payment_intent:str/payment_intent
        reason:str receipt_number:str? source_transfer_reversal:str? status:str transfer_reversal:str?""",
    "transfer": """id:str object:=transfer amount:int amount_reversed:int balance_transaction:str?/balance_transaction
        created:int currency:str description:str? destination:str/account destination_payment:str? livemode:bool
        metadata:map reversals:obj reversed:bool source_transaction:str/charge source_type:str status:str
        transfer_group:str""",
    "balance": "object:=balance available:list livemode:bool pending:list",
    "balance_transaction": """id:str object:=balance_transaction amount:int available_on:int balance_type:str created:int
        currency:str description:str? exchange_rate:int? fee:int fee_details:list net:int reporting_category:str
        source:str?/any status:str type:str""",
    "event": """id:str object:=event api_version:str created:int data:obj livemode:bool pending_webhooks:int request:obj
        type:str""",
    "webhook_endpoint": """id:str object:=webhook_endpoint api_version:str? application:str? created:int description:str?
        enabled_events:list livemode:bool metadata:map status:str url:str""",
    "account": """id:str object:=account business_profile:obj business_type:str capabilities:obj charges_enabled:bool
        country:str created:int default_currency:str details_submitted:bool email:str? metadata:map payouts_enabled:bool
        type:str""",
}
# Properties that are there at times only.
AT_TIMES = {
    "webhook_endpoint": {"secret": {"type": "string", "description": "When it is made or rolled, and never again."}}
}
KINDS: dict[str, dict[str, Any]] = {
    "int": {"type": "integer", "format": "int64"},
    "str": {"type": "string"},
    "bool": {"type": "boolean"},
    "map": {"type": "object", "additionalProperties": {"type": "string"}},
    "list": {"type": "array", "items": {}},
    "obj": {"type": "object"},
}


def object_of(name: str) -> dict[str, Any]:
    """Return the JSON schema of an object that goes out."""
    properties = {}
    for word in OBJECTS[name].split():
        prop, _colon, kind = word.partition(":")
        properties[prop] = _property(kind)
    needed = list(properties)
    return {
        "type": "object",
        "properties": {**properties, **AT_TIMES.get(name, {})},
        "required": needed,
        "additionalProperties": False,
    }


def _property(kind: str) -> dict[str, Any]:
    kind, _slash, target = kind.partition("/")
    is_nullable, kind = kind.endswith("?"), kind.rstrip("?")
    made = {"type": "string", "enum": [kind[1:]]} if kind.startswith("=") else dict(KINDS[kind])
    if target:
        made = {"anyOf": [made, {"type": "object"} if target == "any" else {"$ref": f"#/components/schemas/{target}"}]}
    if not is_nullable:
        return made
    return (
        {"anyOf": [*made["anyOf"], {"type": "null"}]} if "anyOf" in made else {**made, "type": [made["type"], "null"]}
    )


def list_of(name: str) -> dict[str, Any]:
    """Return the JSON schema of a page of objects."""
    return {
        "type": "object",
        "properties": {
            "object": {"type": "string", "enum": ["list"]},
            "data": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            "has_more": {"type": "boolean"},
            "url": {"type": "string"},
        },
        "required": ["object", "data", "has_more", "url"],
        "additionalProperties": False,
    }


ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "type": {
                    "type": "string",
                    "enum": ["api_error", "card_error", "idempotency_error", "invalid_request_error"],
                },
                "code": {"type": "string"},
                "message": {"type": "string"},
                "param": {"type": "string"},
                "payment_intent": {"$ref": "#/components/schemas/payment_intent"},
            },
            "required": ["type", "message"],
        }
    },
    "required": ["error"],
}
