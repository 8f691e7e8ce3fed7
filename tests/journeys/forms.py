"""Fill a page's form as a person does: what the page proposes stays, what one types replaces it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Fields(HTMLParser):
    """Collect what each form of a page would send untouched, by the form's action."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, Any]] = {}
        self.form: dict[str, Any] | None = None
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = self.forms.setdefault(given.get("action", ""), {})
        if self.form is None:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if (kind in {"radio", "checkbox"} and "checked" not in given) or kind in {"file", "submit"}:
                return
            self.form[name] = given.get("value", "on" if kind == "checkbox" else "")
        elif tag == "textarea":
            self.area = name
            self.form[name] = ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.form[self.select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.area and self.form is not None:
            self.form[self.area] += data


def proposed(page: str, having: str) -> dict[str, Any]:
    """Return what the form that has a field `having` would send untouched."""
    reader = _Fields()
    reader.feed(page)
    found = [form for form in reader.forms.values() if having in form]
    assert found, f"no form with a field {having!r}"
    return {name: value for name, value in found[0].items() if name != "csrfmiddlewaretoken"}
