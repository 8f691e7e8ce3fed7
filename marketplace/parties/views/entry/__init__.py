"""Entry 入驻 of a firm: the code, what the library knows, contact and services, missing certificates, the letter."""

from .certificates import enter_certificates
from .check import enter_check, entered, letter
from .contact import enter_organization, enter_services, find_services
from .start import check_code, discard, enter, invited

__all__ = [
    "check_code",
    "discard",
    "enter",
    "enter_certificates",
    "enter_check",
    "enter_organization",
    "enter_services",
    "entered",
    "find_services",
    "invited",
    "letter",
]
