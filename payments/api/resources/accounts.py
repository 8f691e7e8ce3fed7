"""/v1/accounts: the firms of the marketplace as connected accounts, to be read; entry is the marketplace's own."""

from __future__ import annotations

from functools import partial

from marketplace.parties.models import Organization
from payments.api.lists import CREATED, PAGE, Page, page, within
from payments.api.lookup import find, firms, pk_of
from payments.api.routes import Call, Route


def retrieve(call: Call) -> Organization:
    firm: Organization = find("account", call.ids["id"])
    return firm


def every(call: Call) -> Page:
    rows = firms().filter(within(call.form.get("created"), "entered_at"))
    return page(call, rows, url="/v1/accounts", kind="account", moment="entered_at", pk_of=partial(pk_of, "account"))


ROUTES = (
    Route(
        method="GET",
        path="accounts",
        operation="list_accounts",
        scope="accounts",
        says="List the firms that money may be held for.",
        answers="account",
        act=every,
        fields={**PAGE, **CREATED},
        is_list=True,
    ),
    Route(
        method="GET",
        path="accounts/{id}",
        operation="retrieve_account",
        scope="accounts",
        says="Read a firm.",
        answers="account",
        act=retrieve,
    ),
)
