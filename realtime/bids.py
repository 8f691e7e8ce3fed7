"""What a socket asks of the database: who is there, and the same action as every other way to bid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from marketplace.bidding.actions import BidRequest, outcome_of, place_bids
from marketplace.bidding.engine import Refusal
from marketplace.bidding.models import Auction, Bid
from marketplace.bidding.refusals import as_refused
from marketplace.bidding.room import Viewer, own_label, viewer_kind
from marketplace.core.refusals import Forbidden, Refused
from marketplace.core.rows import fetch, marks, moment
from marketplace.parties.access import current_organization
from marketplace.parties.models import Organization


@dataclass(slots=True)
class Identity:
    """Be who sits behind a socket, with what proves it: while session and password stand as they were, so does the rest."""

    session_key: str = ""
    session_data: str = ""
    password: str = ""
    user_id: int = 0
    organization_id: int = 0
    language: str = settings.LANGUAGE_CODE


class Entrance(NamedTuple):
    """Say which room a socket enters, as what, and who sits behind it."""

    process_id: int
    auction_id: int
    kind: Viewer
    label: str
    identity: Identity


class Pending(NamedTuple):
    """Be a bid that came over a socket and waits for its decision."""

    identity: Identity
    key: str
    amount_fen: int
    confirmed: bool


def enter_room(scope: dict[str, Any], number: str) -> Entrance | None:
    """Return the room of the need's number and what this socket may see in it; None when there is no such room."""
    auction = Auction.objects.select_related("tender").filter(tender__number=number).first()
    if auction is None:
        return None
    identity = Identity(session_key=session_key_of(scope))
    identity.language = language_of(scope)
    person = _identify(identity)
    organization = Organization.objects.filter(pk=identity.organization_id).first()
    kind = viewer_kind(person, auction)
    return Entrance(auction.tender.process_id, auction.pk, kind, own_label(auction, organization), identity)


def session_key_of(scope: dict[str, Any]) -> str:
    """Return the session that a socket's cookie names, or nothing."""
    return str(scope.get("cookies", {}).get(settings.SESSION_COOKIE_NAME, ""))


def _identify(identity: Identity) -> Any:
    """Find out who is behind a session now, keep it in `identity`, and return the person."""
    key = identity.session_key
    store = import_module(settings.SESSION_ENGINE).SessionStore(key or None)
    person = SimpleNamespace(session=store if key else {}, user=AnonymousUser())
    if key:
        person.user = get_user(person)  # type: ignore[arg-type]
    organization = current_organization(person)  # type: ignore[arg-type]
    identity.user_id = person.user.pk or 0
    identity.password = getattr(person.user, "password", "")
    identity.organization_id = organization.pk if organization else 0
    identity.session_data = Session.objects.filter(session_key=key).values_list("session_data", flat=True).first() or ""
    return person.user


def language_of(scope: dict[str, Any]) -> str:
    """Return the reader's language, by the same cookie and header as on pages."""
    headers = dict(scope.get("headers", []))
    accepted = headers.get(b"accept-language", b"").decode("latin-1")
    request = SimpleNamespace(COOKIES=scope.get("cookies", {}), META={"HTTP_ACCEPT_LANGUAGE": accepted})
    return translation.get_language_from_request(request)  # type: ignore[arg-type]


PROOFS = """
    SELECT session_key, session_data FROM django_session WHERE session_key IN ({}) AND expire_date > %s
    UNION ALL
    SELECT CAST(id AS varchar(40)), password FROM accounts_user WHERE id IN ({})
"""


def check_identities(identities: Sequence[Identity]) -> None:
    """Bring identities to this moment, in one statement when nothing changed: signing out or a ban counts at once."""
    signed_in = [one for one in identities if one.user_id]
    keys, people = {one.session_key for one in signed_in}, {one.user_id for one in signed_in}
    known: dict[str, str] = {}
    if keys:
        known = dict(fetch(PROOFS.format(marks(keys), marks(people)), [*keys, moment(timezone.now()), *people]))
    for one in identities:
        now = known.get(one.session_key), known.get(str(one.user_id))
        if one.session_key and now != (one.session_data, one.password):
            _identify(one)


def decide(auction_id: int, pending: Sequence[Pending]) -> list[dict[str, Any]]:
    """Decide bids that wait for one auction in one transaction; return the answer to each, in its reader's language."""
    check_identities([one.identity for one in pending])
    answers: list[Any] = [None if one.identity.organization_id else _nobody(one.identity) for one in pending]
    wanted = [place for place, answer in enumerate(answers) if answer is None]
    requests = [
        BidRequest(one.identity.organization_id, one.identity.user_id, one.amount_fen, one.key, one.confirmed)
        for one in (pending[place] for place in wanted)
    ]
    if requests:
        decided = place_bids(auction_pk=auction_id, requests=requests)
        for place, answer in zip(wanted, decided, strict=True):
            answers[place] = answer
    return [told(one.identity.language, one.key, answer) for one, answer in zip(pending, answers, strict=True)]


def _nobody(identity: Identity) -> Refused:
    with translation.override(identity.language):
        if not identity.user_id:
            return Forbidden("signed_out", _("您已退出登录，请重新登录后再报价。"))
        return Forbidden("not_signed_up", _("只有报名的中介机构可以报价。"))


def ask_outcome(auction_id: int, identity: Identity, key: str) -> dict[str, Any]:
    """Say what became of a submit of the firm behind a socket."""
    check_identities([identity])
    organization = Organization.objects.filter(pk=identity.organization_id).first()
    answer = outcome_of(auction_pk=auction_id, organization=organization, key=key) if organization else None
    return told(identity.language, key, answer)


def told(language: str, key: str, answer: Bid | Refusal | Refused | None) -> dict[str, Any]:
    """Return an answer as it goes over the wire: an acknowledgement, a refusal, or that nobody knows."""
    if answer is None:
        return {"unknown": key}
    if isinstance(answer, Bid):
        return {"ack": key, "seq": answer.sequence, "n": answer.event.number, "amount_fen": answer.amount_fen}
    with translation.override(language):
        refused = as_refused(answer) if isinstance(answer, Refusal) else answer
        message = str(refused.message)
    return {
        "refused": key,
        "code": refused.code,
        "message": message,
        "field": refused.field,
        "status": int(refused.status),
    }


def suspended_among(organizations: Sequence[int]) -> set[int]:
    """Return those of the organizations that may no longer take on work."""
    rows = Organization.objects.filter(pk__in=organizations).exclude(status="active")
    return set(rows.values_list("pk", flat=True))
