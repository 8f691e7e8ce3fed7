"""Lists of associations: every row checked, entered on its own, confirmed by the firm itself."""

import io
import re
from itertools import count

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from marketplace.core import clock
from marketplace.core.worker import run_round
from marketplace.licences.models import LicenceReading
from marketplace.parties import queries
from marketplace.parties.actions import opening
from marketplace.parties.actions.batches import (
    HEADINGS,
    invitation,
    invited,
    read_batch,
    run_batch,
    run_rows,
)
from marketplace.parties.models import EntryBatch, Organization
from marketplace.parties.uscc import make_uscc
from tests.factories.accounts import PASSWORD
from tests.factories.catalog import make_kind, make_service
from tests.factories.licences import make_holder
from tests.factories.parties import make_buyer, make_firm
from tests.marketplace.parties.conftest import names, refused, text, whole

pytestmark = pytest.mark.django_db
NOW = clock.now()
_numbers = count(1)


def code():
    return make_uscc(f"91360602MB{next(_numbers):07d}")


def line(**given):
    values = {
        "uscc": code(),
        "name": "虚构咨询有限公司",
        "contact_name": "李四",
        "phone": "13900001111",
        "services": "节能报告编制",
        "email": "firm@example.invalid",
    }
    values |= given
    return [values.get(key, "") for key in HEADINGS]


def excel(*lines, name="名单.xlsx"):
    book = Workbook()
    for row in [HEADINGS.values(), *lines]:
        book.active.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return SimpleUploadedFile(name, target.getvalue())


def _letter():
    """Give the invitation among the mails; the association was told of its own entry, too."""
    (letter,) = [one for one in mail.outbox if one.to == ["firm@example.invalid"]]
    return letter


@pytest.fixture
def association():
    make_service(name="节能报告编制")
    return make_buyer(kind="social", name="鹰潭市虚构行业协会").memberships.get().user


def read(by, *lines, file=None):
    return read_batch(association="鹰潭市虚构行业协会", file=file or excel(*lines), by=by, now=NOW)


def test_a_good_row_becomes_a_firm_that_waits_for_its_own_word(association):
    batch = read(association, line())
    assert not Organization.objects.intermediaries().exists()
    batch = run_batch(batch=batch, by=association, now=NOW)
    assert run_rows(batch=batch, now=NOW) == 1
    row = batch.rows.get()
    firm = row.organization
    assert row.status == "entered"
    assert (firm.name, firm.is_intermediary, firm.commitment_hash, firm.origins) == ("虚构咨询有限公司", True, "", {})
    assert not firm.memberships.exists()
    assert not firm.offerings.exists()
    assert firm not in queries.firms()
    assert names(firm) == ["organization_listed"]
    assert whole(firm)
    batch.refresh_from_db()
    assert (batch.status, batch.finished_at) == ("done", NOW)
    assert "鹰潭市虚构行业协会" in _letter().body


def test_the_invited_contact_confirms(association, client):
    batch = run_batch(batch=read(association, line()), by=association, now=NOW)
    run_rows(batch=batch, now=NOW)
    path = re.search(r"https?://[^/]+(/\S+)", _letter().body)[1]
    row = batch.rows.get()
    page = text(client.get(path, follow=True))
    assert "鹰潭市虚构行业协会已替贵机构登记" in page
    assert row.values["uscc"] in page
    given = {"uscc": row.values["uscc"], "username": "newfirm", "password": PASSWORD}
    assert client.post(reverse("parties:enter"), given)["Location"] == reverse("parties:enter_organization")
    page = text(client.get(reverse("parties:enter_organization")))
    for words in ("虚构咨询有限公司", "李四", "13900001111", "firm@example.invalid"):
        assert f'value="{words}"' in page
    organization = {"name": "虚构咨询有限公司", "kind": "enterprise", "contact_name": "李四", "phone": "13900001111"}
    client.post(reverse("parties:enter_organization"), organization)
    assert "checked" in text(client.get(reverse("parties:enter_services")))
    client.post(reverse("parties:enter_services"), {"services": row.values["services"]})
    assert "已入驻" in text(client.post(reverse("parties:enter_check"), {"committed": "on"}, follow=True))
    firm = Organization.objects.get(uscc=row.values["uscc"])
    row.refresh_from_db()
    assert row.status == "confirmed"
    assert firm.memberships.get().user.username == "newfirm"
    assert firm.offerings.get().status == "live"
    assert firm in queries.firms()
    assert names(firm)[:2] == ["organization_listed", "organization_entered"]
    assert refused(invited, word=invitation(row)) == "already_confirmed"
    assert client.get(path).status_code == 409


