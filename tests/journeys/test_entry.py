"""Entry without a threshold, as people meet it: known and unknown firms, a person, a claim, an association's list.

Everybody acts through pages; the licence library is the local one and speaks its real protocol over HTTP.
"""

import io
import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from marketplace.core.events import broken_links
from marketplace.core.models import Process
from marketplace.core.workdays import add_working_days
from marketplace.licences.models import LicenceReading
from marketplace.parties.actions.batches import HEADINGS
from marketplace.parties.models import EntryBatch, EntryClaim, Organization
from marketplace.parties.uscc import make_uscc
from tests.factories.accounts import make_admin
from tests.factories.licences import make_holder
from tests.journeys.conftest import PASSWORD, PDF, Person

pytestmark = pytest.mark.django_db(transaction=True)
SURVEY = "YT-ZJ-025"  # 放线、验线测量: a surveying qualification of grade 乙 for 工程测量
PLAIN = "YT-ZJ-014"  # 水土保持方案编制: any capable firm
KNOWN, UNKNOWN, CLAIMED = (make_uscc(f"91360602MTE00000{number}") for number in (1, 2, 3))
CONTACT = {"contact_name": "李思源", "phone": "13900002222"}


def begin(code: str, username: str) -> tuple[Person, str]:
    firm = Person()
    return firm, firm.send("/entry/", uscc=f" {code.lower()} ", username=username, password=PASSWORD)


def is_whole(organization: Organization) -> bool:
    return broken_links(Process.objects.get(pk=organization.process_id)) == []


def test_a_firm_that_the_library_knows(time, library):
    library.issue(make_holder(code=KNOWN))
    firm, text = begin(KNOWN, "known")
    assert firm.at == "/entry/services/"  # nobody asks what the library knows
    for words in ("虚构测绘有限公司", "温如玉", "甲测资字 3600001", "放线、验线测量"):
        assert words in text
    text = firm.send("/entry/services/", services=[SURVEY, PLAIN], **CONTACT)
    assert firm.at == "/entry/check/"  # no certificate is missing
    assert "证照库" in text
    text = firm.send("/entry/check/", committed="on")
    assert "虚构测绘有限公司已入驻" in text
    organization = Organization.objects.get(uscc=KNOWN)
    states = dict(organization.offerings.values_list("service__code", "status"))
    assert states[PLAIN] == "live"
    assert states[SURVEY] in {"live", "announced"}  # its certificate is checked; a public notice may come first
    assert organization.qualifications.get().origin == "authority"
    reading = LicenceReading.objects.get()
    assert (reading.holder_code, reading.by.username) == (KNOWN, "known")
    time.go_on(minutes=2)
    assert organization.commitments.get().file  # the worker has made the letter
    public = Person().visit(organization.get_absolute_url())
    assert "证照库" in public
    assert "13900002222" not in public
    assert is_whole(organization)


def test_an_unknown_firm_goes_on_by_hand_and_is_checked_later(time, library):
    library.act("fault", name="fail")
    firm, text = begin(UNKNOWN, "unknown")
    assert firm.at == "/entry/organization/"
    assert "证照库暂时没有答复" in text
    firm.send("/entry/organization/", name="虚构测绘有限公司", leave="1", **CONTACT)
    assert firm.at == "/desk/"
    firm = Person()  # on another device, another day
    time.go_on(days=1)
    text = firm.send("/account/sign-in/?next=/desk/", username="unknown", password=PASSWORD)
    assert "继续办理" in firm.visit("/desk/")
    assert 'value="虚构测绘有限公司"' in firm.visit("/entry/organization/")
    firm.send("/entry/organization/", name="虚构测绘有限公司", kind="enterprise", **CONTACT)
    firm.send("/entry/services/", services=[SURVEY, PLAIN])
    assert firm.at == "/entry/certificates/"
    scan = SimpleUploadedFile("证书.pdf", b"MZ\x90\x00")
    certificate = {"surveying-grade": "甲级", "surveying-number": "甲测资字 3600001", "surveying-scopes": "工程测量"}
    text = firm.send("/entry/certificates/", status=422, **certificate, **{"surveying-file": scan})
    assert "文件内容不是 pdf" in text
    scan = SimpleUploadedFile("证书.pdf", PDF)
    firm.send("/entry/certificates/", **certificate, **{"surveying-file": scan})
    text = firm.send("/entry/check/", committed="on")
    assert "自行申报" in text
    organization = Organization.objects.get(uscc=UNKNOWN)
    assert (organization.origins, organization.licence_read_at) == ({}, None)
    assert organization.qualifications.get().status == "declared"

    library.act("off")
    library.issue(make_holder(code=UNKNOWN))
    cache.clear()
    time.go_on(minutes=5)
    organization.refresh_from_db()
    assert organization.origins["name"] == "authority"
    assert organization.licence_read_at == time.now
    assert organization.qualifications.get().status == "valid"
    assert is_whole(organization)


def test_a_natural_person_as_owner(time, library):
    owner = Person()
    who = {"username": "person", "password": PASSWORD, "kind": "person", "name": "", **CONTACT, "committed": "on"}
    assert "请填写单位名称或您的姓名" in owner.send("/entry/owner/", status=422, **who)
    owner.send("/entry/owner/", **{**who, "name": "孙晓明"})
    assert owner.at == "/desk/"
    organization = Organization.objects.get(name="孙晓明")
    assert (organization.uscc, organization.kind) == (None, "person")
    assert organization.commitments.get().role == "buyer"
    assert not LicenceReading.objects.exists()
    time.go_on(minutes=2)
    assert is_whole(organization)


