"""The message catalogues: find every text in the sources, keep its English, compile, and say what is wrong.

Pure Python (Babel and Django's own template reader), because a fresh machine has no gettext programs.
The sources are Chinese: the Chinese catalogue repeats them, the English one is written by people.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

CODE = ("marketplace", "payments", "search", "realtime", "cms")
LANGUAGES = {"en": "nplurals=2; plural=(n != 1);", "zh_Hans": "nplurals=1; plural=0;"}
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
CHINESE = re.compile(r"[一-龥]")
HALF_WIDTH = re.compile(r"[一-龥][,;:?!]")
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]|(?<!%)%[sdrf]|\{\w*(?:[.!:][^{}]*)?\}")
MARKED = re.compile(
    r"{#.*?#}|{%\s*comment\b.*?{%\s*endcomment\s*%}|<!--.*?-->"
    r"|{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}|{%.*?%}|{{.*?}}",
    re.DOTALL,
)
# A language is named in its own tongue on every page: such a line says so with this comment. In a template's first line
# it covers the whole file (a page in both languages, shown when nothing else works).
AS_IS = "{# as is #}"

Key = tuple[str | tuple[str, ...], str | None]


def key(message: Message) -> Key:
    return (tuple(message.id) if isinstance(message.id, list | tuple) else message.id, message.context)


def templates(root: Path) -> list[Path]:
    folders = [root / "templates", *(root / name for name in CODE)]
    return sorted(path for folder in folders for path in folder.glob("**/*.html"))


def modules(root: Path) -> list[Path]:
    found = (path for name in CODE for path in (root / name).glob("**/*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def extracted(root: Path) -> Catalog:
    """Return all texts of the sources with the files that use them."""
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for path in modules(root):
        add(catalog, path.relative_to(root), path.read_text(encoding="utf-8"))
    for path in templates(root):
        name = path.relative_to(root)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = templatize(path.read_text(encoding="utf-8"), origin=str(name))
        # What stays between the calls is page text turned to X: only its indentation could upset the tokenizer.
        add(catalog, name, "\n".join(line.strip() for line in code.splitlines()))
    return catalog


def add(catalog: Catalog, name: Path, code: str) -> None:
    found = extract("python", io.BytesIO(code.encode()), KEYWORDS, options={"encoding": "utf-8"})
    for _line, text, _comments, context in found:
        if text:
            catalog.add(text, locations=[(name.as_posix(), 0)], context=context)


def catalogue_path(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def read(root: Path, language: str) -> Catalog:
    path = catalogue_path(root, language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def texts(message: Message) -> list[str]:
    """Return the translations, one or one per plural form."""
    if isinstance(message.string, list | tuple):
        return list(message.string)
    return [message.string or ""]


def update(root: Path) -> dict[str, int]:
    """Write both catalogues from the sources and return how many texts each still lacks."""
    found = extracted(root)
    lacking = {}
    for language in LANGUAGES:
        known = {key(message): message for message in read(root, language) if message.id}
        for message in found:
            if not message.id:
                continue
            plural = isinstance(message.id, list | tuple)
            if language == "zh_Hans":
                message.string = (message.id[1],) if plural else message.id
            else:
                old = known.get(key(message))
                blank: str | tuple[str, ...] = ("", "") if plural else ""
                message.string = old.string if old is not None else blank
                message.flags = (message.flags - {"fuzzy"}) | ({"fuzzy"} if old is not None and old.fuzzy else set())
        write(root, language, found)
        lacking[language] = sum(1 for message in found if message.id and not all(texts(message)))
    return lacking


def write(root: Path, language: str, catalog: Catalog) -> None:
    """Write a catalogue without dates and line numbers, so that it changes only when a text does."""
    ours = Catalog(locale=language, charset="utf-8", fuzzy=False)
    for message in catalog:
        if message.id:
            ours.add(message.id, message.string, message.locations, message.flags, context=message.context)
    body = io.BytesIO()
    write_po(body, ours, width=0, omit_header=True, sort_output=True, include_lineno=False)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: {LANGUAGES[language]}\\n"\n\n'
    )
    path = catalogue_path(root, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + body.getvalue().decode().strip() + "\n", encoding="utf-8")


def compile_all(root: Path) -> list[Path]:
    """Compile every catalogue there is to its .mo file and return those written."""
    written = []
    for language in LANGUAGES:
        path = catalogue_path(root, language)
        if path.exists():
            target = path.with_suffix(".mo")
            fresh = target.with_suffix(".mo.new")
            with fresh.open("wb") as file:
                write_mo(file, read(root, language))
            fresh.replace(target)
            written.append(target)
    return written


def problems(root: Path) -> Iterator[str]:
    """Yield one line for each fault: a text that is missing, fuzzy, stale, ill-matched, half-width or unmarked."""
    found = {key(message): message for message in extracted(root) if message.id}
    for language in LANGUAGES:
        catalog = read(root, language)
        known = {key(message): message for message in catalog if message.id}
        name = catalogue_path(root, language).relative_to(root).as_posix()
        for each, message in found.items():
            yield from (f"{name}: {fault}" for fault in faults(message, known.get(each), language))
        for each, message in known.items():
            if each not in found:
                yield f"{name}: stale, no source uses it: {show(message)}"
        for message in catalog.obsolete.values():
            yield f"{name}: obsolete entry: {show(message)}"
    for message in found.values():
        for text in originals(message):
            if HALF_WIDTH.search(text):
                yield f"{places(message)}: half-width punctuation after Chinese: {text!r}"
    yield from unmarked(root)


def faults(message: Message, translated: Message | None, language: str) -> Iterator[str]:
    if translated is None or not all(texts(translated)):
        yield f"no text for {show(message)} ({places(message)})"
        return
    if translated.fuzzy:
        yield f"fuzzy: {show(message)}"
    if language == "zh_Hans":
        if texts(translated) != [originals(message)[-1]]:
            yield f"differs from its source: {show(message)}"
        return
    wanted = set(PLACEHOLDER.findall(originals(message)[-1]))
    for number, text in enumerate(texts(translated)):
        given = set(PLACEHOLDER.findall(text))
        # The singular may spell its number out ("one firm").
        if given != wanted and not (number == 0 and len(texts(translated)) > 1 and given < wanted):
            yield f"placeholders differ in {text!r}, source {show(message)}"


def unmarked(root: Path) -> Iterator[str]:
    """Yield Chinese text in templates that no translate tag covers: an English reader would see it."""
    for path in templates(root):
        text = path.read_text(encoding="utf-8")
        lines = text.split("\n")
        if AS_IS in lines[0]:
            continue
        bare = MARKED.sub(lambda match: "\n" * match.group().count("\n"), text)
        for number, line in enumerate(bare.split("\n"), start=1):
            if CHINESE.search(line) and AS_IS not in lines[number - 1]:
                yield f"{path.relative_to(root).as_posix()}:{number}: Chinese outside a translate tag: {line.strip()!r}"


def originals(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, list | tuple) else [message.id]


def show(message: Message) -> str:
    return repr(originals(message)[0])


def places(message: Message) -> str:
    return ", ".join(sorted({name for name, _line in message.locations}))


def summary(lacking: dict[str, int]) -> Iterable[str]:
    for language, count in lacking.items():
        yield f"{language}: {'complete' if count == 0 else f'{count} texts to write'}"