def test_somebody_without_the_link_does_not_read_the_contact(association, client):
    batch = run_batch(batch=read(association, line()), by=association, now=NOW)
    run_rows(batch=batch, now=NOW)
    given = {"uscc": batch.rows.get().values["uscc"], "username": "newfirm", "password": PASSWORD}
    client.post(reverse("parties:enter"), given)
    page = text(client.get(reverse("parties:enter_organization")))
    assert "虚构咨询有限公司" in page
    assert "13900001111" not in page
    assert client.get(reverse("parties:invited", args=["forged"])).status_code == 404


def test_the_library_comes_first(association, library):
    make_kind(code="surveying")
    known = code()
    library.issue(make_holder(code=known, practitioners=()))
    batch = run_batch(batch=read(association, line(uscc=known, name="别的名字")), by=association, now=NOW)
    run_rows(batch=batch, now=NOW)
    firm = batch.rows.get().organization
    assert (firm.name, firm.origins["name"]) == ("虚构测绘有限公司", "authority")
    assert firm.licence_read_at is not None


def test_a_silent_library_is_asked_once_a_round(association, library):
    library.act("fault", name="fail")
    batch = run_batch(batch=read(association, line(), line(), line()), by=association, now=NOW)
    assert run_rows(batch=batch, now=NOW) == 3
    assert LicenceReading.objects.count() == 1
    assert not Organization.objects.filter(licence_read_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("values", "column", "words"),
    [
        ({"uscc": "9136"}, "uscc", "您填了 4 位"),
        ({"uscc": "91110108551385082R"}, "uscc", "校验码对不上"),
        ({"name": ""}, "name", "请填写营业执照上的完整名称"),
        ({"contact_name": ""}, "contact_name", "请填写联系人姓名"),
        ({"phone": "12345"}, "phone", "请填写 11 位手机号码"),
        ({"services": ""}, "services", "请填写至少一项服务"),
        ({"services": "节能报告编制、炼金"}, "services", "目录里没有“炼金”"),
        ({"email": "x@"}, "email", "邮箱地址不完整"),
        ({"region": "火星"}, "region", "没有“火星”这个所在地"),
        ({"address": "路" * 201}, "address", "最多 200 个字"),
    ],
)
def test_what_is_wrong_stands_at_its_row_and_column(association, values, column, words):
    row = read(association, line(), line(**values)).rows.get(number=3)
    assert row.status == "wrong"
    assert [one for one, said in row.problems if words in said] == [column]


def test_a_service_by_part_of_its_name_where_it_is_one(association):
    make_service(name="节能验收报告")
    row = read(association, line(services="能报告编"), line(services="节能")).rows
    assert row.get(number=2).status == "ready"
    assert "请写全称：节能报告编制、节能验收报告" in row.get(number=3).problems[0][1]


def test_codes_of_others_and_twice(association):
    known, twice = make_firm().uscc, code()
    batch = read(association, line(uscc=known), line(uscc=twice), line(uscc=twice.lower()))
    assert list(batch.rows.values_list("status", flat=True)) == ["wrong", "ready", "wrong"]
    assert "已经登记" in batch.rows.get(number=2).problems[0][1]
    assert "重复" in batch.rows.get(number=4).problems[0][1]


def test_a_code_that_was_taken_meanwhile_is_a_row_not_an_end(association):
    taken = line()
    batch = run_batch(batch=read(association, taken, line()), by=association, now=NOW)
    make_firm(uscc=taken[0])
    assert run_rows(batch=batch, now=NOW) == 2
    assert list(batch.rows.values_list("status", flat=True)) == ["wrong", "entered"]


