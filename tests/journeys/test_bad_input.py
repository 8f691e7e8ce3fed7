"""What goes wrong is answered with a sentence at its place, the right status, and nothing lost of what was typed.

Every case is read twice, in Chinese and in English: the sentence is looked for in Chinese.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.bidding.models import Auction, Bid, Bidder
from marketplace.core import clock
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.bidding import agent_of, make_bidder
from tests.factories.parties import make_buyer, make_firm, next_uscc
from tests.factories.tenders import make_tender, terms, typed_terms
from tests.journeys.conftest import PDF, file, post, typed

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024


# Entry


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "请填写统一社会信用代码"),
        ("91360602", "您填了 8 位"),
        ("N2360681MA9Y18K3X0", "校验码对不上"),
        ("913606020000000O0X", "第 16 位是字母 O"),
        ("360600000000001", "15 位的旧注册号"),
    ],
)
def test_a_wrong_code(reader, code, sentence):
    firm = post(reader, "parties:enter", uscc=code, username="newfirm", password=PASSWORD)
    reader.says(firm, 422, sentence, 'value="newfirm"', code)
    owner = {"kind": "enterprise", "name": "试验实业有限公司", "contact_name": "王五", "phone": "13900000001"}
    answer = post(reader, "parties:enter_buyer", uscc=code, username="newowner", password=PASSWORD, **owner)
    reader.says(answer, 422, sentence, 'value="newowner"', 'value="试验实业有限公司"', 'value="13900000001"')
    assert not Organization.objects.exists()


def test_a_code_that_has_entered_already(reader):
    known = make_buyer()
    reader.force_login(make_user())
    owner = {
        "kind": "public_body",
        "name": "同名单位",
        "contact_name": "王五",
        "phone": "13900000001",
        "committed": "on",
    }
    answer = post(reader, "parties:enter_buyer", uscc=known.uscc, **owner)
    reader.says(answer, 422, "登记", known.uscc, 'value="同名单位"')
    assert Organization.objects.count() == 1


def test_no_commitment_no_entry(reader):
    owner = {"kind": "public_body", "uscc": next_uscc("11360600"), "name": "试验局", "contact_name": "王五"}
    answer = post(reader, "parties:enter_buyer", username="o1x", password=PASSWORD, phone="0701-6001234", **owner)
    reader.says(answer, 422, "请阅读承诺，并勾选", 'value="试验局"', 'value="0701-6001234"')


# The project and the need


@pytest.fixture
def owner(reader):
    buyer = make_buyer()
    reader.force_login(agent_of(buyer))
    return buyer


@pytest.mark.parametrize("code", ["", "2605", "2605-360602-04-01-10051X"])
def test_a_wrong_project_code(reader, owner, code):
    answer = post(reader, "projects:pull", code=code)
    reader.says(answer, 422, "项目代码", code)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ceiling_fen": "12.345"}, "分"),
        ({"ceiling_fen": "很多"}, "金额"),
        ({"ceiling_fen": "0"}, "最高限价必须大于 0 元"),
        ({"step_fen": "100000"}, "最小降价幅度必须小于最高限价"),
        ({"delivery_days": "0"}, "1"),
        ({"selection_at": "2020-01-01T09:00"}, "竞价开始时间不能早于报名截止时间"),
        ({"auction_ends_at": "明天"}, "请填写日期和时间"),
        ({"contact_phone": "call me"}, "请填写电话号码"),
        ({"title": "短"}, "4"),
        ({"service": "0"}, "选"),
    ],
)
def test_wrong_terms(reader, owner, wrong, sentence):
    now = clock.now()
    given = terms(now=now)
    form = {
        **{name: given[name] for name in ("title", "description", "money_kind", "delivery_days")},
        **{name: given[name] for name in ("contact_name", "contact_phone", "complaint_phone")},
        **{name: typed(given[name]) for name in ("signup_ends_at", "selection_at", "auction_ends_at")},
        "service": given["service"].pk,
        "region": given["region"].pk,
        "ceiling_fen": "100000",
        "step_fen": "500",
    }
    answer = post(reader, "tenders:terms", **{**form, **wrong})
    kept = [str(value) for value in wrong.values() if value != "0"]
    reader.says(answer, 422, sentence, given["description"], *kept)
    assert not Tender.objects.exists()


@pytest.mark.parametrize(
    ("method", "wrong", "sentence"),
    [
        ("draw", {"ceiling_fen": "0"}, "服务价格必须大于 0 元"),
        ("average", {"floor_fen": "100,001"}, "最低限价不能高于最高限价"),
        ("average", {"floor_fen": "便宜"}, "金额"),
        ("average", {"fiscal_percent": "120"}, "100"),
        ("average", {"minimum_credit": "101"}, "100"),
        ("average", {"selection_at": "2020-01-01T09:00"}, "开启报价的时间不能早于报名截止时间"),
        ("merit", {"criteria-0-points": "60"}, "现在是 110 分"),
        ("merit", {"criteria-0-points": "六十"}, "分值应为 1 至 100 的整数"),
        ("direct", {"chosen_firm": "没有这家"}, "没有找到这家机构"),
        (
            "direct",
            {"money_kind": "state", "ground": "small", "ceiling_fen": "50,000.01"},
            "直接选取限额为 50,000.00 元",
        ),
        ("direct", {"money_kind": "state", "ground": ""}, "请选择直接选取的情形"),
        ("emergency", {"happened_at": "昨天"}, "请填写日期和时间"),
        ("emergency", {"ground_reason": ""}, "请写明应急的情况"),
    ],
)
def test_wrong_terms_of_each_method(reader, owner, method, wrong, sentence):
    given = typed_terms(method)
    answer = post(reader, "tenders:terms", **{**given, **wrong})
    kept = [value for name, value in wrong.items() if value and name not in {"money_kind", "ground"}]
    reader.says(answer, 422, sentence, given["description"], *kept)
    assert not Tender.objects.exists()


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (("说明.exe", PDF), "请上传以下格式的文件"),
        (("说明.pdf", b"MZ not a document"), "文件内容不是 pdf"),
        (("说明.docx", b"PK not a document"), "文件内容不是 docx"),
        (("说明.pdf", b""), "空的"),
        (("说明.pdf", PDF + b"0" * 20 * MEGABYTE), "最多 20 MB"),
    ],
)
def test_a_wrong_attachment(reader, owner, upload, sentence):
    draft = make_tender(status="draft", buyer=owner)
    answer = post(reader, "tenders:add_document", draft.number, file=file(*upload))
    reader.says(answer, 422, sentence, draft.title)
    assert not draft.documents.exists()


def test_a_need_whose_time_has_passed_is_not_published(reader, owner):
    draft = make_tender(status="draft", buyer=owner, now=clock.now() - timedelta(days=1))
    answer = post(reader, "tenders:publish", draft.number, confirmed="on")
    reader.says(answer, 422, "报名截止时间已经过去", draft.title)
    reader.says(post(reader, "tenders:publish", draft.number), 422, "请核对后勾选确认", draft.title)


def test_publishing_twice_is_publishing_once(reader, owner):
    draft = make_tender(status="draft", buyer=owner)
    for _time in range(2):
        assert post(reader, "tenders:publish", draft.number, confirmed="on").status_code == 302
    assert draft.process.events.filter(name="tender_published").count() == 1


# The auction


@pytest.fixture
def auction(db):
    """Open an auction that began a minute ago, with two firms."""
    tender = make_tender(now=clock.now() - timedelta(minutes=41))
    for _firm in range(2):
        make_bidder(tender=tender, now=tender.published_at)
    from marketplace.bidding.actions import open_auction

    return open_auction(auction=tender.auction, now=tender.selection_at)


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("100,000.01", "报价不能高于最高限价 100,000.00 元"),
        ("99,999.995", "分"),
        ("-5", "金额"),
        ("0", "金额"),
        ("十万", "金额"),
        ("1e4", "金额"),
        ("", "请填写报价金额"),
    ],
)
def test_a_wrong_bid(reader, auction, amount, sentence):
    reader.force_login(agent_of(auction.tender.bidders.first().organization))
    answer = post(reader, "bidding:bid", auction.tender.number, amount=amount, key=str(uuid.uuid4()))
    reader.says(answer, 422, sentence, f'value="{amount}"')
    assert not Bid.objects.exists()


def test_a_bid_after_the_end(reader, auction):
    Auction.objects.filter(pk=auction.pk).update(ends_at=clock.now() - timedelta(seconds=1))
    reader.force_login(agent_of(auction.tender.bidders.first().organization))
    answer = post(reader, "bidding:bid", auction.tender.number, amount="95000", key="late")
    reader.says(answer, 409, "结束")
    assert not Bid.objects.exists()


def test_a_repeated_bid_and_sign_up_count_once(reader, auction):
    firm = auction.tender.bidders.first().organization
    reader.force_login(agent_of(firm))
    for _time in range(2):
        answer = post(reader, "bidding:bid", auction.tender.number, amount="95000", key="once")
        assert answer.status_code == 302
    assert Bid.objects.count() == 1
    again = reader.post(reverse("bidding:sign_up", args=[auction.tender.number]), follow=True)
    assert again.status_code == 200
    assert Bidder.objects.filter(organization=firm).count() == 1


def test_a_firm_that_did_not_sign_up_cannot_bid(reader, auction):
    reader.force_login(agent_of(make_firm(services=[auction.tender.service])))
    answer = post(reader, "bidding:bid", auction.tender.number, amount="95000", key="foreign")
    reader.says(answer, 403, "没有报名")


# The contract
