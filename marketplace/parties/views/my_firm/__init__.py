"""One's own organization, a room per noun: overview and profile, services, certificates, people, readings of the library."""

from .certificates import declare
from .overview import my_firm, profile, readings, switch
from .people import change_member, member, members, remove
from .services import offer, withdraw

__all__ = [
    "change_member",
    "declare",
    "member",
    "members",
    "my_firm",
    "offer",
    "profile",
    "readings",
    "remove",
    "switch",
    "withdraw",
]
