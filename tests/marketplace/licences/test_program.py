"""The local library as a program of its own: many at once on kept connections, and everything still there after a restart."""

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from marketplace.core import clock
from marketplace.licences.library import changes_since, fetch, licences_of
from marketplace.licences.sandbox.invented import newcomers
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db
CODE = newcomers()[0].code


@contextmanager
def program(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DB": "sqlite",
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
    }
    command = [sys.executable, "manage.py", "licence_sandbox", "--port", str(port)]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, trust_env=False, transport=httpx.HTTPTransport(retries=12)) as http:
            assert http.get("/healthz").status_code == 200, process.poll()
            yield url, http
    finally:
        process.terminate()
        assert process.wait(timeout=20) in {0, -15}
        said = (folder / "log").read_text()
        assert "Traceback" not in said, said


def test_it_serves_and_remembers(tmp_path, settings):
    settings.LICENCE_LIBRARY_TIMEOUT = 30
    with program(tmp_path) as (settings.LICENCE_LIBRARY_URL, http):
        listed = licences_of(CODE, reason="核验", by=None, now=clock.now())
        assert [licence.name for licence in listed] == ["营业执照", "测绘资质证书", "注册测绘师证书", "注册测绘师证书"]
        certificate = listed[1].identifier
        _licence, content = fetch(certificate, reason="核验", by=None, now=clock.now())
        assert content.startswith(b"%PDF-")
        own = {"Origin": settings.LICENCE_LIBRARY_URL}
        for _turn in range(20):  # one kept connection, pages and forms by turns
            assert http.get(f"/licences/{certificate}").status_code == 200
            assert http.post("/control", data={"do": "off"}, headers=own).status_code == 302
        assert http.post("/control", json={"do": "suspend", "identifier": certificate}).status_code == 200
        cursor = changes_since(0)[-1][0]
    with program(tmp_path) as (settings.LICENCE_LIBRARY_URL, http):
        again = licences_of(CODE, reason="核验", by=None, now=clock.now())
        assert again[1].status == "suspended"
        assert changes_since(cursor) == []


def test_slow_answers_keep_nobody_else_waiting(tmp_path):
    """Eight questions hang; the control page still comes through, and the program still ends at once."""
    with program(tmp_path) as (url, http), ThreadPoolExecutor(8) as pool:
        assert http.post("/control", json={"do": "fault", "name": "slow", "seconds": 600}).status_code == 200

        def hang():
            with pytest.raises(httpx.ReadTimeout):
                httpx.get(f"{url}/changes?after=0", trust_env=False, timeout=1)

        hanging = [pool.submit(hang) for _turn in range(8)]
        assert http.get("/", timeout=5).status_code == 200
        for one in hanging:
            one.result()
        assert "已打开：一直有效，600 秒" in http.get("/").text


@pytest.mark.parametrize(
    ("key", "refuses"), [("", True), ("local-licence-library", True), ("a-key-that-the-city-gave", False)]
)
def test_production_asks_a_library_with_its_own_key_only(tmp_path, key, refuses):
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "PRODUCTION": "1",
        "DEMO": "",
        "DEBUG": "",
        "SECRET_KEY": "x",
    }
    environment |= {"LICENCE_LIBRARY_URL": "https://library.invalid", "LICENCE_LIBRARY_KEY": key}
    code = "import marketplace.settings"
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert (done.returncode != 0) == refuses, done.stderr
    assert ("needs the library's own LICENCE_LIBRARY_KEY" in done.stderr) == refuses
