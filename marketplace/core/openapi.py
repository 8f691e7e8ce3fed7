"""OpenAPI descriptions: written as YAML without anchors, and served as JSON and as YAML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

View = Callable[[HttpRequest], HttpResponse]


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True  # an anchor helps nobody who reads it


def written(document: dict[str, Any]) -> str:
    """Return a description as the file in docs/ has it."""
    return yaml.dump(document, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120)


def served(document: Callable[[], dict[str, Any]]) -> tuple[View, View]:
    """Return the views that serve a description as JSON and as YAML."""

    @require_safe
    def as_json(request: HttpRequest) -> HttpResponse:
        return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})

    @require_safe
    def as_yaml(request: HttpRequest) -> HttpResponse:
        return HttpResponse(written(document()), content_type="application/yaml; charset=utf-8")

    return as_json, as_yaml
