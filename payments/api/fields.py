"""Kinds of parameters, as data: each cleans what came and describes itself for the OpenAPI document.

A cleaned form holds only what was given. None stands for an empty text, which unsets where the field `may_unset`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from .errors import ApiError, wrong

_DIGITS = re.compile(r"-?[0-9]{1,30}")
LATEST = 253402214400  # the last day of the year 9999: a second more is still a moment that Python knows


@dataclass(frozen=True, kw_only=True)
class Field:
    """Be one parameter."""

    is_required: bool = False
    may_unset: bool = False
    says: str = ""

    def clean(self, value: Any, name: str) -> Any:
        """Return the value in Python's terms, or raise an ApiError that names the parameter."""
        if value == "":
            if self.may_unset:
                return None
            raise wrong(
                name,
                f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value.",
                "parameter_invalid_empty",
            )
        if not isinstance(value, str):
            raise wrong(name, f"Invalid string: {name} must not be a hash or an array.", "parameter_invalid_string")
        return self.read(value, name)

    def read(self, value: str, name: str) -> Any:
        return value

    def described(self) -> dict[str, Any]:
        """Return the JSON schema."""
        made = self.schema()
        if self.may_unset:
            made = {"anyOf": [made, {"type": "string", "enum": [""]}]}
        return {**made, **({"description": self.says} if self.says else {})}

    def schema(self) -> dict[str, Any]:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    longest: int = 500

    def read(self, value: str, name: str) -> str:
        if len(value) > self.longest:
            raise wrong(
                name,
                f"Invalid string: {name} must be at most {self.longest} characters.",
                "parameter_invalid_string_too_long",
            )
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.longest}


@dataclass(frozen=True, kw_only=True)
class Address(Text):
    longest: int = 2048

    def read(self, value: str, name: str) -> str:
        value = super().read(value, name)
        try:
            parts = urlsplit(value)
            fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            fits = False
        if not fits or re.search(r"[\s<>\"\\]", value):
            raise wrong(name, "Not a valid URL", "url_invalid")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uri", "maxLength": self.longest}


@dataclass(frozen=True, kw_only=True)
class Whole(Field):
    """Take a whole number. Of an amount, what is below or above has codes of its own."""

    least: int = 0
    most: int = 2**63 - 1
    below: str = "parameter_invalid_integer"
    above: str = "parameter_invalid_integer"

    def read(self, value: str, name: str) -> int:
        if not _DIGITS.fullmatch(value):
            raise wrong(name, f"Invalid integer: {value[:40]}", "parameter_invalid_integer")
        number = int(value)
        if number < self.least:
            code = "parameter_invalid_integer" if number < 0 else self.below
            raise wrong(name, f"This value must be greater than or equal to {self.least}.", code)
        if number > self.most:
            raise wrong(name, f"This value must be less than or equal to {self.most}.", self.above)
        return number

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "format": "int64", "minimum": self.least, "maximum": self.most}


def amount(*, least: int = 1, is_required: bool = False, says: str = "In fen.") -> Whole:
    """Declare an amount: 1 fen to Alipay's limit, 100,000,000.00 yuan."""
    return Whole(
        least=least, most=10**10, below="amount_too_small", above="amount_too_large", is_required=is_required, says=says
    )


@dataclass(frozen=True, kw_only=True)
class Flag(Field):
    def read(self, value: str, name: str) -> bool:
        if value not in {"true", "false"}:
            raise wrong(name, f"Invalid boolean: {value[:40]}", "parameter_invalid_boolean")
        return value == "true"

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    values: tuple[str, ...]

    def read(self, value: str, name: str) -> str:
        if value not in self.values:
            raise wrong(name, f"Invalid {name}: must be one of {', '.join(self.values)}", "parameter_invalid_string")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.values)}


@dataclass(frozen=True, kw_only=True)
class Moment(Field):
    """Take seconds since 1970."""

    def read(self, value: str, name: str) -> datetime:
        seconds = Whole(most=LATEST).read(value, name)
        return datetime.fromtimestamp(seconds, UTC)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "format": "unix-time"}


