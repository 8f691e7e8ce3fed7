"""Entry of a firm that the licence library knows, page by page; drafts, and certificates that are wrong."""

import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from marketplace.parties.models import Commitment, EntryDraft, Organization, Practitioner
from marketplace.parties.uscc import make_uscc
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.catalog import make_kind, make_region, make_service
from tests.factories.licences import make_certificate, make_holder
from tests.factories.parties import make_buyer, make_firm
from tests.marketplace.parties.conftest import ORGANIZATION, go, names, start, text, whole

pytestmark = pytest.mark.django_db
CODE = make_uscc("91360602MT0000001")
OTHER = make_uscc("91360602MT0000002")
FORGED = "1.2.156.3005.2.11100000000013338W011.11360600.20230000403.001.0"
WHO = {"contact_name": "李四", "phone": "13900001111"}


@pytest.fixture
def surveying():
    make_kind(code="surveying", name="测绘资质", grades=["甲级", "乙级"])
    make_kind(code="survey-engineer", name="注册测绘师", grades=[])
    return make_service(name="地形图测绘", requirement={"kind": "surveying", "grade": "乙级", "scope": "工程测量"})


def enter_to_services(client, code=CODE):
    assert start(client, code)["Location"] == reverse("parties:enter_services")


def test_what_the_library_knows_is_not_asked_again(client, library, surveying):
    make_region(code="360602", name="月湖区")
    library.issue(make_holder(code=CODE))
    enter_to_services(client, f" {CODE.lower()} ")
    page = text(client.get(reverse("parties:enter_services")))
    for words in ("虚构测绘有限公司", "温如玉", "甲测资字 3600001", "温若川", "证照库", "根据贵机构的资质推荐"):
        assert words in page
    for name in ("name", "kind", "address", "legal_representative", "region"):
        assert f'name="{name}"' not in page
    assert client.get(reverse("parties:enter_organization"))["Location"] == reverse("parties:enter_services")
    response = go(client, "enter_services", {**WHO, "services": [surveying.code]})
    assert response["Location"] == reverse("parties:enter_check")  # no certificate is missing
    page = text(client.get(reverse("parties:enter_check")))
    assert "月湖区" in page
    assert page.count("origin-authority") >= 6
    response = go(client, "enter_check", {"committed": "on", "name": "别的名字"}, follow=True)
    assert "虚构测绘有限公司已入驻" in text(response)
    firm = Organization.objects.get()
    assert (firm.name, firm.kind, firm.region.code) == ("虚构测绘有限公司", "enterprise", "360602")
    assert set(firm.origins) == {"name", "kind", "region", "address", "legal_representative"}
    assert set(firm.origins.values()) == {"authority"}
    assert firm.licence_identifier.startswith("1.2.156.3005.2.")
    assert firm.licence_read_at is not None
    row = firm.qualifications.get()
    assert (row.status, row.origin, row.grade, row.number) == ("valid", "authority", "甲级", "甲测资字 3600001")
    assert row.identifier
    assert row.issuer
    assert row.issued_on
    assert row.read_at
    person = Practitioner.objects.get()
    assert (person.name, person.last4, person.certificates.get().origin) == ("温若川", "123X", "authority")
    letter = Commitment.objects.get()
    assert letter.sha256 == firm.commitment_hash
    assert letter.text.startswith("2026-1\n虚构测绘有限公司")
    assert letter.signer_name == "李四"
    assert "qualification_read" in names(firm)
    assert whole(firm)
    assert not EntryDraft.objects.exists()
    page = text(client.get(firm.get_absolute_url()))
    assert page.count("origin-authority") >= 5


