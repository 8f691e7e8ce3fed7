"""The program that the public downloads: it finds what is wrong in a proof with nothing but Python."""

import ast
import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.awards import draw, verify_draw

VECTORS = json.loads((Path(__file__).parent / "vectors" / "draw.json").read_text(encoding="utf-8"))
PROOF = VECTORS[1]["proof"]
OTHER = {"tickets": lambda value: value - 1 or 2, "round": lambda value: value + 1, "order": lambda value: value[::-1]}


def verify(text, *arguments):
    command = [sys.executable, "-I", verify_draw.__file__, *map(str, arguments)]
    return subprocess.run(command, input=text, capture_output=True, check=False, timeout=60)


def paths(value, path=()):
    """Return the way to every single value of a proof; the order is one value."""
    if isinstance(value, dict):
        return [found for key in value for found in paths(value[key], (*path, key))]
    if isinstance(value, list) and path != ("order",):
        return [found for index, row in enumerate(value) for found in paths(row, (*path, index))]
    return [path]


def changed(path):
    document = copy.deepcopy(PROOF)
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    holder[path[-1]] = OTHER[path[-1]](old) if path[-1] in OTHER else ("0" if old[:1] != "0" else "1") + old[1:]
    assert document != PROOF
    return document


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["note"])
def test_a_proof_that_holds(vector, tmp_path):
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(vector["proof"]), encoding="utf-8")
    run = verify(None, file)
    lines = run.stdout.decode().splitlines()
    assert (run.returncode, lines[-1], run.stderr) == (0, "OK", b"")
    firms = {row["code"]: row["firm"] for row in vector["proof"]["pool"]}
    drawn = [line for line in lines if "tickets" in line]
    assert [line.split()[1:3] for line in drawn] == [[firms[code], f"{code}（签"] for code in vector["proof"]["order"]]


def test_from_standard_input_and_in_any_spelling_of_the_same_json():
    for text in (json.dumps(PROOF, indent=8), json.dumps(PROOF, ensure_ascii=False), "\ufeff" + json.dumps(PROOF)):
        assert verify(text.encode()).returncode == 0
        assert verify(text.encode(), "-").returncode == 0


@pytest.mark.parametrize("path", paths(PROOF), ids=lambda path: ".".join(map(str, path)))
def test_whatever_is_changed_both_find_it(path):
    document = changed(path)
    assert draw.check(document) != []
    run = verify(json.dumps(document).encode())
    assert run.returncode in (1, 2)
    assert "OK" not in run.stdout.decode().splitlines()


@pytest.mark.parametrize("path", [path for path in paths(PROOF) if path[:1] != ("pool",) or path[1] == 0], ids=str)
def test_whatever_is_missing_or_of_another_kind_both_find_it(path):
    for value in (None, 5.0, True, [], {}):
        document = copy.deepcopy(PROOF)
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value
        assert draw.check(document) != []
        assert not verify_draw.is_proof(document) or verify_draw.recompute(document)["order"] != document["order"]
        del holder[path[-1]]
        assert draw.check(document) != []
        assert not verify_draw.is_proof(document)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_firm_left_out_or_put_in_afterwards(count):
    document = {**PROOF, "pool": PROOF["pool"][:count], "order": PROOF["order"]}
    assert draw.check(document) != []
    assert verify(json.dumps(document).encode()).returncode == 1


@pytest.mark.parametrize(
    "pool",
    [
        PROOF["pool"][::-1],
        [*PROOF["pool"], PROOF["pool"][-1]],
        [{**row, "name": "x"} for row in PROOF["pool"]],
        [{**row, "tickets": 0} for row in PROOF["pool"]],
        [{**row, "tickets": 10_001} for row in PROOF["pool"]],
    ],
    ids=["unsorted", "a firm twice", "an unknown field", "no tickets", "too many tickets"],
)
def test_a_pool_that_no_draw_has_even_when_all_hashes_fit(pool):
    hashed = draw.pool_hash(PROOF["tender"], PROOF["salt"], pool)
    seed = draw.seed(PROOF["tender"], bytes.fromhex(PROOF["secret"]), hashed, PROOF["beacon"])
    order = draw.order(seed, PROOF["tender"], [{**row, "tickets": row["tickets"] or 1} for row in pool])
    document = {**PROOF, "pool": pool, "pool_hash": hashed, "seed": seed, "order": order}
    assert [line.partition(":")[0] for line in draw.check(document)] == ["malformed"]
    assert verify(json.dumps(document).encode()).returncode == 2


@pytest.mark.parametrize("field", ["winner", "note"])
def test_a_field_for_which_nothing_vouches(field):
    document = {**PROOF, field: "91360602MA35XXXX0A"}
    assert draw.check(document) != []
    assert verify(json.dumps(document).encode()).returncode == 2


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"format": "marketplace-draw-1"}',
        json.dumps({**PROOF, "tender": "\ud800"}).encode(),
        json.dumps({**PROOF, "pool": [None]}).encode(),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_file_that_is_no_proof(text):
    run = verify(text)
    assert (run.returncode, run.stderr) == (2, b"")
    assert "This is no readable draw proof" in run.stdout.decode()


def test_no_file(tmp_path):
    run = verify(None, tmp_path / "absent.json")
    assert (run.returncode, run.stderr) == (2, b"")


def test_the_program_is_short_and_imports_the_standard_library_only():
    source = Path(verify_draw.__file__).read_text(encoding="utf-8")
    assert len(source.splitlines()) < 100
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module)
    assert {name.partition(".")[0] for name in imported} <= set(sys.stdlib_module_names)
