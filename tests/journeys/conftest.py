"""What the stories are told with: a clock moved by hand, people with a browser each, and the two neighbours."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as project_settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from marketplace.bidding.models import Pulse
from marketplace.catalog.actions import load_catalog
from marketplace.core import clock
from marketplace.core.worker import run_round
from marketplace.parties.actions.lookup import _pace
from payments.sandbox.robot import InProcess, gateway_in_process
from search import embedded
from tests.factories.licences import RunningLibrary, local_library
from tests.factories.projects import local_platform

PASSWORD = "river-copper-27"
CHINA = ZoneInfo("Asia/Shanghai")
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


class Time:
    """The story's time. It stands still until the story goes on; then the worker looks once, as it does every second."""

    def __init__(self) -> None:
        self.now = clock.now().replace(microsecond=0)
        self.gateway: InProcess | None = None

    def go_on(self, until: datetime | None = None, **length: float) -> None:
        self.now = until or self.now + timedelta(**length)
        if self.gateway is not None:
            self.gateway.now = self.now
        Pulse.objects.update(at=self.now)  # the platform was there all the while: no auction is given time back
        done = run_round(self.now)
        assert -1 not in done.values(), done


class Person:
    """Somebody with a browser: visits pages, sends their forms, and reads what comes back."""

    def __init__(self) -> None:
        self.client = Client()

    def visit(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path, follow=True)
        assert answer.status_code == status, (path, answer.status_code)
        self.at = answer.redirect_chain[-1][0] if answer.redirect_chain else path
        return words_of(answer)

    def send(self, path: str, status: int = 200, **form: object) -> str:
        """Send a form and follow to where it leads; `self.at` is then the address of the page that came back."""
        answer = self.client.post(path, form, follow=True)
        text = words_of(answer)
        assert answer.status_code == status, (path, answer.status_code, text[:2000])
        self.at = answer.redirect_chain[-1][0] if answer.redirect_chain else path
        return text

    def asks(self, path: str) -> dict:
        """Read a page that answers in JSON."""
        return self.client.get(path, headers={"accept": "application/json"}).json()


def words_of(answer) -> str:
    """Return a page as text with its entities read; a file as nothing."""
    return html.unescape(answer.content.decode()) if "text/" in answer.headers["Content-Type"] else ""


def upload(name: str = "环境影响报告书（送审稿）.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def typed(moment: datetime) -> str:
    """Write a moment as people type it: the time of day in China."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Move time by hand: ours and the database's, which decides about bids, are the same here."""
    story = Time()
    monkeypatch.setattr(clock, "now", lambda: story.now)
    monkeypatch.setattr(clock, "database_now", lambda: story.now)
    return story


@pytest.fixture
def alipay(transactional_db, time: Time, tmp_path, settings) -> Iterator[InProcess]:
    """Open the marketplace with its catalogue, and Alipay's local gateway: real signatures, real notices, a rich buyer."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    settings.ALIPAY_SANDBOX_DIR = tmp_path / "alipay"
    settings.ALIPAY_APP_PRIVATE_KEY = settings.ALIPAY_PUBLIC_KEY = ""
    load_catalog(now=time.now)
    with gateway_in_process(settings.ALIPAY_SANDBOX_DIR) as gateway:
        gateway.now, time.gateway = time.now, gateway
        yield gateway
    embedded.close()


@pytest.fixture
def approvals(tmp_path, settings) -> Iterator[str]:
    """Run the local approval platform on a port of its own; give its address."""
    with local_platform(tmp_path / "platform", key=settings.APPROVAL_PLATFORM_KEY) as address:
        settings.APPROVAL_PLATFORM_URL = address
        yield address


@pytest.fixture
def library(time: Time, tmp_path, settings) -> Iterator[RunningLibrary]:
    """Open the marketplace with its catalogue, and the local licence library."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    load_catalog(now=time.now)
    cache.clear()
    _pace.forget()
    with local_library(tmp_path / "library", key=settings.LICENCE_LIBRARY_KEY) as running:
        settings.LICENCE_LIBRARY_URL = running.url
        yield running


@pytest.fixture(params=["zh-hans", "en"])
def reader(request, client, settings, tmp_path):
    """Read pages in one language; `reader.says(answer, status, sentence)` checks a refusal."""
    settings.MEDIA_ROOT = tmp_path
    client.cookies[project_settings.LANGUAGE_COOKIE_NAME] = request.param

    def says(answer, status: int, sentence: str, *kept: str) -> None:
        page = html.unescape(answer.content.decode())
        assert answer.status_code == status, page[:3000]
        assert request.param == "en" or sentence in page, page
        for words in kept:
            assert words in page, f"lost: {words}"

    client.says = says
    return client


def post(client, view: str, /, *args, **form):
    return client.post(reverse(view, args=args), form)


def file(name: str, content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