def test_an_owner_that_becomes_a_firm_signs_the_name_that_the_register_has(client, library):
    service = make_service()
    library.issue(make_holder(code=CODE, certificates=(), practitioners=()))
    buyer = make_buyer(uscc=CODE, name="旧名称有限公司", kind="enterprise")
    client.force_login(buyer.memberships.get().user)
    assert go(client, "enter", {"uscc": CODE})["Location"] == reverse("parties:enter_services")
    go(client, "enter_services", {**WHO, "services": [service.code]})
    assert "虚构测绘有限公司（统一社会信用代码" in text(client.get(reverse("parties:enter_check")))
    go(client, "enter_check", {"committed": "on"})
    buyer.refresh_from_db()
    assert (buyer.name, buyer.origins["name"], buyer.is_intermediary) == ("虚构测绘有限公司", "authority", True)
    letter = Commitment.objects.get(role="intermediary")
    assert letter.sha256 == buyer.commitment_hash == hashlib.sha256(letter.text.encode()).hexdigest()
    assert "虚构测绘有限公司" in letter.text


def test_wrong_contact_and_no_service_are_said_together_and_kept(client, library, surveying):
    library.issue(make_holder(code=CODE))
    enter_to_services(client)
    response = go(client, "enter_services", {"contact_name": "李四", "phone": "12"})
    assert response.status_code == 422
    for words in ("error-summary", 'href="#id_phone"', "请填写 11 位手机号码", "请至少选择一项服务", 'value="李四"'):
        assert words in text(response)


def test_a_firm_that_was_closed_does_not_enter(client, library):
    (identifier, *_rest) = library.issue(make_holder(code=CODE, certificates=(), practitioners=()))
    library.act("cancel", identifier=identifier)
    response = start(client)
    assert response.status_code == 302  # another code
    response = go(client, "enter", {"uscc": CODE})
    assert response.status_code == 422
    assert "登记已注销" in text(response)


def test_the_closed_firm_of_somebody_new_leaves_a_page_that_works(client, library):
    (identifier, *_rest) = library.issue(make_holder(code=CODE, certificates=(), practitioners=()))
    library.act("cancel", identifier=identifier)
    response = start(client, CODE)
    assert response.status_code == 422
    assert "登记已注销" in text(response)
    assert 'name="password"' not in text(response)  # the account is there
    assert go(client, "enter", {"uscc": OTHER})["Location"] == reverse("parties:enter_organization")


# Drafts


def test_a_draft_goes_on_on_another_device(client, library, surveying):
    library.act("fault", name="fail")
    assert start(client, CODE)["Location"] == reverse("parties:enter_organization")
    page = text(client.get(reverse("parties:enter_organization")))
    assert "证照库暂时没有答复" in page
    half = {**ORGANIZATION, "phone": "139", "leave": "1"}
    response = go(client, "enter_organization", half, follow=True)
    assert "已保存" in text(response)
    assert "继续办理" in text(response)
    client.post(reverse("accounts:sign_out"))
    phone = Client()
    assert phone.login(username="newfirm", password=PASSWORD)
    assert "继续办理" in text(phone.get(reverse("process:desk")))
    page = text(phone.get(reverse("parties:enter")))
    assert "继续办理" in page
    assert CODE in page
    page = text(phone.get(reverse("parties:enter_organization")))
    assert f'value="{ORGANIZATION["name"]}"' in page
    assert 'value="139"' in page
    assert go(phone, "enter_organization", ORGANIZATION)["Location"] == reverse("parties:enter_services")
    response = go(phone, "enter_services", {"services": [surveying.code], "leave": "1"})
    assert response.status_code == 302
    assert f'value="{surveying.code}" checked' in text(phone.get(reverse("parties:enter_services")))


def test_a_draft_may_be_given_up_by_its_person_only(client):
    start(client)
    draft = EntryDraft.objects.get()
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.post(reverse("parties:discard_draft", args=[draft.pk])).status_code == 404
    assert client.post(reverse("parties:discard_draft", args=[draft.pk]))["Location"] == reverse("parties:enter")
    assert not EntryDraft.objects.exists()


def test_finding_a_service_without_a_script_keeps_what_was_typed(client, library, surveying):
    other = make_service(name="节能报告编制")
    library.issue(make_holder(code=CODE, certificates=(), practitioners=()))
    enter_to_services(client)
    response = go(client, "enter_services", {**WHO, "services": [other.code], "q": "地形图", "find": "1"}, follow=True)
    page = text(response)
    assert "地形图测绘" in page
    assert f'value="{other.code}" checked' in page
    assert 'value="李四"' in page


