"""Verbs of parties: enter, change, offer, declare and check, tell."""

from .entry import enter_buyer, enter_firm
from .members import add_member, remove_member, set_powers
from .offerings import announce_offerings, offer_service, offer_services, refresh_offerings, withdraw_offering
from .organizations import (
    change_organization,
    notify_organization,
    notify_organizations,
    prolong_suspension,
    remove_organization,
    restore_organization,
    suspend_organization,
)
from .publicity import dismiss_objection, end_publicity, object_to_publicity, uphold_objection
from .qualifications import (
    confirm_qualification,
    declare_qualification,
    end_qualification,
    refuse_qualification,
)
from .shareholdings import set_shareholdings

__all__ = [
    "add_member",
    "announce_offerings",
    "change_organization",
    "confirm_qualification",
    "declare_qualification",
    "dismiss_objection",
    "end_publicity",
    "end_qualification",
    "enter_buyer",
    "enter_firm",
    "notify_organization",
    "notify_organizations",
    "object_to_publicity",
    "offer_service",
    "offer_services",
    "prolong_suspension",
    "refresh_offerings",
    "refuse_qualification",
    "remove_member",
    "remove_organization",
    "restore_organization",
    "set_powers",
    "set_shareholdings",
    "suspend_organization",
    "uphold_objection",
    "withdraw_offering",
]
