"""Pages of saved searches: save, list, change, pause, run, delete and bring back; and the link that ends the mails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.signing import BadSignature
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Invalid, Refused

from ..actions import (
    change_telling,
    delete_search,
    pause_search,
    rename_search,
    restore_search,
    resume_search,
    save_search,
    stop_mail,
)
from ..actions.alerts import SIGNER, waiting_alerts
from ..actions.saved import LONGEST_NAME, MOST_SEARCHES, AlreadySaved
from ..filters import SearchFilter
from ..forms import SavedSearchForm
from ..models import Rhythm, SavedSearch, Telling
from ..queries import recently_deleted, searches_of

NOT_KEPT = {"page", "sort"}  # the same search in another order, or on another page, is the same search


def parameters_of(asked: QueryDict) -> str:
    """Return the query string of a search in one spelling: known names and values sorted, none empty, page and order left out."""
    pairs = {
        (name, " ".join(value.split()))
        for name in SearchFilter.base_filters
        if name not in NOT_KEPT
        for value in asked.getlist(name)
    }
    return urlencode(sorted(pair for pair in pairs if pair[1]))


def words_of(asked: SearchFilter) -> list[str]:
    """Return words and chosen values of a search as its chips say them."""
    found = [f"“{asked.query.text}”"] if asked.query.text else []
    for name, values in asked.chosen.items():
        choices: Any = asked.form.fields[name].choices if name in asked.form.fields else ()
        labels = {str(value): str(label) for value, label in choices}
        found += [labels.get(value, value) for value in values]
    return found


@login_required
@require_safe
@never_cache
def saved(request: HttpRequest) -> HttpResponse:
    """List what the person saved, with what waits to be told, and what was deleted within the last day."""
    searches = list(searches_of(request.user))
    waiting = waiting_alerts(searches)
    context = {
        "rows": [(search, waiting.get(search.pk, 0)) for search in searches],
        "deleted": list(recently_deleted(request.user, clock.now())),
        "most": MOST_SEARCHES,
    }
    return render(request, "search/saved/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """Save the search that the address says; a wrong one is named in sentences, a second one leads to the first."""
    user = cast(User, request.user)
    parameters = parameters_of(request.GET)
    asked = SearchFilter(QueryDict(parameters))
    words = words_of(asked)
    initial = {
        "name": " ".join(words).replace("“", "").replace("”", "")[:LONGEST_NAME],
        "telling": Telling.SITE,
        "rhythm": Rhythm.DAILY,
    }
    form = SavedSearchForm(request.POST or None, initial=initial, user=user)
    first: SavedSearch | None = None
    if form.is_valid():
        try:
            if asked.problems:
                raise Invalid("search_wrong", " ".join(asked.problems))
            query = asked.query
            search = save_search(
                **form.cleaned_data,
                parameters=parameters,
                text=query.text,
                chosen=query.chosen,
                by=user,
                now=clock.now(),
            )
        except AlreadySaved as refused:
            first = refused.search
            form.add_refusal(refused)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("已保存“%(name)s”。有新结果时会按您的选择告诉您。") % {"name": search.name})
            return redirect("search:saved")
    context = {
        "form": form,
        "words": words,
        "problems": asked.problems,
        "first": first,
        "back": f"{reverse('search:search')}?{parameters}",
    }
    return render(request, "search/saved/form.html", context, status=form.status)


def _own(request: HttpRequest, pk: int) -> SavedSearch:
    return get_object_or_404(SavedSearch, pk=pk, user=request.user)


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a saved search and change how it tells."""
    search, user = _own(request, pk), cast(User, request.user)
    initial = {"name": search.name, "telling": search.telling, "rhythm": search.rhythm}
    form = SavedSearchForm(request.POST or None, initial=initial, user=user)
    if form.is_valid():
        given, now = form.cleaned_data, clock.now()
        try:
            with transaction.atomic():
                change_telling(search=search, telling=given["telling"], rhythm=given["rhythm"], by=user, now=now)
                search = rename_search(search=search, name=given["name"], by=user, now=now)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("“%(name)s”已更改。") % {"name": search.name})
            return redirect("search:saved")
    context = {"form": form, "words": words_of(SearchFilter(QueryDict(search.parameters))), "search": search}
    return render(request, "search/saved/form.html", context, status=form.status)


@login_required
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the results of a saved search, the newest first."""
    return redirect(_own(request, pk).address)


def _verb(action: Callable[..., SavedSearch], sentence: Callable[[SavedSearch], str]) -> Callable[..., HttpResponse]:
    @login_required
    @require_POST
    def inside(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            search = action(search=_own(request, pk), by=request.user, now=clock.now())
        except Refused as refused:
            messages.error(request, str(refused.message))
        else:
            messages.success(request, sentence(search))
        return redirect("search:saved")

    return inside


pause = _verb(pause_search, lambda search: _("“%(name)s”已暂停，恢复之前不再收集。") % {"name": search.name})
resume = _verb(resume_search, lambda search: _("“%(name)s”已恢复提醒。") % {"name": search.name})
delete = _verb(delete_search, lambda search: _("“%(name)s”已删除，一天之内可以恢复。") % {"name": search.name})
restore = _verb(restore_search, lambda search: _("“%(name)s”回来了。") % {"name": search.name})


@csrf_exempt  # a mail program posts here by itself (RFC 8058); the signature says what may be done
@require_http_methods(["GET", "POST"])
@never_cache
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """End the mails of a saved search without a sign-in: a look shows a button, as programs look at links in mails too."""
    try:
        number = int(SIGNER.unsign(token))
    except (BadSignature, ValueError) as wrong:
        raise Http404 from wrong
    search = SavedSearch.objects.filter(pk=number).first()
    if search is not None and request.method == "POST":
        search = stop_mail(search=search, now=clock.now())
    context = {"search": search, "is_done": search is None or not search.by_mail}
    return render(request, "search/saved/stop.html", context)
