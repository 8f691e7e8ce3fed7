"""What a socket asks of the database: who is there, and the same action as every other way to bid."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.bidding.actions import place_bid
from marketplace.bidding.disclosure import Viewer, own_label, viewer_kind
from marketplace.bidding.forms import check_drop
from marketplace.bidding.models import Auction
from marketplace.core.refusals import Forbidden, Refused
from marketplace.parties.access import current_organization


class Entrance(NamedTuple):
    """Say which room a socket enters, and as what."""

    process_id: int
    auction_id: int
    kind: Viewer
    label: str


def who(scope: dict[str, Any]) -> Any:
    """Return the person and session behind a socket as they are now: signing out or a ban counts at once."""
    key = getattr(scope.get("session"), "session_key", None)
    person = SimpleNamespace(session=import_module(settings.SESSION_ENGINE).SessionStore(key) if key else {})
    person.user = get_user(person) if key else AnonymousUser()  # type: ignore[arg-type]
    return person


def language_of(scope: dict[str, Any]) -> str:
    """Return the reader's language, by the same cookie and header as on pages."""
    headers = dict(scope.get("headers", []))
    accepted = headers.get(b"accept-language", b"").decode("latin-1")
    request = SimpleNamespace(COOKIES=scope.get("cookies", {}), META={"HTTP_ACCEPT_LANGUAGE": accepted})
    return translation.get_language_from_request(request)  # type: ignore[arg-type]


def enter_room(scope: dict[str, Any], number: str) -> Entrance | None:
    """Return the room of the need's number and what this socket may see in it; None when there is no such room."""
    auction = Auction.objects.select_related("tender").filter(tender__number=number).first()
    if auction is None:
        return None
    person = who(scope)
    organization = current_organization(person)
    kind = viewer_kind(person.user, auction)
    return Entrance(auction.tender.process_id, auction.pk, kind, own_label(auction, organization))


def take_bid(scope: dict[str, Any], auction_id: int, key: str, amount_fen: int, confirmed: bool) -> dict[str, Any]:
    """Place the bid and return its acknowledgement; refuses as the action does, with the reason in the reader's language."""
    with translation.override(language_of(scope)):
        try:
            return _take(scope, auction_id, key, amount_fen, confirmed)
        except Refused as refused:
            refused.message = str(refused.message)
            raise


def _take(scope: dict[str, Any], auction_id: int, key: str, amount_fen: int, confirmed: bool) -> dict[str, Any]:
    person = who(scope)
    if not person.user.is_authenticated:
        raise Forbidden("signed_out", _("您已退出登录，请重新登录后再报价。"))
    organization = current_organization(person)
    if organization is None:
        raise Forbidden("not_signed_up", _("只有报名的中介机构可以报价。"))
    auction = Auction.objects.select_related("tender__process", "leader").get(pk=auction_id)
    check_drop(auction, amount_fen, confirmed=confirmed)
    bid = place_bid(auction=auction, organization=organization, amount_fen=amount_fen, key=key, by=person.user)
    return {"ack": key, "seq": bid.sequence, "n": bid.event.number, "amount_fen": bid.amount_fen}
