import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.parties.models import Organization
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.catalog import make_service
from tests.factories.parties import make_firm, next_uscc
from tests.marketplace.parties.conftest import CONTACT, ORGANIZATION, go, start, text

pytestmark = pytest.mark.django_db


# Entry


def test_a_firm_enters_step_by_step(client):
    plain = make_service(name="节能报告编制")
    code = next_uscc()
    assert start(client, code.lower())["Location"] == reverse("parties:enter_organization")
    assert User.objects.get().username == "newfirm"
    assert '<option value="enterprise" selected>' in text(client.get(reverse("parties:enter_organization")))
    assert go(client, "enter_organization", ORGANIZATION)["Location"] == reverse("parties:enter_services")
    assert "节能报告编制" in text(client.get(reverse("parties:enter_services")))
    assert go(client, "enter_services", {"services": [plain.code]})["Location"] == reverse("parties:enter_check")
    page = text(client.get(reverse("parties:enter_check")))
    assert "承诺书" in page
    assert code in page
    assert go(client, "enter_check").status_code == 422
    response = go(client, "enter_check", {"committed": "on"}, follow=True)
    assert "已入驻" in text(response)
    assert "马上可以承接" in text(response)
    firm = Organization.objects.get()
    assert firm.uscc == code
    assert firm.memberships.get().user.username == "newfirm"
    assert "entry" not in client.session


def test_a_firm_with_certificates_enters_and_waits_for_the_check(client, files):
    service = make_service(requirement={"kind": "surveying", "grade": "乙级", "scope": "工程测量"})
    client.force_login(make_user())
    go(client, "enter", {"uscc": next_uscc()})
    go(client, "enter_organization", ORGANIZATION)
    assert go(client, "enter_services", {"services": [service.code]})["Location"] == reverse(
        "parties:enter_certificates"
    )
    assert "工程测量" in text(client.get(reverse("parties:enter_certificates")))
    scan = SimpleUploadedFile("证书.pdf", b"%PDF-1.7 scan")
    wrong = {"surveying-grade": "乙级", "surveying-number": "", "surveying-file": scan}
    response = go(client, "enter_certificates", wrong)
    assert response.status_code == 422
    assert "请填写证书编号" in text(response)
    assert "已收到 证书.pdf" in text(client.get(reverse("parties:enter_certificates")))
    renamed = {"surveying-number": "乙测 6", "surveying-file": SimpleUploadedFile("证书.pdf", b"MZ")}
    assert go(client, "enter_certificates", renamed).status_code == 422
    client.get(reverse("parties:enter_services"))  # looks back, and comes again
    assert 'value="乙测 6"' in text(client.get(reverse("parties:enter_certificates")))
    right = {"surveying-grade": "乙级", "surveying-number": "乙测 7"}
    response = go(client, "enter_certificates", right)
    assert response.status_code == 422
    assert "缺少：" in text(response)
    assert 'value="乙测 7"' in text(response)
    right["surveying-scopes"] = ["工程测量"]
    assert go(client, "enter_certificates", right)["Location"] == reverse("parties:enter_check")
    assert "乙测 7" in text(client.get(reverse("parties:enter_check")))
    response = go(client, "enter_check", {"committed": "on"}, follow=True)
    assert "资质核验后开通" in text(response)
    row = Organization.objects.get().qualifications.get()
    assert (row.grade, row.scope, row.number, row.status) == ("乙级", "工程测量", "乙测 7", "declared")
    with row.file.open() as kept:
        assert kept.read() == b"%PDF-1.7 scan"
    assert not list((files / "entry").iterdir())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"uscc": ""}, "请填写统一社会信用代码"),
        ({"uscc": "91360"}, "您填了 5 位"),
        ({"uscc": "9111010855138508O1"}, "第 17 位是字母 O"),
        ({"uscc": "91110108551385082R"}, "校验码对不上"),
        ({"username": "taken"}, "已有人使用"),
        ({"username": ""}, "请起一个用户名"),
        ({"password": "12345678901"}, "密码"),
        ({"password": ""}, "请设一个密码"),
    ],
)
def test_step_one_says_what_is_wrong_and_keeps_what_was_typed(client, values, words):
    make_user(username="taken")
    given = {"uscc": "91110108551385082Q", "username": "newfirm", "password": PASSWORD, **values}
    response = go(client, "enter", given)
    assert response.status_code == 422
    assert words in text(response)
    assert "error-summary" in text(response)
    for value in (given["uscc"], given["username"], given["password"]):
        assert f'value="{value}"' in text(response) or not value
    assert User.objects.count() == 1


