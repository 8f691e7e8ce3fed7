"""Reads for the pages of a choice: what is public of it by now, in the order in which it becomes public."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Prefetch
from django.utils.translation import gettext as _

from marketplace.bidding.disclosure import disclosed
from marketplace.bidding.models import Bidder, SealedOffer
from marketplace.bidding.states import BidderStatus, OfferStatus
from marketplace.parties.models import Organization
from marketplace.tenders.models import NAMED, Method, Tender

from ..explanations import explain
from ..models import Award, Objection, Score, Scorer, Selection
from ..states import SelectionStatus
from .inputs import credits_of

JUDGED_BY_OWNER = frozenset({Method.CREDIT, Method.MERIT})


@dataclass(frozen=True)
class Cell:
    """Be one cell of a table: the column's title, the text, and whether it stands to the right as a number."""

    title: str
    text: str
    is_number: bool


@dataclass(frozen=True)
class Row:
    """Be one firm of a result: its rank or none, its label, who it is once names are public, and the other cells."""

    rank: str
    label: str
    organization: Organization | None
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    """Be a result as people read it: why the first is first, and why each firm stands where it stands."""

    sentence: str
    columns: list[Cell]
    rows: list[Row]
    rules_version: int


@dataclass(frozen=True)
class MarkRow:
    """Be what one firm got by one criterion, a text per scorer in the order of their numbers."""

    label: str
    organization: Organization | None
    criterion: str
    marks: list[str]


@dataclass
class Choice:
    """Hold what anybody may see of a choice now; what is not public yet is empty here, so that no page can leak it."""

    tender: Tender
    selection: Selection | None
    firms: int
    is_disclosed: bool
    has_seed: bool
    offers: int = 0
    commitments: list[str] = field(default_factory=list)
    scorers: int = 0
    locked: int = 0
    short_list: list[str] = field(default_factory=list)
    pick: str = ""
    pick_reason: str = ""
    table: Table | None = None
    marks: list[MarkRow] = field(default_factory=list)
    mark_columns: range = range(0)
    comments: list[tuple[str, str]] = field(default_factory=list)
    awards: list[Award] = field(default_factory=list)

    @property
    def is_named(self) -> bool:
        """Tell whether the owner names the firm, so that nothing is drawn."""
        return self.tender.method in NAMED

    @property
    def has_draw(self) -> bool:
        """Tell whether a seed was committed to: not where the owner names the firm, nor in live bidding (but for earlier auctions)."""
        if self.selection is None:
            return not self.is_named and self.tender.method != Method.LIVE_AUCTION
        return bool(self.selection.commitment)


def find_choice(number: str) -> Tender | None:
    """Return a published need with its choice, or None: nobody learns whether a draft exists."""
    return (
        Tender.objects.published()
        .select_related("process", "buyer", "service", "selection")
        .filter(number=number)
        .first()
    )


def selection_of(tender: Tender) -> Selection | None:
    """Return the choice of a need, or None before its seed was committed to."""
    return getattr(tender, "selection", None)


def named_bidders(tender: Tender) -> dict[str, Bidder]:
    """Return the firms that take part, by label."""
    rows = tender.bidders.filter(status=BidderStatus.ACTIVE).select_related("organization")
    return {row.label: row for row in rows}


def table_of(result: Mapping[str, Any], bidders: Mapping[str, Bidder]) -> Table | None:
    """Put a result into a table with names; None while there is no ranking."""
    if "ranking" not in result:
        return None
    told = explain(result, names={label: row.organization.public_name for label, row in bidders.items()})
    labels = [place["firm"] for place in (*result["ranking"], *result["unranked"])]
    last = len(told.columns) - 1
    columns = [Cell(title, "", is_number=2 <= place < last) for place, title in enumerate(told.columns)]
    rows = [
        Row(
            rank=texts[0],
            label=label,
            organization=bidders[label].organization if label in bidders else None,
            cells=[Cell(column.title, text, column.is_number) for column, text in zip(columns, texts, strict=True)][2:],
        )
        for label, texts in zip(labels, told.rows, strict=True)
    ]
    return Table(told.sentence, columns, rows, int(result["rules_version"]))


