"""Who may do what with payments: predicates on (user, object)."""

from __future__ import annotations

from typing import Any

import rules

from marketplace.parties.access import is_member
from marketplace.parties.models import Membership

from .models import PaymentIntent


@rules.predicate
def is_payer(user: Any, intent: PaymentIntent) -> bool:
    """Only members of the organization that owes the money, with this power, pay it and cancel it."""
    return intent.payer is not None and is_member(user, intent.payer, power=Membership.Power.PAY)


@rules.predicate
def is_of_payer(user: Any, intent: PaymentIntent) -> bool:
    """Members of the organization that owes the money see its page."""
    return intent.payer is not None and is_member(user, intent.payer)


@rules.predicate
def is_payee(user: Any, intent: PaymentIntent) -> bool:
    """Only members of the organization that the money is for, with this power, issue its invoice."""
    return intent.payee is not None and is_member(user, intent.payee, power=Membership.Power.PAY)


@rules.predicate
def is_party(user: Any, intent: PaymentIntent) -> bool:
    """Members of the payer and of the payee."""
    return any(side is not None and is_member(user, side) for side in (intent.payer, intent.payee))


is_staff = rules.is_staff

rules.add_perm("payments.pay", is_payer)
rules.add_perm("payments.view", is_of_payer | is_staff)
rules.add_perm("payments.refund", is_payer | is_staff)
rules.add_perm("payments.transfer", is_payer | is_staff)
rules.add_perm("payments.request_invoice", is_payer)
rules.add_perm("payments.issue_invoice", is_payee)
rules.add_perm("payments.view_invoice", is_party | is_staff)
