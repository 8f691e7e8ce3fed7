"""How a need of live bidding says its mode, its direction and its rules; what its form asks."""

from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.tenders.actions import adopt_rule_set, amend_tender
from marketplace.tenders.forms import TermsForm
from marketplace.tenders.models import Tender
from marketplace.tenders.queries import rules_in_words, terms_of
from marketplace.tenders.queries.auction_words import auction_in_words
from marketplace.tenders.rule_data import DEFAULTS
from tests.factories.accounts import make_admin
from tests.factories.bidding import agent_of, make_stranger
from tests.factories.parties import make_buyer
from tests.factories.tenders import make_tender, typed_terms

pytestmark = pytest.mark.django_db
OLD = {"window_seconds": 120, "max_extensions": 10, "hard_end_seconds": 3600}


def adopt(**data):
    now = clock.now() - timedelta(hours=1)
    adopt_rule_set(method="live_auction", data=data, since=now, by=make_admin(), now=now)


def said(tender):
    return "".join(rules_in_words(tender.method, tender.rules, tender=tender))


def notice(client, tender):
    return client.get(tender.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("mode", "words", "other"),
    [
        ("open", "至少比当前最低价低一个最小降价幅度", "只见名次："),
        ("rank", "只看到自己的名次", "代理报价"),
        ("turns", "共 3 轮", "结束前 120 秒"),
    ],
)
def test_each_mode_is_told_plainly(client, mode, words, other):
    tender = make_tender(auction_mode=mode)
    text = said(tender)
    assert words in text
    assert other not in text
    assert "暂停多久" in text
    assert "作废" in text
    assert dict(terms_of(tender))["竞价模式"] == tender.get_auction_mode_display()
    assert words in notice(client, tender)


def test_up_has_a_start_price_everywhere_and_no_ceiling(client):
    adopt(directions=["down", "up"])
    tender = make_tender(auction_direction="up")
    shown = dict(terms_of(tender))
    assert shown["起始价"] == "100,000.00 元"
    assert "最小加价幅度" in shown
    page = notice(client, tender)
    for word in ("最高限价", "最小降价幅度", "最低价", "合同款按节点支付"):
        assert word not in page, word
    for word in ("起始价", "最高报价的机构", "直接付给业主", "价高者得"):
        assert word in page, word
    rows = client.get(reverse("tenders:tenders")).content.decode()
    assert "<small>起始价</small>" in rows


def test_frozen_rules_from_before_are_still_told():
    text = "".join(auction_in_words(OLD, mode="open", direction="down"))
    assert "第一次报价不高于最高限价" in text
    assert "代理报价" not in text
    assert "密封" not in text


def test_a_version_tells_all_that_it_offers():
    data = {**DEFAULTS["live_auction"], "directions": ["down", "up"], "sealed_first": True}
    text = "".join(rules_in_words("live_auction", data))
    for words in (
        "业主在发布时选定竞价模式：公开竞价、只见名次、轮流报价",
        "先提交密封报价",
        "方向相反",
        "财政资金、国有资金",
    ):
        assert words in text, words


class TestForm:
    def test_it_asks_for_the_mode_and_where_there_are_two_for_the_direction(self):
        buyer = make_buyer()
        form = TermsForm(organization=buyer)
        assert "auction_direction" not in form.fields
        assert [value for value, _words in form.fields["auction_mode"].choices] == ["open", "rank", "turns"]
        adopt(directions=["down", "up"], modes=["open"])
        form = TermsForm(organization=buyer)
        assert "auction_direction" in form.fields
        assert "起始价" in str(form.fields["ceiling_fen"].help_text)
        up = TermsForm(organization=buyer, initial={"auction_direction": "up"})
        assert up.fields["ceiling_fen"].label == "起始价"
        assert up.fields["step_fen"].label == "最小加价幅度"
        assert "auction_mode" not in TermsForm(organization=buyer, method="draw").fields

    def test_what_was_chosen_is_kept_copied_and_published(self, client):
        adopt(directions=["down", "up"])
        buyer = make_buyer()
        client.force_login(agent_of(buyer))
        sent = typed_terms("live_auction") | {"auction_mode": "rank", "auction_direction": "up"}
        answer = client.post(reverse("tenders:terms"), sent)
        tender = Tender.objects.get()
        assert (tender.auction_mode, tender.auction_direction) == ("rank", "up")
        preview = client.get(answer["Location"]).content.decode()
        assert "只见名次" in preview
        assert "起始价" in preview
        client.post(reverse("tenders:publish", args=[tender.number]), {"confirmed": "on"})
        assert Tender.objects.get(pk=tender.pk).auction.mode == "rank"
        client.post(reverse("tenders:copy", args=[tender.number]))
        copied = Tender.objects.exclude(pk=tender.pk).get()
        assert (copied.auction_mode, copied.auction_direction) == ("rank", "up")

    def test_neither_is_amended(self):
        tender = make_tender()
        for name, value in (("auction_mode", "rank"), ("auction_direction", "up")):
            with pytest.raises(Refused) as caught:
                amend_tender(tender=tender, values={name: value}, reason="改变方式", by=agent_of(tender.buyer))
            assert caught.value.code == "not_amendable"


class TestSealedFirst:
    def test_a_firm_is_led_to_its_sealed_offer_and_on_to_the_room(self, client):
        adopt(sealed_first=True)
        tender = make_tender()
        firm = make_stranger(tender)
        client.force_login(agent_of(firm))
        assert "先密封报价，再公开竞价" in notice(client, tender)
        answer = client.post(reverse("bidding:sign_up", args=[tender.number]), follow=True)
        page = answer.content.decode()
        assert answer.redirect_chain[-1][0] == reverse("bidding:offer", args=[tender.number])
        assert "请在" in page
        assert "首轮密封报价" in page
        assert reverse("bidding:room", args=[tender.number]) in page
        assert "自带随机数" not in page
        assert "竞价开始前请提交首轮密封报价" in notice(client, tender)
        sealed = client.post(reverse("bidding:offer", args=[tender.number]), {"amount": "90000", "nonce": "ab" * 32})
        assert "开启后请进入竞价室接着报价" in sealed.content.decode()
        assert "首轮报价已密封" in notice(client, tender)

    def test_without_a_sealed_stage_the_room_is_next(self, client):
        tender = make_tender()
        client.force_login(agent_of(make_stranger(tender)))
        client.post(reverse("bidding:sign_up", args=[tender.number]))
        assert reverse("bidding:room", args=[tender.number]) in notice(client, tender)
        assert client.get(reverse("bidding:offer", args=[tender.number])).status_code == 302
