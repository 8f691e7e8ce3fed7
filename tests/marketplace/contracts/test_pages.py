"""The contract's pages before the owner, the firm, a stranger and an administrator."""

import contextlib
import re
import zlib

import pytest
from django.urls import reverse

from marketplace.contracts.models import Contract, Deliverable
from marketplace.contracts.pdf import contract_pdf
from marketplace.core import pdf
from marketplace.core.refusals import Refused
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of
from tests.factories.contracts import a_file, carry, fresh, make_contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract():
    return make_contract()


@pytest.fixture
def active():
    return make_contract(status="active")


def first(contract, status="planned"):
    return carry(contract.milestones.select_related("contract").get(number=1), status)


def see(client, contract, user):
    client.force_login(user)
    response = client.get(contract.get_absolute_url())
    return response.status_code, response.content.decode()


def test_only_the_two_sides_and_administrators_read_it(client, contract):
    for person in (agent_of(contract.buyer), agent_of(contract.supplier), make_admin()):
        status, text = see(client, contract, person)
        assert status == 200
        assert contract.body_hash in text
    status, text = see(client, contract, make_user())
    assert status == 403
    assert "合同只有双方和平台管理机构可以查看" in text
    client.logout()
    assert client.get(contract.get_absolute_url()).status_code == 302
    for name in ("edit", "pdf"):
        client.force_login(make_user())
        assert client.get(reverse(f"contracts:{name}", args=[contract.number])).status_code == 403


def test_the_one_button_of_each_state(client, contract):
    buyer, supplier, admin = agent_of(contract.buyer), agent_of(contract.supplier), make_admin()

    def found(user):
        text = see(client, contract, user)[1]
        words = [
            "发出合同</button>",
            "签署合同</button>",
            ">付款 ",
            "提交成果</button>",
            "验收通过，结算给机构</button>",
            "去评价</a>",
        ]
        return [word.strip("></abuton ") for word in words if word in text]

    assert (found(buyer), found(supplier), found(admin)) == (["发出合同"], [], [])
    client.force_login(buyer)
    client.post(reverse("contracts:offer", args=[contract.number]))
    assert (found(buyer), found(supplier), found(admin)) == (["签署合同"], ["签署合同"], [])
    address = reverse("contracts:sign", args=[contract.number])
    body_hash = fresh(contract).body_hash
    client.force_login(supplier)
    assert client.post(address, {"body_hash": body_hash}).status_code == 422
    assert client.post(address, {"body_hash": "0" * 64, "agree": "on"}).status_code == 409
    assert client.post(address, {"body_hash": body_hash, "agree": "on"}).status_code == 302
    assert (found(buyer), found(supplier)) == (["签署合同"], [])
    client.force_login(buyer)
    assert client.post(address, {"body_hash": body_hash, "agree": "on"}).status_code == 302
    assert client.post(address, {"body_hash": body_hash, "agree": "on"}).status_code == 302
    expected = {
        "planned": (["付款"], []),
        "funded": ([], ["提交成果"]),
        "delivered": (["验收通过，结算给机构"], []),
        "accepted": (["付款"], []),
    }
    for status, buttons in expected.items():
        first(contract, status)
        assert (found(buyer), found(supplier), found(admin)) == (*buttons, [])
    for milestone in contract.milestones.select_related("contract").order_by("number"):
        carry(milestone, "settled")
    assert (found(buyer), found(supplier), found(admin)) == (["去评价"], [], [])


def test_the_owner_edits_and_loses_nothing_typed(client, contract):
    address = reverse("contracts:edit", args=[contract.number])
    client.force_login(agent_of(contract.supplier))
    assert client.get(address).status_code == 403
    client.force_login(agent_of(contract.buyer))
    page = client.get(address)
    assert page.status_code == 200
    rows = list(contract.milestones.order_by("number"))
    typed = {"form-TOTAL_FORMS": "3", "form-INITIAL_FORMS": "2"}
    for place, row in enumerate(rows):
        typed |= {
            f"form-{place}-title": f"改为{place}",
            f"form-{place}-amount_fen": f"{row.amount_fen / 100:.2f}",
            f"form-{place}-due_date": "2099-12-31",
        }
    wrong = client.post(address, {**typed, "form-0-amount_fen": "1.005"})
    assert wrong.status_code == 422
    assert "小数点后最多两位" in wrong.content.decode()
    wrong = client.post(address, {**typed, "form-0-amount_fen": "1"})
    assert wrong.status_code == 422
    assert "必须等于合同总价" in wrong.content.decode()
    assert "改为1" in wrong.content.decode()
    wrong = client.post(address, {**typed, "form-1-DELETE": "on"})
    assert "2 到 8 个节点" in wrong.content.decode()
    assert client.post(address, typed).status_code == 302
    assert [row.title for row in contract.milestones.order_by("number")] == ["改为0", "改为1"]


