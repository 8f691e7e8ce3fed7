"""The OpenAPI description of /v1, made of the same routes and fields that requests are checked by."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from marketplace.core.openapi import served
from payments.shapes.webhooks import API_VERSION

from .fields import object_schema
from .resources import ROUTES
from .routes import Route
from .schemas import ERROR, OBJECTS, list_of, object_of

STATUSES = {
    "400": "The request is wrong, or the object's state does not allow it.",
    "401": "No key, or one that is unknown or revoked.",
    "403": "The key does not reach this.",
    "404": "There is no such object.",
    "409": "Another request is using the object or the Idempotency-Key; repeat it.",
    "413": "More than 1 MB.",
    "429": "Too many requests of this key.",
    "500": "A mistake of ours.",
    "503": "Alipay does not answer; repeat the request.",
}


@cache
def document() -> dict[str, Any]:
    """Return the description; paths in the order of the routes."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(f"/v1/{route.path}", {})[route.method.lower()] = _operation(route)
    said = {"$ref": "#/components/schemas/error"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Payments",
            "version": API_VERSION,
            "description": "Stripe's objects and semantics over Alipay; docs/payments_api.md says what differs.",
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "The key as user name, no password."},
            },
            "responses": {
                status: {"description": words, "content": {"application/json": {"schema": said}}}
                for status, words in STATUSES.items()
            },
            "schemas": {**{name: object_of(name) for name in OBJECTS}, "error": ERROR},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    given = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    made: dict[str, Any] = {"operationId": route.operation, "summary": route.says, "tags": [route.scope]}
    if route.method == "POST":
        given.append(_header("Idempotency-Key", {"type": "string", "maxLength": 255}))
        made["requestBody"] = _body(route)
    else:
        given += [_query(name, field.described(), field.is_required) for name, field in route.form.items()]
    if route.for_account:
        given.append(_header("Stripe-Account", {"type": "string"}))
    answer = list_of(route.answers) if route.is_list else {"$ref": f"#/components/schemas/{route.answers}"}
    if route.method == "DELETE":
        deleted = {"id": {"type": "string"}, "object": {"type": "string"}, "deleted": {"type": "boolean"}}
        answer = {"type": "object", "properties": deleted, "required": list(deleted)}
    return {
        **made,
        "parameters": given,
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": answer}}},
            **{status: {"$ref": f"#/components/responses/{status}"} for status in STATUSES},
        },
    }


def _body(route: Route) -> dict[str, Any]:
    schema = object_schema(route.form)
    nested = {
        name: {"style": "deepObject", "explode": True}
        for name, made in schema["properties"].items()
        if _is_nested(made)
    }
    content: dict[str, Any] = {"schema": schema, **({"encoding": nested} if nested else {})}
    return {"required": "required" in schema, "content": {"application/x-www-form-urlencoded": content}}


def _query(name: str, schema: dict[str, Any], is_required: bool) -> dict[str, Any]:
    made = {"name": name, "in": "query", "required": is_required, "schema": schema}
    return {**made, "style": "deepObject", "explode": True} if _is_nested(schema) else made


def _is_nested(schema: dict[str, Any]) -> bool:
    return any(one.get("type") in {"array", "object"} for one in (schema, *schema.get("anyOf", ())))


def _header(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": schema}


serve_json, serve_yaml = served(document)
