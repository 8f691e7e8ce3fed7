"""Write docs/states.md from the state tables, or (`--check`) tell whether it still says what they say."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from marketplace.core.states import TABLES, Table

HEAD = """# States

Written by `manage.py states` from the tables in `states.py` of each chapter; `make check` fails when this file is stale.
A new row begins where the first arrow ends; a status without an arrow to another is final. The verb is what makes the move.
"""


class Command(BaseCommand):
    """Write docs/states.md."""

    help = "Write docs/states.md from the state tables."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when docs/states.md is stale")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "states.md"
        with translation.override("zh-hans"):
            text = "\n".join([HEAD, *(_section(table) for table in TABLES.values())])
        if not check:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"docs/states.md: {len(TABLES)} tables")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError("docs/states.md does not say what the tables say: run `manage.py states`.")


def _field(table: Table) -> Any:
    """Return the model field that keeps the table's status."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.choices and list(field.choices) == list(table.statuses.choices):
                return field
    raise CommandError(f"No model keeps the statuses of the table {table.name}.")


def _section(table: Table) -> str:
    field = _field(table)
    labels = {value: str(label) for value, label in table.statuses.choices}
    moves = list(table.transitions())
    begin = str(field.default) if field.has_default() else next(iter(labels))
    diagram = [f"    {value}: {label}" for value, label in labels.items()]
    diagram += [f"    [*] --> {begin}"]
    diagram += [f"    {source} --> {target}: {verb}" for source, target, verb in moves]
    diagram += [f"    {value} --> [*]" for value in labels if table.is_final(value)]
    rows = [
        f"| {labels[source]} `{source}` | {labels[target]} `{target}` | `{verb}` |" for source, target, verb in moves
    ]
    return "\n".join(
        [
            f"## {field.model._meta.verbose_name} `{table.name}`\n",
            f"`{table.statuses.__module__}.{table.statuses.__qualname__}`, kept in `{field.model._meta.label}.{field.name}`\n",
            "```mermaid\nstateDiagram-v2",
            *diagram,
            "```\n",
            "| from | to | verb |\n|---|---|---|",
            *rows,
            "",
        ]
    )
