"""/v1/charges: the attempts at payments."""

from __future__ import annotations

from payments.api.fields import Text
from payments.api.lists import CREATED, PAGE, Page, page, within
from payments.api.lookup import find
from payments.api.routes import Call, Route
from payments.models import Charge
from payments.shapes.balances import with_bookings


def retrieve(call: Call) -> Charge:
    charge: Charge = find("charge", call.ids["id"])
    return charge


def every(call: Call) -> Page:
    rows = with_bookings(Charge.objects.select_related("intent").prefetch_related("refunds"), "charge:")
    rows = rows.filter(within(call.form.get("created")))
    if "payment_intent" in call.form:
        rows = rows.filter(intent=call.form["payment_intent"])
    if "transfer_group" in call.form:
        rows = rows.filter(intent__transfer_group=call.form["transfer_group"])
    return page(call, rows, url="/v1/charges", kind="charge")


ROUTES = (
    Route(
        method="GET",
        path="charges",
        operation="list_charges",
        scope="charges",
        says="List attempts.",
        answers="charge",
        act=every,
        fields={**PAGE, **CREATED, "payment_intent": Text(longest=64), "transfer_group": Text(longest=100)},
        is_list=True,
    ),
    Route(
        method="GET",
        path="charges/{id}",
        operation="retrieve_charge",
        scope="charges",
        says="Read an attempt.",
        answers="charge",
        act=retrieve,
    ),
)