def test_who_enters_as_an_owner_is_no_firm_by_being_listed(association, client):
    batch = run_batch(batch=read(association, line()), by=association, now=NOW)
    run_rows(batch=batch, now=NOW)
    firm = batch.rows.get().organization
    assert client.get(firm.get_absolute_url()).status_code == 404
    make_buyer(uscc=firm.uscc, name="虚构咨询有限公司", kind="enterprise")
    firm.refresh_from_db()
    assert (firm.is_buyer, firm.is_intermediary) == (True, False)
    assert batch.rows.get().status == "entered"
    make_firm(uscc=firm.uscc, user=firm.memberships.get().user)
    firm.refresh_from_db()
    assert (firm.is_buyer, firm.is_intermediary) == (True, True)
    assert batch.rows.get().status == "confirmed"
    assert client.get(firm.get_absolute_url()).status_code == 200


def test_two_people_who_confirm_at_once_are_not_both_in(association, monkeypatch):
    batch = run_batch(batch=read(association, line()), by=association, now=NOW)
    run_rows(batch=batch, now=NOW)
    listed = batch.rows.get().organization
    first = make_firm(uscc=listed.uscc)
    monkeypatch.setattr(opening, "check_free", _as_before(opening.check_free, listed))
    assert refused(make_firm, uscc=listed.uscc) == "already_entered"
    assert first.memberships.count() == 1


def _as_before(check, listed):
    """Answer the first question as it was before the other person came, as a request that ran beside theirs had it."""
    answers = [listed]
    return lambda *given: answers.pop() if answers else check(*given)


def test_a_slow_library_gets_one_question_a_round(association, monkeypatch):
    monkeypatch.setattr("marketplace.parties.found.SLOW", -1.0)
    batch = run_batch(batch=read(association, line(), line()), by=association, now=NOW)
    assert run_rows(batch=batch, now=NOW) == 1
    assert run_rows(batch=batch, now=NOW) == 1


def test_a_run_that_broke_off_goes_on(association):
    batch = run_batch(batch=read(association, *(line() for _turn in range(5))), by=association, now=NOW)
    assert run_rows(batch=batch, now=NOW, most=2) == 2
    batch.refresh_from_db()
    assert batch.status == "running"
    assert run_round(NOW)["entry_batches"] == 3
    batch.refresh_from_db()
    assert batch.status == "done"
    assert association.messages.filter(title__contains="批量登记已完成").count() == 1
    assert run_round(NOW)["entry_batches"] == 0


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SimpleUploadedFile("名单.xlsx", b"MZ\x90"), "file_content"),
        (SimpleUploadedFile("名单.exe", b"MZ\x90"), "file_kind"),
        (SimpleUploadedFile("名单.csv", b"\xff\xff\xff"), "file_content"),
        (SimpleUploadedFile("名单.csv", b"\0\0"), "file_content"),
        (SimpleUploadedFile("名单.csv", "名称,电话\n甲,1".encode()), "columns_missing"),
        (SimpleUploadedFile("名单.csv", b""), "columns_missing"),
        (SimpleUploadedFile("名单.csv", ",".join(HEADINGS.values()).encode()), "rows_missing"),
        (SimpleUploadedFile("名单.csv", b"a" * (10 * 1024 * 1024 + 1)), "file_too_large"),
    ],
)
def test_files_that_are_no_list(association, file, code):
    assert refused(read, by=association, file=file) == code
    assert not EntryBatch.objects.exists()


def test_a_csv_of_chinese_windows(association):
    body = "\n".join([",".join(HEADINGS.values()), ",".join(line())])
    batch = read(association, file=SimpleUploadedFile("名单.csv", body.encode("gb18030")))
    assert batch.rows.get().values["name"] == "虚构咨询有限公司"


def test_ten_thousand_rows_with_errors_and_not_one_more(association, django_assert_max_num_queries):
    good, wrong = line(), line(phone="1")
    lines = [",".join(HEADINGS.values())]
    for number in range(10_000):
        row = list(wrong if number % 10 == 0 else good)
        row[0] = make_uscc(f"91360602MC{number:07d}")
        lines.append(",".join(row))
    with django_assert_max_num_queries(120):
        batch = read(association, file=SimpleUploadedFile("名单.csv", "\n".join(lines).encode()))
    assert batch.rows.filter(status="wrong").count() == 1000
    assert batch.rows.filter(status="ready").count() == 9000
    lines.append(",".join(line()))
    file = SimpleUploadedFile("名单.csv", "\n".join(lines).encode())
    assert refused(read, by=association, file=file) == "too_many_rows"
