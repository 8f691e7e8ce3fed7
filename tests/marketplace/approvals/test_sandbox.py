"""The local approval platform speaks its interface, takes each message once, shows it, and stays out of production."""

import hashlib
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from marketplace.approvals.sandbox.columns import LABELS, named
from marketplace.approvals.sandbox.data import demo_projects, matter_names
from marketplace.parties.uscc import check_uscc

PROJECT = demo_projects()[1]
CASE = PROJECT.cases[0].number
HEADERS = {"X-Api-Key": "local-approval-platform", "Idempotency-Key": "k1"}
STATE = {
    "dfsjzj": "a" * 64,
    "xmdm": PROJECT.code,
    "zjfwsxslbm": "YT2026-000001",
    "spsxslbm": CASE,
    "ztbm": "published",
    "blzt": "待选取中介机构",
    "blsj": "2026-11-24 09:00:00",
}
RESULT = {
    "project_code": PROJECT.code,
    "case_number": CASE,
    "service_code": "YT-ZJ-001",
    "firm_uscc": "91360602MA9Y01K3XL",
    "file_name": "报告.pdf",
    "sha256": hashlib.sha256(b"x").hexdigest(),
    "size": 1,
}


@pytest.fixture
def http(platform):
    with httpx.Client(base_url=platform, trust_env=False, headers={"X-Api-Key": HEADERS["X-Api-Key"]}) as client:
        yield client


def test_projects_are_forty_whole_and_of_our_catalogue():
    projects, names = demo_projects(), matter_names()
    assert len({project.code for project in projects}) == 40
    for project in projects:
        assert 1 <= len(project.cases) <= 3
        assert all(case.matter_code in names for case in project.cases)
        if project.owner_uscc:
            assert check_uscc(project.owner_uscc) == project.owner_uscc
            assert "演示" in project.owner_name


def test_the_key_is_checked(platform):
    for headers in ({}, {"X-Api-Key": "wrong"}):
        answer = httpx.get(f"{platform}/api/projects/{PROJECT.code}", headers=headers, trust_env=False)
        assert answer.status_code == 401


def test_a_project_is_told(http):
    body = http.get(f"/api/projects/{PROJECT.code}").json()
    assert (body["name"], body["owner_uscc"]) == (PROJECT.name, PROJECT.owner_uscc)
    assert body["cases"][0]["status"] == "waiting"
    assert http.get("/api/projects/2605-360602-04-01-999999").status_code == 404


def test_a_message_counts_once(http):
    first = http.post("/api/intermediary/states", json=STATE, headers=HEADERS)
    again = http.post("/api/intermediary/states", json=STATE, headers=HEADERS)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["receipt"] == again.json()["receipt"]
    assert first.json()["case"] == {"number": CASE, "status": "selecting"}
    page = http.get(f"/projects/{PROJECT.code}").text
    assert page.count("<article>") == 1
    assert "待选取中介机构" in page
    assert "本地审批平台 · 演示" in page


def test_a_result_moves_its_case_and_is_shown(http):
    answer = http.post("/api/intermediary/results", json=RESULT, headers=HEADERS)
    assert answer.json()["case"]["status"] == "result"
    page = http.get(f"/projects/{PROJECT.code}").text
    assert RESULT["sha256"] in page
    assert "报告.pdf" in page
    assert "已收到成果" in http.get("/").text


@pytest.mark.parametrize(
    ("path", "change", "status"),
    [
        ("states", {"xmdm": "2605-360602-04-01-999999"}, 422),
        ("states", {"spsxslbm": "nobody"}, 422),
        ("states", {"blzt": ""}, 422),
        ("results", {"sha256": "short"}, 422),
        ("results", {"firm_uscc": None}, 422),
        ("other", {}, 404),
    ],
)
def test_a_wrong_message_is_refused_in_words(http, path, change, status):
    body = {**(RESULT if path == "results" else STATE), **change}
    answer = http.post(f"/api/intermediary/{path}", json=body, headers=HEADERS)
    assert answer.status_code == status
    assert answer.json()["message"]


def test_a_message_needs_a_key_and_json(http):
    assert http.post("/api/intermediary/states", json=STATE).status_code == 400
    assert http.post("/api/intermediary/states", content=b"{", headers=HEADERS).status_code == 400
    assert http.get("/api/intermediary/states", headers=HEADERS).status_code == 405


def test_it_never_runs_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError):
        call_command("approval_sandbox")


def test_columns_are_named_and_money_is_in_yuan():
    body = {**STATE, "amount_fen": 27_000_000, "blyj": "", "unheard_of": "x"}
    rows = named(body)
    assert ("blzt", "办理状态", "待选取中介机构") in rows
    assert ("amount_fen", "中选金额", "270,000.00 元") in rows
    assert ("unheard_of", "", "x") in rows
    assert "blyj" not in {name for name, _label, _value in rows}
    assert [name for name in {**STATE, **RESULT} if not LABELS.get(name)] == []


def test_the_command_is_a_process_of_its_own_and_remembers(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "manage.py", "approval_sandbox", "--port", str(port)]
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DEMO": "1", "PRODUCTION": ""}
    for turn in range(2):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", process)
            url = f"http://127.0.0.1:{port}/api/intermediary/states"
            answer = httpx.post(url, json=STATE, headers=HEADERS, trust_env=False)
            assert answer.status_code == (201 if turn == 0 else 200)
            with ThreadPoolExecutor(16) as people:  # overlapping ones are all answered
                pages = people.map(lambda _turn: httpx.get(f"http://127.0.0.1:{port}/", trust_env=False), range(64))
            assert {page.status_code for page in pages} == {200}
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(url, process):
    for _attempt in range(300):
        assert process.poll() is None
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")
