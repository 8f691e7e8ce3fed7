"""What the pages of entry share: the steps, leaving for now, and what must be there before a step makes sense."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ..draft import Draft

TEXTS = ("name", "kind", "contact_name", "phone", "email", "legal_representative", "address", "introduction")
FIELDS = (*TEXTS, "alipay_account")
LONGEST = 2000


def page(request: HttpRequest, template: str, step: int, form: Any, draft: Draft, **context: Any) -> HttpResponse:
    """Show a step; `step` counts code, contact, services, letter from 1. A firm that is known has three steps."""
    steps = [(_("代码与账号"), ""), (_("机构信息"), ""), (_("服务与资质"), ""), (_("承诺"), "")]
    if draft.is_known:
        steps = [steps[0], (_("联系人与服务"), ""), steps[3]]
        step = step if step == 1 else max(2, step - 1)
    values = {"steps": steps, "step": step, "form": form, "saved": draft, **context}
    return render(request, template, values, status=getattr(form, "status", 200))


def missing_step(draft: Draft) -> str | None:
    """Return the step that is still missing before the later ones make sense."""
    if not draft.code:
        return "parties:enter"
    if not draft.is_known and "name" not in draft.values:
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
    return {name: request.POST[name].strip()[:LONGEST] for name in names if name in request.POST}
