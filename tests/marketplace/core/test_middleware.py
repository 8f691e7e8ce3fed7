"""What stands round every view: streams under ASGI, refusals as pages, and what the log says of them."""

import asyncio
import logging
import warnings

import pytest
from django.test import AsyncClient
from django.urls import reverse

from marketplace.core.logs import RefusalFilter
from tests.factories.accounts import make_user
from tests.factories.parties import make_firm
from tests.factories.tenders import make_tender


@pytest.mark.django_db(transaction=True)
def test_an_export_is_streamed_piece_by_piece_under_asgi():
    tenders = [make_tender() for _number in range(3)]

    async def fetch():
        response = await AsyncClient().get(reverse("tenders:export"))
        assert response.is_async
        return b"".join([piece async for piece in response.streaming_content]).decode("utf-8-sig")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = asyncio.run(fetch())
    assert len(text.splitlines()) == 4
    assert all(tender.number in text for tender in tenders)


@pytest.mark.django_db
def test_who_only_looked_reads_no_word_of_changes(client):
    client.force_login(make_firm().memberships.get().user)
    page = client.get(reverse("projects:pull"))
    assert page.status_code == 403
    assert "<h1>您不能打开这一页</h1>" in page.text
    assert "没有改动任何记录" not in page.text
    client.force_login(make_user())
    sent = client.post(reverse("projects:pull"), {"code": "x"})
    assert "<h1>您不能打开这一页</h1>" not in sent.text


@pytest.mark.parametrize(
    ("status", "level"), [(403, "INFO"), (404, "INFO"), (409, "INFO"), (422, "INFO"), (400, "WARNING")]
)
def test_a_refusal_is_information(status, level):
    record = logging.makeLogRecord({"levelno": logging.WARNING, "levelname": "WARNING", "status_code": status})
    RefusalFilter().filter(record)
    assert record.levelname == level


def test_an_error_stays_an_error():
    record = logging.makeLogRecord({"levelno": logging.ERROR, "levelname": "ERROR", "status_code": 500})
    assert RefusalFilter().filter(record)
    assert record.levelname == "ERROR"


def test_djangos_lines_about_answers_pass_the_filter():
    assert any(isinstance(one, RefusalFilter) for one in logging.getLogger("django.request").filters)
