"""Who may do what with a contract: its two sides each their part, administrators read."""

from __future__ import annotations

from typing import Any

import rules

from marketplace.parties.access import is_member

from .models import Contract


@rules.predicate
def acts_for_buyer(user: Any, contract: Contract) -> bool:
    """Tell whether `user` acts for the owner of this contract."""
    return is_member(user, contract.buyer)


@rules.predicate
def acts_for_supplier(user: Any, contract: Contract) -> bool:
    """Tell whether `user` acts for the firm of this contract."""
    return is_member(user, contract.supplier)


may_read = acts_for_buyer | acts_for_supplier | rules.is_staff

rules.add_perm("contracts.read_contract", may_read)
rules.add_perm("contracts.revise_contract", acts_for_buyer)
rules.add_perm("contracts.offer_contract", acts_for_buyer)
rules.add_perm("contracts.sign_contract", acts_for_buyer | acts_for_supplier)
rules.add_perm("contracts.pay_milestone", acts_for_buyer)
rules.add_perm("contracts.deliver_milestone", acts_for_supplier)
rules.add_perm("contracts.accept_milestone", acts_for_buyer)
