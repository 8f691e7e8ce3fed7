"""What a route of /v1 is, as data: the entry, the scopes and the OpenAPI document read nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from marketplace.parties.models import Organization
from payments.models import ApiKey, ApiRequest

from .errors import in_use
from .fields import Field, Several, Text

EXPAND = Several(of=Text(longest=200), most=20, says="Objects to put in place of their ids, up to 4 levels deep.")


@dataclass(frozen=True, kw_only=True)
class Call:
    """Be one request that may be carried out: authenticated, routed, its form clean."""

    key: ApiKey
    ids: Mapping[str, str]
    form: Mapping[str, Any]
    now: datetime
    request_id: str
    remembered: ApiRequest | None = None
    account: Organization | None = None
    expands: Mapping[str, Any] = field(default_factory=dict)

    @property
    def action_key(self) -> str:
        """Return the key under which an action acts once, however often this request is carried out."""
        return f"v1:{self.remembered.pk if self.remembered else self.request_id}"

    @property
    def made_before(self) -> str:
        """Return the id of what an interrupted run of this request has made, or nothing."""
        return self.remembered.object_id if self.remembered else ""

    def note(self, object_id: str) -> None:
        """Note what this request makes; call it in the transaction that makes it.

        Refuses when another process has taken the request over meanwhile: what this one was about to make is not made.
        """
        if self.remembered is None:
            return
        row = ApiRequest.objects.filter(
            pk=self.remembered.pk, claimed_until=self.remembered.claimed_until, object_id=""
        )
        if not row.update(object_id=object_id):
            raise in_use()
        self.remembered.object_id = object_id


@dataclass(frozen=True, kw_only=True)
class Route:
    """Answer `method path`, where ``{name}`` in the path stands for an id.

    `scope` is the resource that a restricted key has to hold. `answers` names the shape that goes out, `is_list` a page
    of them. `check` refuses forms whose parameters do not go together. `for_publishable` lets pk_ keys in;
    `for_account` takes the Stripe-Account header.
    """

    method: str
    path: str
    operation: str
    scope: str
    says: str
    answers: str
    act: Callable[[Call], Any]
    fields: Mapping[str, Field] = field(default_factory=dict)
    check: Callable[[Mapping[str, Any]], None] | None = None
    is_list: bool = False
    for_publishable: bool = False
    for_account: bool = False

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @cached_property
    def form(self) -> dict[str, Field]:
        """Return every parameter that the route takes."""
        return {**self.fields, "expand": EXPAND}

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[A-Za-z0-9_]{1,64})", self.path))
