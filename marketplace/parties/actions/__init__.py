"""Verbs of parties: enter, change, offer, declare and check, tell."""

from .entry import enter_buyer, enter_firm
from .offerings import offer_service, refresh_offerings, withdraw_offering
from .organizations import (
    add_member,
    change_organization,
    notify_organization,
    notify_organizations,
    prolong_suspension,
    remove_organization,
    restore_organization,
    suspend_organization,
)
from .qualifications import (
    confirm_qualification,
    declare_qualification,
    end_qualification,
    refuse_qualification,
)
from .shareholdings import set_shareholdings

__all__ = [
    "add_member",
    "change_organization",
    "confirm_qualification",
    "declare_qualification",
    "end_qualification",
    "enter_buyer",
    "enter_firm",
    "notify_organization",
    "notify_organizations",
    "offer_service",
    "prolong_suspension",
    "refresh_offerings",
    "refuse_qualification",
    "remove_organization",
    "restore_organization",
    "set_shareholdings",
    "suspend_organization",
    "withdraw_offering",
]
