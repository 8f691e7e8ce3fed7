"""Verbs of parties: enter, change, offer, declare and check, tell."""

from .certificates import end_certificate, renew_certificate
from .claims import file_claim, grant_claim, refuse_claim
from .declarations import declare_qualification
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
    end_qualification,
    refuse_qualification,
    renew_qualification,
)
from .shareholdings import set_shareholdings
from .spot_checks import commit_round, draw_round, fail_spot_check, fix_population, pass_spot_check

__all__ = [
    "add_member",
    "announce_offerings",
    "change_organization",
    "commit_round",
    "confirm_qualification",
    "declare_qualification",
    "dismiss_objection",
    "draw_round",
    "end_certificate",
    "end_publicity",
    "end_qualification",
    "enter_buyer",
    "enter_firm",
    "fail_spot_check",
    "file_claim",
    "fix_population",
    "grant_claim",
    "notify_organization",
    "notify_organizations",
    "object_to_publicity",
    "offer_service",
    "offer_services",
    "pass_spot_check",
    "prolong_suspension",
    "refresh_offerings",
    "refuse_claim",
    "refuse_qualification",
    "remove_member",
    "remove_organization",
    "renew_certificate",
    "renew_qualification",
    "restore_organization",
    "set_powers",
    "set_shareholdings",
    "suspend_organization",
    "uphold_objection",
    "withdraw_offering",
]