@dataclass(frozen=True, kw_only=True)
class Metadata(Field):
    """Take names and values. An empty value deletes a name, an empty `metadata` all of them."""

    may_unset: bool = True

    def clean(self, value: Any, name: str) -> dict[str, str] | None:
        if value == "":
            return None
        if not isinstance(value, dict):
            raise wrong(name, "Invalid hash", "parameter_invalid_string")
        if len(value) > 50:
            raise wrong(name, "Metadata can have up to 50 keys.", "parameter_invalid_string")
        for key, text in value.items():
            path = f"{name}[{key}]"
            if not isinstance(text, str):
                raise wrong(path[:120], "Metadata values must be strings.", "parameter_invalid_string")
            if len(key) > 40:
                raise wrong(
                    path[:120], "Metadata keys must be at most 40 characters.", "parameter_invalid_string_too_long"
                )
            if len(text) > 500:
                raise wrong(
                    path, "Metadata values must be at most 500 characters.", "parameter_invalid_string_too_long"
                )
        return dict(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "string", "maxLength": 500}, "maxProperties": 50}


@dataclass(frozen=True, kw_only=True)
class Several(Field):
    """Take an array."""

    of: Field
    most: int = 100

    def clean(self, value: Any, name: str) -> list[Any] | None:
        if value == "":
            super().clean(value, name)  # refuses
            return None
        if not isinstance(value, dict) or not all(key.isascii() and key.isdigit() for key in value):
            raise wrong(name, "Invalid array", "parameter_invalid_array")
        if len(value) > self.most:
            raise wrong(name, f"Array too long: {name} takes {self.most} values at most.", "parameter_invalid_array")
        numbered = sorted(value.items(), key=lambda item: (len(item[0]), item[0]))
        return [self.of.clean(one, f"{name}[{number}]") for number, one in numbered]

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.of.described(), "maxItems": self.most}


@dataclass(frozen=True, kw_only=True)
class Group(Field):
    """Take a hash of declared parameters."""

    fields: Mapping[str, Field] = field(default_factory=dict)

    def clean(self, value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong(name, "Invalid hash", "parameter_invalid_string")
        return clean_form(self.fields, value, within=name)

    def schema(self) -> dict[str, Any]:
        return object_schema(self.fields)


@dataclass(frozen=True, kw_only=True)
class Range(Group):
    """Take one moment, or a range as `[gt]`, `[gte]`, `[lt]`, `[lte]`."""

    fields: Mapping[str, Field] = field(default_factory=lambda: {name: Moment() for name in ("gt", "gte", "lt", "lte")})

    def clean(self, value: Any, name: str) -> dict[str, Any]:
        if isinstance(value, str):
            return {"is": Moment().clean(value, name)}
        return super().clean(value, name)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [object_schema(self.fields), Moment().schema()]}


def required(one: Field) -> Field:
    """Return a field that has to be given."""
    return replace(one, is_required=True)


def clean_form(fields: Mapping[str, Field], tree: Mapping[str, Any], *, within: str = "") -> dict[str, Any]:
    """Clean a form or a hash of it. Refuses what is unknown, then what is missing, then what is wrong."""

    def path(name: str) -> str:
        return f"{within}[{name}]" if within else name

    unknown = [path(name)[:120] for name in tree if name not in fields]
    if unknown:
        some = "s" if len(unknown) > 1 else ""
        message = f"Received unknown parameter{some}: {', '.join(unknown[:10])}"
        raise ApiError(400, message, code="parameter_unknown", param=unknown[0])
    for name, one in fields.items():
        if one.is_required and name not in tree:
            raise wrong(path(name), f"Missing required param: {path(name)}.", "parameter_missing")
    return {name: fields[name].clean(value, path(name)) for name, value in tree.items()}


def object_schema(fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the JSON schema of a hash of parameters."""
    needed = [name for name, one in fields.items() if one.is_required]
    made: dict[str, Any] = {
        "type": "object",
        "properties": {name: one.described() for name, one in fields.items()},
        "additionalProperties": False,
    }
    return {**made, "required": needed} if needed else made
