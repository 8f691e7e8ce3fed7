"""Who may do what with a contract: its two sides each their part, administrators read."""

from __future__ import annotations

from typing import Any

import rules

from marketplace.parties.access import is_member
from marketplace.parties.models import Membership

from .models import Contract


@rules.predicate
def acts_for_buyer(user: Any, contract: Contract) -> bool:
    """Tell whether `user` acts for the owner of this contract."""
    return is_member(user, contract.buyer)


@rules.predicate
def acts_for_supplier(user: Any, contract: Contract) -> bool:
    """Tell whether `user` acts for the firm of this contract."""
    return is_member(user, contract.supplier)


def _with(side: str, power: str) -> Any:
    """Make the predicate for members of one side who have a power."""

    def has(user: Any, contract: Contract) -> bool:
        return is_member(user, getattr(contract, side), power=power)

    return rules.predicate(has, name=f"{side}:{power}")


Power = Membership.Power
may_read = acts_for_buyer | acts_for_supplier | rules.is_staff

rules.add_perm("contracts.read_contract", may_read)
rules.add_perm("contracts.revise_contract", _with("buyer", Power.SIGN))
rules.add_perm("contracts.offer_contract", _with("buyer", Power.SIGN))
rules.add_perm("contracts.sign_contract", _with("buyer", Power.SIGN) | _with("supplier", Power.SIGN))
rules.add_perm("contracts.pay_milestone", _with("buyer", Power.PAY))
rules.add_perm("contracts.deliver_milestone", _with("supplier", Power.DELIVER))
rules.add_perm("contracts.accept_milestone", _with("buyer", Power.DELIVER))
