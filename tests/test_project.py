"""The project's own rules that no linter knows: layout, lists that must stay complete, and a tidy repository."""

import ast
import re
import subprocess
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

CODE = ("marketplace", "payments", "search", "realtime", "cms")


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("Not a git checkout: which files are the project's own cannot be told.")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).exists()]


def own_modules():
    found = (path for name in CODE for path in (ROOT / name).glob("**/*.py"))
    return [path for path in found if "migrations" not in path.parts]


def chapters():
    apps = [path.parent for name in CODE for path in (ROOT / name).glob("**/apps.py")]
    return {".".join(app.relative_to(ROOT).parts) for app in apps}


def test_every_chapter_stands_in_the_story_order():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "story")
    named = set(re.findall(r"[\w.]+", " ".join(layers)))
    assert chapters() <= named


def test_modules_open_with_one_sentence():
    silent = []
    for path in own_modules():
        text = path.read_text(encoding="utf-8")
        if text.strip() and not ast.get_docstring(ast.parse(text)):
            silent.append(path.relative_to(ROOT).as_posix())
    assert silent == []


def test_modules_stay_readable_in_one_sitting():
    files = [path for path in tracked("*.py") if "migrations" not in path.parts]
    long = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in files}
    assert {name: lines for name, lines in long.items() if lines > 300} == {}


def test_requirements_are_pinned_with_hashes_and_name_no_index():
    for name in ("base", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        assert "://" not in text
        assert not re.search(r"^-{1,2}(i|index-url|extra-index-url|find-links|trusted-host)\b", text, re.MULTILINE)
        packages = re.findall(r"^[A-Za-z0-9_.-]+==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)
        assert len(packages) == len(re.findall(r"^[A-Za-z0-9_.-]+==", text, re.MULTILINE)) > 0


def test_dev_requirements_hold_the_same_versions_as_base():
    versions = {}
    for name in ("base", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        versions[name] = dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", text, re.MULTILINE))
    assert versions["base"].items() <= versions["dev"].items()


@pytest.mark.parametrize("python", ["3.11.2", "3.12.0", "3.13.0", "3.14.0"])
def test_requirements_fit_other_pythons_than_the_one_that_locked_them(python):
    """pip refuses an unpinned package when hashes are required, and one that refuses this Python; 3.11.2 is Debian 12's."""
    text = (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8")
    pinned = {canonicalize_name(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)}
    there = {"python_version": python.rpartition(".")[0], "python_full_version": python, "extra": ""}
    refusing, lacking = [], []
    for name in sorted(pinned):
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # pinned for another Python than this one
        if not SpecifierSet(package.metadata.get("Requires-Python", "")).contains(python):
            refusing.append(name)
        needed = [Requirement(line) for line in package.requires or []]
        lacking += [
            f"{name} needs {each.name}"
            for each in needed
            if (each.marker is None or each.marker.evaluate(there)) and canonicalize_name(each.name) not in pinned
        ]
    assert (refusing, lacking) == ([], [])


def test_pages_keep_the_content_security_policy():
    broken = []
    for path in (ROOT / "templates").glob("**/*.html"):
        text = re.sub(
            r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        scripts = re.findall(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", text)
        if scripts or "<style" in text or re.search(r"<[^>]*\s(?:style|on[a-z]+)=[\"']", text):
            broken.append(path.relative_to(ROOT).as_posix())
    assert broken == []


def test_ci_script_can_be_run():
    listed = subprocess.run(["git", "ls-files", "-s", ".ci/run"], cwd=ROOT, capture_output=True, text=True, check=False)
    if not listed.stdout:
        pytest.skip("Not a git checkout: which files are the project's own cannot be told.")
    assert listed.stdout.startswith("100755")


def test_nothing_generated_is_tracked():
    assert [
        path.name for path in tracked() if path.suffix in (".mo", ".pyc", ".sqlite3") or "var" in path.parts[:1]
    ] == []


def test_no_merge_is_left_half_done():
    mark = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)
    texts = tracked("*.md", "*.py", "*.html", "*.css", "*.js", "*.yaml", "*.toml", "*.po")
    assert [path.relative_to(ROOT).as_posix() for path in texts if mark.search(path.read_bytes())] == []