def test_a_payment_starts_once_and_leads_to_its_page(client, active):
    address = reverse("contracts:pay", args=[first(active).pk])
    client.force_login(make_user())
    assert client.post(address).status_code == 403
    client.force_login(agent_of(active.supplier))
    assert client.post(address).status_code == 403
    client.force_login(agent_of(active.buyer))
    targets = {client.post(address)["Location"] for _twice in range(2)}
    assert len(targets) == 1
    assert "/payments/pi_" in targets.pop()
    second = active.milestones.get(number=2)
    assert client.post(reverse("contracts:pay", args=[second.pk])).status_code == 409


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (None, "请选择要提交的成果文件"),
        (a_file("a.exe"), "请上传以下格式的文件"),
        (a_file("a.pdf", b""), "这个文件是空的"),
        (a_file("a.pdf", b"MZ"), "文件内容不是 pdf"),
        (a_file("a.pdf", b"%PDF-" + b"0" * (20 * 1024 * 1024)), "最多 20 MB"),
    ],
    ids=["none", "kind", "empty", "content", "large"],
)
def test_bad_uploads_say_why_at_the_field(client, active, file, words):
    milestone = first(active, "funded")
    client.force_login(agent_of(active.supplier))
    data = {"note": "随附说明文字"} | ({"file": file} if file else {})
    response = client.post(reverse("contracts:deliver", args=[milestone.pk]), data)
    assert response.status_code == 422
    text = response.content.decode()
    assert words in text
    assert "随附说明文字" in text
    assert "has-error" in text
    assert not Deliverable.objects.exists()


def test_a_result_is_handed_in_returned_and_downloaded(client, active):
    milestone = first(active, "funded")
    supplier, buyer = agent_of(active.supplier), agent_of(active.buyer)
    client.force_login(supplier)
    for _twice in range(2):
        response = client.post(reverse("contracts:deliver", args=[milestone.pk]), {"file": a_file(), "note": ""})
        assert response.status_code == 302
    deliverable = Deliverable.objects.get()
    address = reverse("contracts:file", args=[deliverable.pk])
    for person in (supplier, buyer, make_admin()):
        client.force_login(person)
        response = client.get(address)
        assert response.status_code == 200
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert b"".join(response.streaming_content).startswith(b"%PDF")
    client.force_login(make_user())
    assert client.get(address).status_code == 403
    client.logout()
    assert client.get(address).status_code == 302
    client.force_login(buyer)
    give_back = reverse("contracts:return", args=[milestone.pk])
    assert client.post(give_back, {"reason": "不"}).status_code == 422
    assert client.post(give_back, {"reason": "缺少附图，请补充。"}).status_code == 302
    assert client.post(give_back, {"reason": "缺少附图，请补充。"}).status_code == 409
    assert "缺少附图" in see(client, active, supplier)[1]
    assert client.post(reverse("contracts:accept", args=[milestone.pk])).status_code == 403


def test_accepting_twice_is_harmless(client, active):
    milestone = first(active, "delivered")
    client.force_login(agent_of(active.buyer))
    for _twice in range(2):
        assert client.post(reverse("contracts:accept", args=[milestone.pk])).status_code == 302
    assert first(active).status == "accepted"


def unpacked(content):
    """Return all that a PDF holds in compressed streams."""
    found = []
    for part in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj().decompress(part))
    return b"\n".join(found)


def has_pango():
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return False
    return True


def test_the_pdf_is_in_chinese(client):
    contract = make_contract(status="active")
    client.force_login(agent_of(contract.supplier))
    response = client.get(reverse("contracts:pdf", args=[contract.number]))
    if response.status_code == 503:  # what lacks is named; the next test says how
        assert not pdf.has_chinese_font() or not has_pango()
        return
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert len(response.content) > 20_000
    inside = unpacked(response.content)
    assert any(name in inside for name in (b"CJK", b"SourceHan", b"SimSun", b"WenQuanYi"))
    for letter in "合同甲方乙方":  # the table from glyphs back to text has them
        assert f"{ord(letter):04x}".encode() in inside.lower()


def test_a_remark_in_the_title_stays_on_one_line(client, contract):
    Contract.objects.filter(pk=contract.pk).update(body="测绘<b>（第二次）服务合同\n" + contract.body)
    client.force_login(agent_of(contract.buyer))
    page = client.get(contract.get_absolute_url()).content.decode()
    assert '<h1>测绘&lt;b&gt;<span class="nowrap">（第二次）</span>服务合同</h1>' in page


def test_what_the_machine_lacks_is_named(client, contract, monkeypatch):
    client.force_login(agent_of(contract.buyer))
    address = reverse("contracts:pdf", args=[contract.number])
    monkeypatch.setattr(pdf, "has_chinese_font", lambda: False)
    response = client.get(address)
    assert response.status_code == 503
    assert ("fonts-noto-cjk" if has_pango() else "libpango-1.0-0") in response.content.decode()
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    with pytest.raises(Refused) as refused:
        contract_pdf(contract)
    assert (refused.value.code, refused.value.status) == ("pdf_library_missing", 503)
    assert "libpango-1.0-0" in str(refused.value)


def test_the_same_queries_for_one_and_for_many_milestones(client, contract, django_assert_max_num_queries):
    client.force_login(agent_of(contract.buyer))
    client.get(contract.get_absolute_url())
    with django_assert_max_num_queries(30):
        client.get(contract.get_absolute_url())


def test_in_english_too(client, active):
    client.cookies["django_language"] = "en"
    assert see(client, active, agent_of(active.buyer))[0] == 200


def test_no_such_contract(client):
    client.force_login(make_admin())
    assert client.get(reverse("contracts:contract", args=["HT2026-999999"])).status_code == 404
    assert Contract.objects.count() == 0
