"""Entry with services that ask for practitioners: whom the library did not bring is named on the page of certificates."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.core import clock
from marketplace.parties.actions.practitioners import add_practitioner
from marketplace.parties.handlers.entries import sweep_entry_files
from marketplace.parties.models import EntryDraft, Organization, Practitioner, PractitionerCertificate
from marketplace.parties.persons import person_key
from marketplace.parties.uscc import make_uscc
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_kind, make_service
from tests.factories.licences import make_certificate, make_holder
from tests.factories.parties import make_firm, next_person, next_uscc
from tests.marketplace.parties.conftest import ORGANIZATION, go, start, text, whole

pytestmark = pytest.mark.django_db
NEEDS = {"all": [{"kind": "eia-platform"}, {"practitioner": "eia-engineer", "count": 2}]}
PLATFORM = {"eia-platform-number": "信用 1"}
CODE = make_uscc("91360602MT0000001")


@pytest.fixture
def service():
    make_kind(code="eia-platform", name="环境影响评价信用平台登记", grades=[])
    make_kind(code="eia-engineer", name="环境影响评价工程师", grades=[], holder="person")
    return make_service(name="环境影响报告书编制", requirement=NEEDS)


@pytest.fixture
def asked(client, service):
    """Let somebody come as far as the page of certificates."""
    client.force_login(make_user())
    go(client, "enter", {"uscc": next_uscc()})
    go(client, "enter_organization", ORGANIZATION)
    response = go(client, "enter_services", {"services": [service.code]})
    assert response["Location"] == reverse("parties:enter_certificates")
    return client


def engineer(place=0, **given):
    values = {"name": "温若川", "number": next_person(), "certificate_number": f"环评 {place}", **given}
    return {f"eia-engineer-{place}-{field}": value for field, value in values.items()}


def page(client, name="enter_certificates"):
    return text(client.get(reverse(f"parties:{name}")))


def send(client, *parts, **more):
    values = {key: value for part in parts for key, value in part.items()}
    return go(client, "enter_certificates", {**PLATFORM, **values, **more})


def test_a_firm_names_its_practitioners(asked, files):
    shown = page(asked)
    assert "环境影响评价工程师" in shown
    assert "需要 2 名" in shown
    assert 'name="eia-engineer-1-name"' in shown
    assert 'name="eia-engineer-2-name"' not in shown
    number, scan = next_person(), SimpleUploadedFile("证书.pdf", b"%PDF-1.7 scan")
    first = engineer(0, number=f" {number.lower()} ", discipline="冶金", valid_until="2099-01-31", file=scan)
    response = send(asked, first, engineer(1, name="甄怀瑾"))
    assert response["Location"] == reverse("parties:enter_check")
    draft = json.dumps(EntryDraft.objects.get().values)
    assert number not in draft
    assert person_key(number) in draft
    check = page(asked, "enter_check")
    for words in ("温若川", "甄怀瑾", "环评 0", "冶金", "证书.pdf"):
        assert words in check
    assert "入驻后还不能承接" not in check
    assert number not in check
    sweep_entry_files(clock.now() + timedelta(days=3))  # the scan is the draft's
    assert "资质核验后开通" in text(go(asked, "enter_check", {"committed": "on"}, follow=True))
    firm = Organization.objects.get()
    assert firm.offerings.get().status == "checking"
    row = PractitionerCertificate.objects.get(number="环评 0")
    assert (row.origin, row.discipline, str(row.valid_until)) == ("declared", "冶金", "2099-01-31")
    assert (row.practitioner.person_key, row.practitioner.last4) == (person_key(number), number[-4:])
    with row.file.open() as kept:
        assert kept.read() == b"%PDF-1.7 scan"
    assert row.sha256
    assert not list((files / "entry").iterdir())
    assert whole(firm)


def test_a_firm_that_names_nobody_enters_and_its_service_waits(asked, service):
    assert send(asked)["Location"] == reverse("parties:enter_check")
    lacks = "缺少：环境影响评价工程师至少 2 名（现有 0 名）"
    assert lacks in page(asked, "enter_check")
    response = text(go(asked, "enter_check", {"committed": "on"}, follow=True))
    assert "登记执业人员后开通" in response
    firm = Organization.objects.get()
    assert firm.offerings.get().status == "suspended"
    own = page(asked, "my_firm")
    assert f"{lacks}。其余申报的资质正在核验。" in own
    user = firm.memberships.get().user
    for place in range(2):
        add_practitioner(
            organization=firm,
            name="温若川",
            number=next_person(),
            kind=PractitionerCertificate._meta.get_field("kind").related_model.objects.get(code="eia-engineer"),
            certificate_number=f"环评 {place}",
            by=user,
            now=clock.now(),
        )
    assert firm.offerings.get().status == "checking"


def test_too_few_are_taken_and_the_rest_is_said(asked):
    assert send(asked, engineer())["Location"] == reverse("parties:enter_check")
    assert "至少 2 名（现有 1 名）" in page(asked, "enter_check")
    go(asked, "enter_check", {"committed": "on"})
    assert Practitioner.objects.count() == 1
    assert Organization.objects.get().offerings.get().status == "suspended"


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": ""}, "name", "请填写执业人员的姓名"),
        ({"number": ""}, "number", "请填写证件号码"),
        ({"number": "12345"}, "number", "居民身份证号码是 18 位数字"),
        ({"certificate_number": ""}, "certificate_number", "请填写执业证书的编号"),
        ({"valid_until": "2020-01-01"}, "valid_until", "已经到期"),
        ({"valid_until": "不知道"}, "valid_until", "请填写日期"),
        ({"file": SimpleUploadedFile("证书.pdf", b"MZ\x90")}, "file", "文件内容不是 pdf"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_in_the_summary(asked, wrong, field, words):
    response = send(asked, engineer(0, **wrong), engineer(1, name="甄怀瑾"))
    assert response.status_code == 422
    shown = text(response)
    assert words in shown
    assert f'href="#id_eia-engineer-0-{field}"' in shown
    assert f'id="id_eia-engineer-0-{field}_error"' in shown
    for typed in ("甄怀瑾", "信用 1", "环评 1"):
        assert f'value="{typed}"' in shown
    again = page(asked)  # what was right waits in the draft
    assert 'value="甄怀瑾"' in again
    assert "已核对，尾号" in again


def test_who_works_elsewhere_is_said_at_the_number(asked):
    other, number = make_firm(), next_person()
    kind = make_kind(code="other-engineer", grades=[], holder="person")
    user = other.memberships.get().user
    values = {"name": "温若川", "number": number, "kind": kind, "certificate_number": "1", "by": user}
    response = send(asked, engineer(0), engineer(1))
    assert response.status_code == 302
    add_practitioner(organization=other, now=clock.now(), **values)
    response = send(asked, engineer(0, number=number), engineer(1))
    assert response.status_code == 422
    shown = text(response)
    assert "目前登记在另一家机构" in shown
    assert 'href="#id_eia-engineer-0-number"' in shown
    assert 'value="温若川"' in shown


def test_who_joins_another_firm_meanwhile_is_said_at_the_number(asked):
    other, number = make_firm(), next_person()
    assert send(asked, engineer(0, number=number), engineer(1, name="甄怀瑾")).status_code == 302
    kind = make_kind(code="other-engineer", grades=[], holder="person")
    values = {"name": "温若川", "number": number, "kind": kind, "certificate_number": "1"}
    add_practitioner(organization=other, by=other.memberships.get().user, now=clock.now(), **values)
    response = go(asked, "enter_check", {"committed": "on"})
    assert response["Location"] == reverse("parties:enter_certificates")
    assert Organization.objects.count() == 1
    shown = page(asked)
    assert "目前登记在另一家机构" in shown
    assert 'id="id_eia-engineer-0-number_error"' in shown
    assert 'id="id_eia-engineer-1-number_error"' not in shown
    third = send(asked, engineer(0, name="奚云舒"), engineer(1, name="甄怀瑾", number=""))  # the second is known by now
    assert third["Location"] == reverse("parties:enter_check")


def test_one_certificate_is_not_two_peoples(asked):
    response = send(asked, engineer(0), engineer(1, certificate_number="环评 0"))
    assert response.status_code == 422
    assert 'id="id_eia-engineer-1-certificate_number_error"' in text(response)
    assert "已经填给另一个人" in text(response)


def test_another_name_needs_another_number(asked):
    assert send(asked, engineer(0)).status_code == 302
    response = send(asked, engineer(0, name="甄怀瑾", number=""))
    assert response.status_code == 422
    assert "姓名改了，请重新填写证件号码" in text(response)


def test_one_more_and_one_less_without_complaints(asked):
    response = send(asked, engineer(0), engineer(1, number="12345"), more="eia-engineer")
    shown = text(response)
    assert response.status_code == 200
    assert 'name="eia-engineer-2-name"' in shown
    assert "error-summary" not in shown
    assert 'value="12345"' in shown
    two = (engineer(0, name="甲"), engineer(1, name="乙"), engineer(2, name="丙"))
    response = send(asked, *two, drop="eia-engineer-1")
    shown = text(response)
    assert 'value="乙"' not in shown
    assert 'value="丙"' in shown
    assert send(asked, two[0], two[2])["Location"] == reverse("parties:enter_check")
    go(asked, "enter_check", {"committed": "on"})
    assert set(Practitioner.objects.values_list("name", flat=True)) == {"甲", "丙"}


def test_a_draft_with_people_goes_on_on_another_device(asked):
    go(asked, "enter_certificates", {**PLATFORM, **engineer(0, certificate_number=""), "leave": "1"})
    other = Client()
    other.force_login(EntryDraft.objects.get().user)
    shown = page(other)
    assert 'value="温若川"' in shown
    assert "已核对，尾号" in shown
    assert "error-summary" not in shown
    assert send(other, engineer(0, number="", certificate_number="环评 9"))["Location"] == reverse(
        "parties:enter_check"
    )


def test_only_whom_the_library_does_not_bring_is_asked_for(client, library, service):
    platform = make_certificate(kind="eia-platform", number="信用 7", grade="", scope="")
    first = make_holder(code=CODE, certificates=(platform,)).practitioners[0]
    known = type(first)(
        code="99999919900307123X",
        name="奚云舒",
        certificate=make_certificate(kind="eia-engineer", number="环评 7", grade="", scope=""),
    )
    library.issue(make_holder(code=CODE, certificates=(platform,), practitioners=(known,)))
    start(client, CODE)
    who = {"contact_name": "李四", "phone": "13900001111"}
    response = go(client, "enter_services", {**who, "services": [service.code]})
    assert response["Location"] == reverse("parties:enter_certificates")
    shown = page(client)
    assert 'name="eia-platform-number"' not in shown
    assert "证照库已有 1 名" in shown
    assert 'name="eia-engineer-1-name"' not in shown
    response = go(client, "enter_certificates", engineer(0))
    assert response["Location"] == reverse("parties:enter_check")
    check = page(client, "enter_check")
    assert "另报的执业人员" in check
    assert "入驻后还不能承接" not in check
    go(client, "enter_check", {"committed": "on"})
    firm = Organization.objects.get()
    assert firm.offerings.get().status == "announced"  # the library's certificate needs no check
    origins = PractitionerCertificate.objects.values_list("number", "origin")
    assert set(origins) == {("环评 7", "authority"), ("环评 0", "declared")}


def test_whom_the_library_knows_stays_as_it_says(client, library, service):
    platform = make_certificate(kind="eia-platform", number="信用 7", grade="", scope="")
    library.issue(make_holder(code=CODE, certificates=(platform,), practitioners=()))
    start(client, CODE)
    go(client, "enter_services", {"contact_name": "李四", "phone": "13900001111", "services": [service.code]})
    assert go(client, "enter_certificates")["Location"] == reverse("parties:enter_check")
    assert "入驻后还不能承接" in page(client, "enter_check")


def test_the_scan_is_the_firms_own_and_the_administrators(client, service):
    firm, kind = make_firm(), make_kind(code="planner", grades=[], holder="person")
    client.force_login(firm.memberships.get().user)
    scan = SimpleUploadedFile("证书.pdf", b"%PDF-1.7 scan")
    last = timezone.localdate() + timedelta(days=90)
    given = {"name": "温若川", "number": next_person(), "kind": kind.code, "certificate_number": "1", "file": scan}
    go(client, "practitioners", {**given, "valid_until": last.isoformat()})
    url = reverse("parties:practitioner_scan", args=[PractitionerCertificate.objects.get().pk])
    assert url in page(client, "practitioners")
    assert url in text(client.get(firm.get_absolute_url()))
    assert b"".join(client.get(url).streaming_content) == b"%PDF-1.7 scan"
    client.force_login(make_user())
    assert client.get(url).status_code == 403
    assert url not in text(client.get(firm.get_absolute_url()))
    client.force_login(make_admin())
    assert b"".join(client.get(url).streaming_content)
