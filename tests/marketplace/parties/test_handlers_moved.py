"""Deliveries that were owed before the handlers of messages moved reach them under their new name."""

from importlib import import_module

import pytest
from django.apps import apps

from marketplace.core.models import Delivery
from marketplace.parties.handlers import messages
from tests.factories.parties import make_firm

pytestmark = pytest.mark.django_db
migration = import_module("marketplace.parties.migrations.0009_handlers_moved")


def test_what_was_owed_under_the_old_name_is_owed_under_the_new_one_and_back():
    make_firm()
    owed = Delivery.objects.filter(handler__startswith="marketplace.parties.handlers.messages.")
    before = sorted(owed.values_list("pk", "handler"))
    assert before
    assert {f"{messages.__name__}.{name}" for name in migration.MOVED} >= {handler for _pk, handler in before}
    migration.rename(apps, migration.NEW, migration.OLD)
    assert not owed.exists()
    migration.rename(apps, migration.OLD, migration.NEW)
    assert sorted(owed.values_list("pk", "handler")) == before


def test_every_handler_that_moved_is_there():
    assert all(callable(getattr(messages, name)) for name in migration.MOVED)