# Certificates that are wrong


@pytest.fixture
def asked(client, library, surveying):
    """Come to the page of certificates with a firm that the library knows without any."""
    library.issue(make_holder(code=CODE, certificates=(), practitioners=()))
    enter_to_services(client)
    response = go(client, "enter_services", {**WHO, "services": [surveying.code]})
    assert response["Location"] == reverse("parties:enter_certificates")
    return client


def send(client, **values):
    response = go(client, "enter_certificates", {f"surveying-{key}": value for key, value in values.items()})
    assert response.status_code == 422
    return text(response)


def test_an_identifier_fills_the_rest(asked, library):
    _registration, identifier = library.issue(
        make_holder(code=CODE, certificates=(make_certificate(),), practitioners=())
    )
    response = go(asked, "enter_certificates", {"surveying-identifier": identifier})
    assert response["Location"] == reverse("parties:enter_check")
    go(asked, "enter_check", {"committed": "on"})
    row = Organization.objects.get().qualifications.get()
    assert (row.status, row.origin, row.identifier) == ("valid", "authority", identifier)


def test_a_forged_identifier(asked):
    page = send(asked, identifier=FORGED)
    assert "校验" in page
    assert 'id="id_surveying-identifier_error"' in page
    assert f'value="{FORGED}"' in page


def test_a_certificate_of_another_firm(asked, library):
    _registration, identifier = library.issue(make_holder(code=OTHER, name="别家测绘有限公司", practitioners=()))
    assert "持证主体不是" in send(asked, identifier=identifier)


def test_an_expired_certificate(asked, library):
    assert "到期" in send(asked, grade="甲级", number="甲 1", valid_until="2020-01-01")


def test_a_certificate_that_the_library_has_cancelled(asked, library):
    _registration, identifier = library.issue(
        make_holder(code=CODE, certificates=(make_certificate(),), practitioners=())
    )
    library.act("cancel", identifier=identifier)
    assert "已注销" in send(asked, identifier=identifier)


def test_an_executable_named_pdf(asked):
    scan = SimpleUploadedFile("证书.pdf", b"MZ\x90\x00" + b"\0" * 100)
    assert "文件内容不是 pdf" in send(asked, grade="甲级", number="甲 1", file=scan)


def test_a_file_of_60_megabytes(asked):
    scan = io.BytesIO(b"%PDF-1.7\n" + b"\0" * (60 * 1024 * 1024))
    scan.name = "证书.pdf"
    page = send(asked, grade="甲级", number="甲 1", file=scan)
    assert "文件有 60.0 MB，最多 20 MB" in page
    assert 'value="甲 1"' in page


def test_the_library_goes_down_half_way(asked, library):
    identifier = library.issue(make_holder(code=CODE, certificates=(make_certificate(),), practitioners=()))[1]
    library.act("fault", name="fail")
    page = send(asked, identifier=identifier)
    assert "请先填写证书编号" in page
    right = {"surveying-grade": "甲级", "surveying-number": "甲 1", "surveying-scopes": ["工程测量"]}
    assert go(asked, "enter_certificates", right)["Location"] == reverse("parties:enter_check")
    go(asked, "enter_check", {"committed": "on"})
    row = Organization.objects.get().qualifications.get()
    assert (row.status, row.origin) == ("declared", "declared")


def test_a_code_of_somebody_else_leads_to_a_claim(client, library):
    library.issue(make_holder(code=CODE))
    make_service()
    client.force_login(make_user())
    make_firm(uscc=CODE)
    response = go(client, "enter", {"uscc": CODE})
    assert response.status_code == 422
    assert f"{reverse('parties:claim_new')}?code={CODE}" in text(response)
    assert f"?code={CODE}" in text(client.get(reverse("parties:check_code"), {"uscc": CODE}))
