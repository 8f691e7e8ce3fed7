"""React to awards, payments and acceptances: draw up, fund, settle."""

from __future__ import annotations

from marketplace.awards.models import Award
from marketplace.core.events import on
from marketplace.core.models import Event
from payments.models import PaymentIntent, Transfer

from .actions import draft_contract, fund_milestone, request_settlement, settle_milestone
from .models import Milestone


@on("award_confirmed")
def draft(event: Event) -> None:
    """Draw up the contract of a confirmed award."""
    draft_contract(award=Award.objects.select_related("tender").get(pk=event.data["award"]), now=event.at)


def _milestone(event: Event) -> Milestone | None:
    """Return the milestone that a payment's metadata names, within the event's own process."""
    wanted = str(event.data.get("metadata", {}).get("milestone", ""))
    if not wanted.isdecimal():
        return None
    return (
        Milestone.objects.select_related("contract__tender")
        .filter(pk=int(wanted), contract__tender__process=event.process)
        .first()
    )


@on("payment_intent_succeeded")
def fund(event: Event) -> None:
    """Note that a milestone's money is held; payments for other things are not ours."""
    milestone = _milestone(event)
    if milestone is not None:
        intent = PaymentIntent.objects.get(pk=event.data["payment_intent"])
        fund_milestone(milestone=milestone, payment_intent=intent, now=event.at)


@on("milestone_accepted")
def pay_out(event: Event) -> None:
    """Send the accepted milestone's money to the firm."""
    milestone = Milestone.objects.select_related("contract").get(pk=int(event.subject_id))
    request_settlement(milestone=milestone, now=event.at)


@on("transfer_paid")
def settle(event: Event) -> None:
    """Note that the firm has its money."""
    milestone = _milestone(event)
    if (
        milestone is not None
        and Transfer.objects.filter(pk=event.data["transfer"], key=f"milestone-{milestone.pk}").exists()
    ):
        settle_milestone(milestone=milestone, now=event.at)
