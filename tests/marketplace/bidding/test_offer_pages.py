"""The page of a sealed offer, for the firm, another firm, the owner, an administrator and the public."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session

from marketplace.awards.models import Scorer
from marketplace.bidding.actions import open_offers
from marketplace.bidding.commitments import new_nonce
from marketplace.bidding.models import Bidder, SealedOffer
from marketplace.core import clock
from marketplace.tenders.models import Method, Tender
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of, make_bidder, make_offer, make_plan, make_stranger
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


class Scene:
    """Hold a need with sealed offers and one firm that signed up and is signed in."""

    def __init__(self, client, method=Method.QUOTES, **terms):
        self.client, self.tender = client, make_tender(method=method, **terms)
        self.bidder = make_bidder(tender=self.tender)
        self.agent = agent_of(self.bidder.organization)
        self.address = f"/auctions/{self.tender.number}/offer/"
        client.force_login(self.agent)

    def page(self) -> str:
        return self.client.get(self.address).content.decode()

    def send(self, **values):
        return self.client.post(self.address, {"nonce": new_nonce()} | values)

    def late(self) -> None:
        """Let the hour of the opening pass."""
        past = clock.now() - timedelta(minutes=1)
        Tender.objects.filter(pk=self.tender.pk).update(signup_ends_at=past, selection_at=past)

    def said(self, answer) -> str:
        return [str(message) for message in get_messages(answer.wsgi_request)][-1]


@pytest.fixture
def scene(client) -> Scene:
    return Scene(client)


def test_the_page_says_what_to_hand_in_and_what_happens(scene: Scene) -> None:
    page = scene.page()
    for words in ("请提交报价", scene.bidder.label, "最高限价", "100,000.00", "从提交到公开", "密封并提交"):
        assert words in page
    assert 'type="file"' not in page
    assert "下浮率" not in page


def test_an_offer_is_sealed_and_its_receipt_shown_once(scene: Scene) -> None:
    answer = scene.send(amount="８８，８８８．８８ 元")
    page, offer = answer.content.decode(), SealedOffer.objects.get()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    for words in ("请现在保存回执", "88,888.88", "捌万捌仟捌佰捌拾捌元捌角捌分", offer.commitment):
        assert words in page
    nonce = re.search(r'name="nonce" value="([0-9a-f]{64})"', page)[1]
    again = scene.page()
    assert offer.commitment in again
    for secret in ("88,888.88", nonce):
        assert secret not in again
    for session in Session.objects.all():
        assert nonce not in str(session.get_decoded())


def test_a_receipt_becomes_a_file_and_only_a_true_one(scene: Scene) -> None:
    nonce = new_nonce()
    scene.send(amount="88888.88", nonce=nonce)
    offer = SealedOffer.objects.get()
    address = f"{scene.address}receipt/"
    answer = scene.client.post(address, {"amount_fen": 8_888_888, "nonce": nonce, "plan_sha256": ""})
    told = answer.content.decode()
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    for words in (offer.commitment, nonce, '"amount_fen":8888888', scene.tender.number, scene.bidder.label):
        assert words in told
    for values in ({"amount_fen": 1, "nonce": nonce}, {"amount_fen": 8_888_888, "nonce": "0" * 64}, {"nonce": "x"}):
        answer = scene.client.post(address, values)
        assert (answer.status_code, answer.url) == (302, scene.address)
        assert "不相符" in scene.said(answer)


def test_a_page_sent_again_is_the_same_offer(scene: Scene) -> None:
    nonce = new_nonce()
    for _time in range(2):
        assert "报价已密封" in scene.send(amount="88888", nonce=nonce).content.decode()
    assert SealedOffer.objects.count() == 1


def test_replace_and_withdraw(scene: Scene) -> None:
    scene.send(amount="90000")
    scene.send(amount="89000")
    page = scene.page()
    assert "替换报价" in page
    assert "以前提交的报价" in page
    assert "已替换" in page
    answer = scene.client.post(f"{scene.address}withdraw/")
    assert "报价已撤回" in scene.said(answer)
    assert "请提交报价" in scene.page()
    answer = scene.client.post(f"{scene.address}withdraw/")
    assert "没有密封的报价" in scene.said(answer)


@pytest.mark.parametrize(
    ("amount", "words"),
    [("", "请填写报价金额。"), ("一万", "请填写金额"), ("100000.01", "不能高于最高限价"), ("0", "大于零")],
)
def test_wrong_amounts_come_back_with_their_reason(scene: Scene, amount: str, words: str) -> None:
    answer = scene.send(amount=amount)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert f'value="{amount}"' in answer.content.decode() or not amount
    assert not SealedOffer.objects.exists()


def test_a_form_without_its_nonce_asks_to_reload(scene: Scene) -> None:
    assert "请刷新页面后再提交" in scene.client.post(scene.address, {"amount": "90000"}).content.decode()


def test_after_the_hour_the_page_takes_nothing(scene: Scene) -> None:
    scene.late()
    answer = scene.send(amount="90000")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "截止，不能再提交或撤回" in page
    assert "密封并提交" not in page
    assert not SealedOffer.objects.exists()


def test_discounts_are_typed_in_percent(client) -> None:
    scene = Scene(client, Method.AVERAGE, price_kind="discount")
    assert "下浮率" in scene.page()
    for wrong in ("100", "-1", "12.345", "abc"):
        assert scene.send(discount=wrong).status_code == 422
    page = scene.send(discount="１２．５％").content.decode()
    assert "87,500.00" in page


def test_a_plan_is_uploaded_sealed_and_given_out_after_the_opening(client, settings) -> None:
    scene = Scene(client, Method.MERIT)
    page = scene.page()
    assert 'type="file"' in page
    assert "不要出现机构名称" in page
    assert "请上传服务方案" in scene.send(amount="90000").content.decode()
    assert scene.send(amount="90000", plan=make_plan("鹰潭某公司方案.pdf")).status_code == 200
    make_offer(bidder=make_bidder(tender=scene.tender), plan=make_plan())
    offer = SealedOffer.objects.get(bidder=scene.bidder)
    files = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert not any(b"a plan of work" in path.read_bytes() for path in files)
    address = f"/auctions/plans/{offer.pk}/"
    assert client.get(address).status_code == 404
    open_offers(tender=scene.tender, now=scene.tender.selection_at)
    scene.late()
    page = scene.page()
    assert "一起开启的有效报价 2 份" in page
    assert "90,000.00" in page
    assert address in page
    scorer, undeclared = make_user(), make_user()
    for user, moment in ((scorer, clock.now()), (undeclared, None)):
        Scorer.objects.create(tender=scene.tender, user=user, name="评审", appointed_at=clock.now(), declared_at=moment)
    for user, status in (
        (scene.agent, 200),
        (agent_of(scene.tender.buyer), 200),
        (make_admin(), 200),
        (scorer, 200),
        (undeclared, 404),
        (agent_of(make_stranger(scene.tender)), 404),
        (agent_of(Bidder.objects.exclude(pk=scene.bidder.pk).get().organization), 404),
    ):
        client.force_login(user)
        answer = client.get(address)
        assert answer.status_code == status
        if status == 200:
            assert b"".join(answer.streaming_content).startswith(b"%PDF-")
            assert "%E9%B9%B0" not in answer["Content-Disposition"]  # the firm's own file name may tell who it is
    client.logout()
    assert client.get(address).status_code == 302


def test_an_invalid_offer_says_why(scene: Scene) -> None:
    scene.send(amount="90000")
    for _number in range(2):
        make_offer(bidder=make_bidder(tender=scene.tender))
    SealedOffer.objects.filter(bidder=scene.bidder).update(sealed=b"nothing")
    open_offers(tender=scene.tender, now=scene.tender.selection_at)
    scene.late()
    page = scene.page()
    assert "无效原因" in page
    assert "密文不能用报价箱的密钥解开" in page


def test_everybody_else_is_sent_away(client) -> None:
    tender = make_tender(method=Method.QUOTES)
    make_bidder(tender=tender)
    address = f"/auctions/{tender.number}/offer/"
    for path in (address, f"{address}withdraw/", f"{address}receipt/", f"/auctions/{tender.number}/nonce/"):
        answer = client.get(path) if path == address else client.post(path)
        assert answer.url.startswith("/account/")
    for user in (agent_of(tender.buyer), make_admin(), agent_of(make_stranger(tender)), make_user()):
        client.force_login(user)
        for path in (address, f"{address}withdraw/", f"{address}receipt/", f"/auctions/{tender.number}/nonce/"):
            answer = client.get(path) if path == address else client.post(path, {"amount": "1"})
            assert (answer.status_code, answer.url) == (302, tender.get_absolute_url())
    draft = make_tender(status="draft", method=Method.QUOTES)
    assert client.get(f"/auctions/{draft.number}/offer/").status_code == 404


def test_a_live_auction_leads_to_its_room(client) -> None:
    scene = Scene(client, Method.LIVE_AUCTION)
    assert client.get(scene.address).url == f"/auctions/{scene.tender.number}/"


@pytest.mark.parametrize(("method", "words"), [(Method.DRAW, "随机选取"), (Method.QUOTES, "密封报价")])
def test_signing_up_leads_to_the_own_page_and_says_what_comes_next(client, method: str, words: str) -> None:
    tender = make_tender(method=method)
    firm = make_stranger(tender)
    client.force_login(agent_of(firm))
    answer = client.post(f"/auctions/{tender.number}/sign-up/", {"nonce": "龙虎山"})
    assert answer.url == f"/auctions/{tender.number}/offer/"
    bidder = Bidder.objects.get()
    assert bidder.nonce == "龙虎山"
    page = client.get(answer.url).content.decode()
    assert words in page
    assert bidder.label in page
    assert 'value="龙虎山"' in page


def test_the_number_for_the_draw_is_changed_until_the_sign_up_ends(client) -> None:
    scene = Scene(client, Method.DRAW)
    address = f"/auctions/{scene.tender.number}/nonce/"
    assert "随机数已保存" in scene.said(client.post(address, {"nonce": "7"}))
    assert "随机数已清空" in scene.said(client.post(address, {"nonce": ""}))
    assert "可见字符" in scene.said(client.post(address, {"nonce": "x" * 65}))
    client.post(address, {"nonce": "42"})
    scene.late()
    assert "不能再改" in scene.said(client.post(address, {"nonce": "8"}))
    page = scene.page()
    assert "报名截止时已固定" in page
    assert "42" in page
    assert "保存随机数" not in page