def test_a_body_as_owner_types_no_name(time, library):
    code = make_uscc("12360600MTE000001")
    library.issue(make_holder(code=code, name="鹰潭市虚构中心", kind="public_body", certificates=(), practitioners=()))
    owner = Person()
    who = {"username": "body", "password": PASSWORD, "kind": "enterprise", "uscc": code, **CONTACT, "committed": "on"}
    text = owner.send("/entry/owner/", **who)
    assert owner.at == "/entry/owner/check/"
    assert "鹰潭市虚构中心（统一社会信用代码" in text  # the letter that is signed names it
    owner.send("/entry/owner/check/", committed="on")
    assert owner.at == "/desk/"
    organization = Organization.objects.get(uscc=code)
    assert (organization.name, organization.kind) == ("鹰潭市虚构中心", "public_body")
    assert organization.origins["name"] == "authority"


def test_a_code_that_somebody_else_has_entered(time, library):
    staff = make_admin()
    first, _text = begin(CLAIMED, "first")
    first.send("/entry/organization/", name="丹霞坳咨询有限公司", kind="enterprise", **CONTACT)
    first.send("/entry/services/", services=[PLAIN])
    first.send("/entry/check/", committed="on")
    organization = Organization.objects.get(uscc=CLAIMED)

    second = Person()
    account = {"uscc": CLAIMED, "username": "second", "password": PASSWORD}
    text = second.send("/entry/", status=422, **account)
    assert "申请认领" in text
    second.send("/entry/", uscc=make_uscc("91360602MTE000009"), username="second", password=PASSWORD)
    page = f"/entry/claim/?code={CLAIMED}"
    words = "我是法定代表人，原经办人已离职"
    second.send(page, statement=words, file=SimpleUploadedFile("授权书.pdf", PDF))
    claim = EntryClaim.objects.get()
    here = f"/entry/claims/{claim.pk}/"
    assert second.at == here
    assert "申请代表本单位办理业务" in first.visit("/desk/")
    first.send(here, decision="refuse", reason="不认识此人")
    assert organization.memberships.count() == 1

    time.go_on(add_working_days(time.now, 1))
    desk = Person()
    desk.client.force_login(staff)
    assert "不认识此人" in desk.visit(here)
    desk.send(here, decision="grant", reason="授权书属实")
    assert {row.user.username for row in organization.memberships.all()} == {"first", "second"}
    assert "丹霞坳咨询有限公司" in second.visit("/account/firm/")
    assert "丹霞坳咨询有限公司" in first.visit("/account/firm/")
    assert is_whole(organization)


def test_an_association_enters_two_hundred_firms(time, library):
    association = Person()
    who = {"kind": "social", "uscc": make_uscc("51360600MTE000001"), "name": "鹰潭市虚构协会", **CONTACT}
    association.send("/entry/owner/", username="association", password=PASSWORD, committed="on", **who)
    known = make_uscc("91360602MTF000010")
    library.issue(make_holder(code=known, name="证照库里的名称有限公司", certificates=(), practitioners=()))
    lines = [",".join(HEADINGS.values())]
    for number in range(200):
        code = make_uscc(f"91360602MTF{number:06d}")
        values = [
            code,
            f"虚构会员{number}有限公司",
            "王建平",
            "0701-6001234",
            "水土保持方案编制",
            f"f{number}@firms.invalid",
        ]
        if number in FAULTS:
            column, value = FAULTS[number]
            values[column] = value
        lines.append(",".join(values))
    file = SimpleUploadedFile("会员名单.csv", "\n".join(lines).encode("gb18030"))
    text = association.send("/entry/batch/", association="鹰潭市虚构协会", file=file)
    assert "193 行可以办理，7 行有错误" in text
    assert not Organization.objects.filter(name__startswith="虚构会员").exists()
    batch = EntryBatch.objects.get()
    here = f"/entry/batch/{batch.pk}/"
    association.send(f"{here}run/")
    while batch.rows.filter(status="ready").exists():  # every round of the worker enters some
        before = batch.rows.filter(status="ready").count()
        time.go_on(seconds=5)
        assert batch.rows.filter(status="ready").count() < before
    text = association.visit(here)
    assert "已完成" in text
    assert batch.rows.filter(status="entered").count() == 193
    assert Organization.objects.get(uscc=known).name == "证照库里的名称有限公司"
    assert batch.user.messages.filter(title__contains="批量登记已完成").count() == 1

    answer = association.client.get(f"{here}results/")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    wrong = {row[-3]: row[-1] for row in rows if row[-2] == "有错误"}
    assert set(wrong) == {str(number + 2) for number in FAULTS}
    assert "校验码对不上" in wrong["22"]
    assert "目录里没有“炼金术”" in wrong["82"]

    (letter,) = [one for one in mail.outbox if one.to == ["f5@firms.invalid"]]
    path = re.search(r"https?://[^/]+(/entry/invited/\S+)", letter.body)[1]
    member = Person()
    assert "鹰潭市虚构协会已替贵机构登记" in member.visit(path)
    member.send("/entry/", uscc=make_uscc("91360602MTF000005"), username="member5", password=PASSWORD)
    member.send("/entry/organization/", name="虚构会员5有限公司", kind="enterprise", **CONTACT)
    member.send("/entry/services/", services=[PLAIN])
    assert "虚构会员5有限公司已入驻" in member.send("/entry/check/", committed="on")
    assert batch.rows.get(number=7).status == "confirmed"
    assert Organization.objects.get(name="虚构会员5有限公司").offerings.get().status == "live"


FAULTS = {  # number of the firm: (place of the column, what stands there)
    20: (0, "91110108551385082R"),
    40: (0, "9136"),
    60: (1, ""),
    80: (4, "炼金术"),
    100: (3, "12345"),
    120: (5, "f120@"),
    140: (2, ""),
}
