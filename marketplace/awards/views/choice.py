"""The public pages of a choice: its course in the order of disclosure, its proof, and computing it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marketplace.core import clock
from marketplace.tenders.models import FIXED_PRICE, Method
from marketplace.tenders.rules import is_owner
from marketplace.tenders.states import TenderStatus

from .. import queries, verify_draw
from ..models import Scorer
from ..queries.pages import Choice, choice_of, is_waiting_for_people
from ..replay_words import faults_in_words
from ..states import AwardStatus, SelectionStatus
from .looking import looked_at

OVER = {TenderStatus.FAILED, TenderStatus.CANCELLED, TenderStatus.VOID, TenderStatus.SCRAPPED}


@never_cache
@require_safe
def selection(request: HttpRequest, number: str) -> HttpResponse:
    """Show how the firm of a need is chosen, as far as that is public."""
    tender = looked_at(number)
    choice = choice_of(tender)
    is_judged = is_waiting_for_people(choice.selection)
    is_scorer = (
        tender.method == Method.SCORED
        and request.user.is_authenticated
        and Scorer.objects.filter(tender=tender, user=request.user).exists()
    )
    context = {
        "choice": choice,
        "tender": tender,
        "stages": stages_of(choice),
        "is_over": tender.status in OVER,
        "is_fixed": tender.method in FIXED_PRICE,
        "is_owner": is_owner(request.user, tender),
        "is_scorer": is_scorer,
        "is_judged": is_judged,
        "standing": next((one for one in choice.awards if one.status not in ENDED), None),
        "now": clock.now(),
    }
    return render(request, "awards/selection.html", context)


ENDED = {AwardStatus.DECLINED, AwardStatus.LAPSED, AwardStatus.REVOKED}


def stages_of(choice: Choice) -> list[dict[str, str]]:
    """Return the stages of a choice in their order, each with its name and whether it is done, now, or coming."""
    row, tender = choice.selection, choice.tender
    is_decided = row is not None and row.status in {SelectionStatus.DECIDED, SelectionStatus.FAILED}
    done = {
        "named": row is not None,
        "commit": row is not None,
        "pool": row is not None and bool(row.pool_hash),
        "auction": is_decided,
        "offers": bool(choice.commitments) or is_decided,
        "judging": is_decided,
        "result": choice.table is not None,
        "standstill": any(award.status == AwardStatus.CONFIRMED for award in choice.awards),
    }
    is_auction = tender.method == Method.LIVE_AUCTION
    names = ["named"] if choice.is_named else ["commit"] if choice.has_draw else []
    names += ["pool"] if choice.has_draw or (is_auction and (row is None or row.pool_hash)) else []
    names += ["offers"] if tender.is_sealed else []
    names += ["auction"] if is_auction else []
    names += ["judging"] if tender.method in {Method.CREDIT, Method.MERIT, Method.SCORED} else []
    names += ["result", "standstill"]
    current = "" if tender.status in OVER else next((name for name in names if not done[name]), "")
    return [
        {
            "name": name,
            "state": "done" if done[name] else "now" if name == current else "coming",
            "template": f"awards/stages/{name}.html",
        }
        for name in names
    ]


@never_cache
@require_safe
def proof(request: HttpRequest, number: str) -> HttpResponse:
    """Give the proof of a draw as a file, once the seed and the names are public; 404 before."""
    document = _document(choice_of(looked_at(number)))
    if document is None:
        raise Http404
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="draw-{number}.json"'
    return response


@require_safe
def verifier(request: HttpRequest) -> FileResponse:
    """Give the program with which anybody draws again on a machine of their own."""
    file = Path(verify_draw.__file__)
    return FileResponse(
        file.open("rb"), as_attachment=True, filename=file.name, content_type="text/x-python; charset=utf-8"
    )


@never_cache
@require_safe
def replay(request: HttpRequest, number: str) -> HttpResponse:
    """Let anybody recompute the draw in their browser, and (`?again=1`) the whole choice on the server."""
    tender = looked_at(number)
    choice = choice_of(tender)
    if not choice.has_draw:
        raise Http404
    document = _document(choice)
    faults = None
    if "again" in request.GET and document is not None and choice.selection is not None and choice.table is not None:
        faults = faults_in_words(queries.replay(choice.selection))
    context = {
        "choice": choice,
        "tender": tender,
        "document": document,
        "replay_data": _replay_data(choice, document),
        "order": _order(choice, document),
        "faults": faults,
    }
    return render(request, "awards/replay.html", context)


def _document(choice: Choice) -> dict[str, Any] | None:
    """Return the proof once it is public."""
    if not choice.has_seed or choice.selection is None:
        return None
    choice.selection.tender = choice.tender
    return queries.proof_of(choice.selection)


def _replay_data(choice: Choice, document: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the script of the page starts from: the proof, what was published before the draw, and the firms' names."""
    row, tender = choice.selection, choice.tender
    rows = choice.table.rows if choice.table else []
    factors = tender.rules.get("factors_percent", []) if tender.method == Method.BEST_PRICE else []
    facts = row.result.get("facts", {}) if row is not None and document else {}
    return {
        "proof": document,
        "tender": tender.number,
        "commitment": row.commitment if row else "",
        "pool_hash": row.pool_hash if row else "",
        "names": {one.label: one.organization.public_name for one in rows if one.organization} if document else {},
        "factors": factors,
        "factor": facts.get("factor_percent"),
    }


def _order(choice: Choice, document: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the drawn firms in their order, for readers without a script."""
    if document is None or choice.table is None:
        return []
    entries = {entry["code"]: entry for entry in document["pool"]}
    names = {row.label: row.organization.public_name for row in choice.table.rows if row.organization}
    return [
        {"place": place, **entries[code], "name": names.get(entries[code]["firm"], "")}
        for place, code in enumerate(document["order"], start=1)
    ]