def choice_of(tender: Tender) -> Choice:
    """Return what the public page of a choice shows now; a fixed number of queries however many firms take part."""
    selection = selection_of(tender)
    shown = disclosed(tender)
    is_frozen = selection is not None and bool(selection.pool_hash)
    choice = Choice(
        tender=tender,
        selection=selection,
        firms=len(selection.pool)
        if selection is not None and is_frozen
        else tender.bidders.filter(status=BidderStatus.ACTIVE).count(),
        is_disclosed=shown.names and shown.prices,
        has_seed=selection is not None and shown.proof and bool(selection.seed),
    )
    if tender.is_sealed:
        _add_offers(choice)
    if selection is None:
        return choice
    if tender.method == Method.SCORED:
        done = Scorer.objects.filter(tender=tender).aggregate(all=Count("pk"), locked=Count("locked_at"))
        choice.scorers, choice.locked = done["all"], done["locked"]
    if tender.method == Method.CREDIT:
        choice.short_list = selection.result.get("short_list") or selection.result.get("facts", {}).get(
            "short_list", []
        )
    if choice.is_disclosed:
        _add_result(choice, selection)
    return choice


def _add_offers(choice: Choice) -> None:
    rows = SealedOffer.objects.filter(bidder__tender=choice.tender, bidder__status=BidderStatus.ACTIVE)
    held = list(
        rows.exclude(status__in=[OfferStatus.REPLACED, OfferStatus.WITHDRAWN]).values_list("commitment", "opened_at")
    )
    choice.offers = len(held)
    choice.commitments = sorted(commitment for commitment, opened_at in held if opened_at)


def _add_result(choice: Choice, selection: Selection) -> None:
    tender = choice.tender
    bidders = named_bidders(tender)
    choice.table = table_of(selection.result, bidders)
    choice.pick_reason = selection.pick_reason
    choice.pick = next((label for label, row in bidders.items() if row.pk == selection.picked_id), "")
    if tender.method in {Method.MERIT, Method.SCORED} and choice.table is not None:
        _add_marks(choice, choice.table, bidders)
    choice.awards = awards_of(tender)


def _add_marks(choice: Choice, table: Table, bidders: Mapping[str, Bidder]) -> None:
    """Add the marks firm by firm in the order of the ranking; scorers stand under numbers, never under names."""
    tender = choice.tender
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    comments: dict[int, list[tuple[int, str]]] = defaultdict(list)
    numbers: dict[int, int] = {}
    rows = Score.objects.filter(scorer__tender=tender, scorer__locked_at__isnull=False).order_by("scorer", "pk")
    for score in rows:
        number = numbers.setdefault(score.scorer_id, len(numbers) + 1)
        found[score.bidder_id, score.criterion].append(hundredths(score.hundredths))
        if score.comment and (number, score.comment) not in comments[score.bidder_id]:
            comments[score.bidder_id].append((number, score.comment))
    criteria = [row for row in tender.rules.get("criteria", []) if row["by"] in {"owner", "scorers"}]
    for row in table.rows:
        bidder = bidders.get(row.label)
        if bidder is None:
            continue
        for criterion in criteria:
            if marks := found.get((bidder.pk, criterion["key"])):
                choice.marks.append(MarkRow(row.label, row.organization, criterion["name"], marks))
        name = bidder.organization.public_name
        for number, text in comments[bidder.pk]:
            who = _("%(firm)s，评审 %(number)s") % {"firm": name, "number": number}
            choice.comments.append((who if tender.method == Method.SCORED else name, text))
    choice.mark_columns = range(1, len(numbers) + 1)


def hundredths(value: int) -> str:
    """Return hundredths of a point as people read them: 2850 is "28.50"."""
    return f"{value // 100}.{value % 100:02d}"


def awards_of(tender: Tender) -> list[Award]:
    """Return the awards of a need with their objections, the newest first: the one that stands, then the former."""
    objections = Prefetch("objections", Objection.objects.order_by("at", "pk"))
    return list(tender.awards.select_related("organization").prefetch_related(objections).order_by("-rank", "-pk"))


@dataclass(frozen=True)
class Candidate:
    """Be one firm of the short list, under its label: its credit and how many reviews that rests on."""

    label: str
    drawn: int
    credit: str
    reviews: int


def short_listed(tender: Tender, selection: Selection) -> list[Candidate]:
    """Return the short list of a credit-preferred choice in the order of the draw, with what is public of each firm by label."""
    labels = list(selection.result.get("short_list", []))
    rows = {
        row.label: row
        for row in tender.bidders.filter(label__in=labels).annotate(reviews=Count("organization__reviews_received"))
    }
    drawn_credit = {firm["firm"]: firm["credit"] for firm in selection.inputs.get("firms", [])}
    known = credits_of(tender)
    return [
        Candidate(
            label,
            place,
            hundredths(drawn_credit.get(label, known.get(rows[label].pk, 0))),
            rows[label].reviews,
        )
        for place, label in enumerate(labels, start=1)
        if label in rows
    ]


def is_waiting_for_people(selection: Selection | None) -> bool:
    """Tell whether people judge now."""
    return selection is not None and selection.status == SelectionStatus.JUDGING
