"""Which kind of tag a status wears; its word comes from the status itself."""

from django import template

register = template.Library()

KINDS = {
    "open": "open active valid live funded confirmed signed succeeded paid",
    "done": "completed settled accepted awarded closed decided done kept contracted opened "
    "passed granted applied dismissed answered",
    "waiting": "draft scheduled selecting standstill signing planned delivered submitted checking declared pending "
    "accepting judging committed sealed requires_payment_method requires_action "
    "filed held previewed announced asked",
    "danger": "failed revoked objected refused suspended removed returned ended dead declined lapsed excluded invalid void "
    "upheld unavailable",
    "neutral": "cancelled withdrawn expired canceled replaced scrapped",
}
KIND_OF = {status: kind for kind, statuses in KINDS.items() for status in statuses.split()}


@register.filter
def tag_kind(status: str) -> str:
    """Return the tag kind for any chapter's status: open, done, waiting, danger or neutral."""
    return KIND_OF.get(str(status), "neutral")
