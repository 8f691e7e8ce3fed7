"""What the pages of entry share: the steps, leaving for now, and what must be there before a step makes sense."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from marketplace.catalog.models import QualificationKind

from ...models import Organization
from ..draft import Draft

TEXTS = ("name", "kind", "contact_name", "phone", "email", "legal_representative", "address", "introduction")
FIELDS = (*TEXTS, "alipay_account")
LONGEST = 2000


def page(request: HttpRequest, template: str, step: int, form: Any, saved: Draft, **context: Any) -> HttpResponse:
    """Show a step; `step` counts code, contact, services, letter from 1. A firm that is known has three steps."""
    steps = [(_("代码与账号"), ""), (_("机构信息"), ""), (_("服务与资质"), ""), (_("承诺"), "")]
    if saved.is_known:
        steps = [steps[0], (_("联系人与服务"), ""), steps[3]]
        step = step if step == 1 else max(2, step - 1)
    values = {"steps": steps, "step": step, "form": form, "saved": saved, **context}
    return render(request, template, values, status=getattr(form, "status", 200))


def facts(draft: Draft) -> dict[str, Any]:
    """Return what the library knows, in words: the kind, certificates as (kind, certificate), people as (name, professions)."""
    kind = draft.values.get("kind", "")
    context: dict[str, Any] = {"kind": Organization.Kind(kind).label if kind else "", "read": [], "practitioners": []}
    found = draft.found
    if found is None or not found.is_known:
        return context
    codes = {one.kind for one in found.certificates} | {one.kind for one in found.practitioners}
    kinds = {row.code: row for row in QualificationKind.objects.filter(code__in=codes)}
    people: dict[str, tuple[str, list[str]]] = {}
    for one in found.practitioners:
        people.setdefault(one.key, (one.name, []))[1].append(kinds[one.kind].label)
    context["read"] = [(kinds[one.kind], one) for one in found.certificates]
    context["practitioners"] = [(name, "、".join(professions)) for name, professions in people.values()]
    return context


def missing_step(draft: Draft) -> str | None:
    """Return the step that is still missing before the later ones make sense."""
    if not draft.code:
        return "parties:enter"
    asked = () if draft.is_known else ("name", "contact_name", "phone")
    if not all(draft.values.get(name) for name in asked):
        return "parties:enter_organization"
    return None


def wants_to_leave(request: HttpRequest) -> bool:
    """Tell whether somebody pressed 保存并退出 rather than the next step."""
    return request.method == "POST" and "leave" in request.POST


def leave(request: HttpRequest) -> HttpResponse:
    """Go to the desk, where the draft waits; what was typed has been kept."""
    messages.success(request, _("已保存。下次登录后在工作台点“继续办理”，换一台设备也可以。"))
    return redirect("process:desk")


def typed(request: HttpRequest, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what stands in the fields, right or wrong, for a draft: a form that is left may be unfinished."""
    values = {name: request.POST[name].strip()[:LONGEST] for name in names if name in request.POST}
    if values.get("kind") not in Organization.Kind.values:
        values.pop("kind", None)
    return values
