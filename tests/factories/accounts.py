"""People for tests."""

from __future__ import annotations

import itertools
from typing import Any

from marketplace.accounts.actions import create_account
from marketplace.accounts.models import User

PASSWORD = "river-copper-27"
_numbers = itertools.count(1)


def make_user(**overrides: Any) -> User:
    """Open an account (password: PASSWORD); `is_staff=True` makes an administrator."""
    number = next(_numbers)
    staff = overrides.pop("is_staff", False)
    superuser = overrides.pop("is_superuser", False)
    values = {
        "username": f"person{number}",
        "password": PASSWORD,
        "display_name": f"张{number}",
        "phone": f"139{number:08d}",
        "email": f"person{number}@example.invalid",
    }
    user = create_account(**{**values, **overrides})
    if staff or superuser:
        user.is_staff, user.is_superuser = True, superuser
        user.save(update_fields=["is_staff", "is_superuser"])
    return user


def make_admin(**overrides: Any) -> User:
    """Open the account of an administrator."""
    return make_user(is_staff=True, is_superuser=True, **overrides)
