"""Set the stage for the live benchmarks: `python -m tests.benchmarks.stage TARGET AUCTIONS FIRMS BIDDERS`.

Migrates the database of the environment, signs firms up through the actions, opens the auctions, and writes to TARGET the
numbers of the needs with each bidder's label and session. 25 minutes of each auction are left.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

CEILING_FEN, STEP_FEN = 90_000_000_000, 100


def session_of(person: Any) -> str:
    """Sign a person in as the sign-in page does, and return the session's key."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def set_stage(auctions: int, firms: int, bidders: int) -> list[dict[str, Any]]:
    """Open `auctions` of one owner and service; each has `bidders` of the `firms`, in turn."""
    from marketplace.bidding.actions import open_auction
    from marketplace.core import clock
    from tests.factories.bidding import agent_of, make_bidder, make_stranger
    from tests.factories.catalog import make_service
    from tests.factories.parties import make_buyer
    from tests.factories.tenders import make_tender

    past = clock.now() - timedelta(minutes=45)
    service, buyer = make_service(), make_buyer()
    made, sessions, opened = [], {}, []
    for number in range(auctions):
        tender = make_tender(now=past, service=service, buyer=buyer, ceiling_fen=CEILING_FEN, step_fen=STEP_FEN)
        while len(made) < firms:
            made.append(make_stranger(tender))
            sessions[made[-1].pk] = session_of(agent_of(made[-1]))
        mine = [made[(number * bidders + place) % firms] for place in range(bidders)]
        signed = [make_bidder(tender=tender, organization=firm, now=past + timedelta(minutes=1)) for firm in mine]
        open_auction(auction=tender.auction, now=tender.selection_at)
        # Labels are given when the sign-up ends, so they are read from the database.
        labels = dict(tender.bidders.values_list("pk", "label"))
        people = [{"label": labels[one.pk], "session": sessions[one.organization_id]} for one in signed]
        opened.append({"number": str(tender.number), "bidders": people})
    return opened


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ASSUME_PLAIN_CALENDAR = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody types a password here
    call_command("migrate", verbosity=0)
    target, *counts = sys.argv[1:]
    auctions, firms, bidders = map(int, counts)
    opened = set_stage(auctions, firms, bidders)
    Path(target).write_text(json.dumps(opened, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