def test_a_known_code_is_told_at_step_one(client):
    firm = make_firm()
    response = start(client, firm.uscc)
    assert response.status_code == 422
    assert "已经在这里登记" in text(response)
    assert not User.objects.filter(username="newfirm").exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "请填写营业执照上的完整名称"),
        ({"phone": "12345"}, "请填写 11 位手机号码"),
        ({"contact_name": ""}, "请填写联系人姓名"),
        ({"email": "x@"}, "邮箱地址不完整"),
        ({"kind": "person"}, "person"),
        ({"region": "nowhere"}, "error-summary"),
    ],
)
def test_step_two_says_what_is_wrong_and_keeps_what_was_typed(client, values, words):
    start(client)
    response = go(client, "enter_organization", {**ORGANIZATION, "address": "信江路 1 号", **values})
    assert response.status_code == 422
    assert words in text(response)
    assert 'value="信江路 1 号"' in text(response)


def test_step_three_says_what_is_wrong(client):
    service = make_service()
    start(client)
    go(client, "enter_organization", ORGANIZATION)
    assert "请至少选择一项服务" in text(go(client, "enter_services"))
    response = go(client, "enter_services", {"services": [service.code, "nothing"]})
    assert response.status_code == 422
    assert f'value="{service.code}" checked' in text(response)


def test_steps_cannot_be_skipped_and_going_back_loses_nothing(client):
    assert "/account/sign-in/" in client.get(reverse("parties:enter_check"))["Location"]
    service = make_service()
    client.force_login(make_user())
    assert client.get(reverse("parties:enter_check"))["Location"] == reverse("parties:enter")
    assert client.get(reverse("parties:enter_organization"))["Location"] == reverse("parties:enter")
    client.get(reverse("parties:enter"), {"service": service.code})
    go(client, "enter", {"uscc": "91110108551385082Q"})
    assert client.get(reverse("parties:enter_services"))["Location"] == reverse("parties:enter_organization")
    go(client, "enter_organization", ORGANIZATION)
    assert f'value="{service.code}" checked' in text(client.get(reverse("parties:enter_services")))
    assert 'value="91110108551385082Q"' in text(client.get(reverse("parties:enter")))
    assert f'value="{ORGANIZATION["name"]}"' in text(client.get(reverse("parties:enter_organization")))


def test_a_code_that_was_taken_meanwhile_is_told_at_the_end(client):
    service, code = make_service(), next_uscc()
    client.force_login(make_user())
    go(client, "enter", {"uscc": code})
    go(client, "enter_organization", ORGANIZATION)
    go(client, "enter_services", {"services": [service.code]})
    make_firm(uscc=code)
    response = go(client, "enter_check", {"committed": "on"})
    assert response.status_code == 422
    assert "已经在这里登记" in text(response)


def test_the_code_is_checked_while_it_is_typed(client):
    url = reverse("parties:check_code")
    assert "代码正确" in text(client.get(url, {"uscc": "91110108551385082q"}))
    assert "校验码对不上" in text(client.get(url, {"uscc": "91110108551385082R"}))
    assert text(client.get(url)).strip() == ""
    assert "已经在这里登记" in text(client.get(url, {"uscc": make_firm().uscc, "role": "nonsense"}))


# Owners


def test_owners_enter_on_one_page(client):
    values = {"username": "owner", "password": PASSWORD, "committed": "on", **CONTACT}
    response = go(client, "enter_buyer", {**values, "kind": "person", "name": "孙晓明"})
    assert response["Location"] == reverse("process:desk")
    assert Organization.objects.get().uscc is None
    code = next_uscc("11360600")
    response = go(client, "enter_buyer", {**values, "kind": "public_body", "name": "鹰潭市试验局", "uscc": code})
    assert response.status_code == 302
    assert Organization.objects.get(uscc=code).memberships.get().user.username == "owner"
    assert client.session["organization"] == Organization.objects.get(uscc=code).pk


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"uscc": ""}, "请填写统一社会信用代码"),
        ({"committed": ""}, "请阅读承诺"),
        ({"name": ""}, "请填写单位名称或您的姓名"),
        ({"username": "x"}, "用户名为 3 至 60 个字"),
        ({"phone": "1"}, "请填写 11 位手机号码"),
    ],
)
def test_an_owners_wrong_input_is_told_and_nothing_made(client, values, words):
    given = {"username": "owner", "password": PASSWORD, "committed": "on", **CONTACT, "kind": "enterprise"}
    given |= {"name": "鹰潭试验铜业有限公司", "uscc": "91110108551385082Q", "address": "铜都路", **values}
    response = go(client, "enter_buyer", given)
    assert response.status_code == 422
    assert words in text(response)
    assert 'value="铜都路"' in text(response)
    assert not User.objects.exists()
    assert not Organization.objects.exists()
