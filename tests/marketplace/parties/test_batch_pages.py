"""The pages of an association's list: sending it, reading its rows, its results as Excel."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from marketplace.core import clock
from marketplace.core.worker import run_round
from marketplace.parties.actions.batches import HEADINGS, discard_batch, run_batch
from marketplace.parties.models import EntryBatch
from tests.factories.accounts import make_user
from tests.marketplace.parties.conftest import NOW, refused, text
from tests.marketplace.parties.test_batches import association, line, read

pytestmark = pytest.mark.django_db
__all__ = ["association"]


def test_the_pages_of_a_list(association, client):
    client.force_login(make_user())
    page = reverse("parties:batch")
    assert "请先登记您的单位" in text(client.get(page))
    client.force_login(association)
    assert 'value="鹰潭市虚构行业协会"' in text(client.get(page))
    template = load_workbook(io.BytesIO(client.get(reverse("parties:batch_template")).content))
    assert [cell.value for cell in template.active[1]] == list(HEADINGS.values())
    response = client.post(page, {"association": "协会", "file": SimpleUploadedFile("名单.xlsx", b"MZ")})
    assert response.status_code == 422
    assert "error-summary" in text(response)
    formula = line(phone="1", name="=HYPERLINK(A1)")
    rows = [",".join(row) for row in (HEADINGS.values(), line(email=""), formula)]
    file = SimpleUploadedFile("名单.csv", "\n".join(rows).encode())
    response = client.post(page, {"association": "协会", "file": file})
    batch = EntryBatch.objects.get()
    here = reverse("parties:batch_list", args=[batch.pk])
    assert response["Location"] == here
    shown = text(client.get(here))
    for words in ("1 行可以办理", "1 行有错误", "请填写 11 位手机号码", "办理 1 家"):
        assert words in shown
    stranger = Client()
    stranger.force_login(make_user())
    for name in ("batch_list", "batch_results"):
        assert stranger.get(reverse(f"parties:{name}", args=[batch.pk])).status_code == 403
    assert client.post(reverse("parties:batch_run", args=[batch.pk]))["Location"] == here
    assert "every 2s" in text(client.get(here, headers={"HX-Request": "true"}))
    run_round(clock.now())
    shown = text(client.get(here))
    assert "every 2s" not in shown
    assert "没有邮箱" in shown
    book = load_workbook(io.BytesIO(client.get(reverse("parties:batch_results", args=[batch.pk])).content))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert len(rows) == 3
    assert rows[1][-2] == "已登记，待确认"
    assert "联系电话：" in rows[2][-1]
    assert rows[2][1].startswith("=HYPERLINK")
    assert book.active.cell(3, 2).data_type != "f"
    again = SimpleUploadedFile("again.xlsx", client.get(reverse("parties:batch_results", args=[batch.pk])).content)
    assert read(association, file=again).rows.count() == 2


def test_who_may_send_a_list(association):
    person = make_user()
    assert refused(read, by=person) == "not_yours"
    batch = read(association, line())
    assert refused(run_batch, batch=batch, by=person, now=NOW) == "not_yours"
    assert refused(discard_batch, batch=batch, by=person) == "not_yours"
    discard_batch(batch=batch, by=association)
    assert refused(run_batch, batch=batch, by=association, now=NOW) == "state_conflict"
    wrong = read(association, line(phone="1"))
    assert refused(run_batch, batch=wrong, by=association, now=NOW) == "rows_missing"
