"""The opening of sealed offers: once, all together, each held against its commitment; and what happens when it cannot be."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from marketplace.accounts.models import Message
from marketplace.bidding.actions import end_sign_up, open_offers
from marketplace.bidding.commitments import commitment, context
from marketplace.bidding.models import Bidder, OfferBox, SealedOffer
from marketplace.bidding.queries import opened_offers
from marketplace.bidding.states import OfferStatus
from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.core.sealing import seal
from marketplace.tenders.actions import extend_sign_up, fail_tender
from marketplace.tenders.models import Method, Tender
from tests.factories.accounts import make_admin
from tests.factories.bidding import make_bidder, make_offer, make_plan
from tests.factories.tenders import make_tender
from tests.marketplace.bidding.conftest import AMOUNTS, Round

pytestmark = pytest.mark.django_db


def test_all_offers_are_opened_together_and_say_what_was_sealed() -> None:
    scene = Round()
    opened = scene.open()
    assert sorted(offer.amount_fen for offer in opened) == sorted(AMOUNTS)
    assert [offer.bidder.label for offer in opened] == sorted(bidder.label for bidder in scene.bidders)
    for offer in opened:
        again = commitment(
            tender=scene.tender.number, bidder=offer.bidder.label, amount_fen=offer.amount_fen, nonce=offer.nonce
        )
        assert again == offer.commitment
    event = Event.objects.get(name="offers_opened")
    assert event.data == {
        "offers": 3,
        "invalid": 0,
        "commitments": sorted(offer.commitment for offer in scene.offers),
    }
    assert OfferBox.objects.get().opened_at == scene.tender.selection_at


def test_opening_again_changes_nothing() -> None:
    scene = Round()
    first = scene.open()
    again = scene.open(scene.tender.selection_at + timedelta(days=1))
    assert [(one.pk, one.opened_at) for one in again] == [(one.pk, one.opened_at) for one in first]
    assert Event.objects.filter(name="offers_opened").count() == 1


def test_a_millisecond_before_the_hour_nothing_opens() -> None:
    scene = Round()
    with pytest.raises(Refused) as refused:
        scene.open(scene.tender.selection_at - timedelta(milliseconds=1))
    assert refused.value.code == "too_early"
    assert {offer.status for offer in SealedOffer.objects.all()} == {OfferStatus.SEALED}


def test_a_postponed_opening_keeps_the_key_shut() -> None:
    tender = make_tender(method=Method.AVERAGE)
    make_offer(bidder=make_bidder(tender=tender))
    former = tender.selection_at
    extend_sign_up(tender=tender, reason="报名机构太少", now=tender.signup_ends_at)
    with pytest.raises(Refused) as refused:
        open_offers(tender=tender, now=former)
    assert refused.value.code == "too_early"
    tender.refresh_from_db()
    Tender.objects.filter(pk=tender.pk).update(
        signup_ends_at=former, selection_at=former
    )  # the row alone does not open
    make_bidder(tender=tender, now=former - timedelta(minutes=1))
    tender.refresh_from_db()
    with pytest.raises(Refused) as refused:
        open_offers(tender=tender, now=former)
    assert refused.value.code == "too_early"
    assert SealedOffer.objects.get().status == OfferStatus.SEALED


def test_the_opening_ends_the_sign_up_first_when_nobody_has_noticed() -> None:
    tender = make_tender(method=Method.QUOTES)
    for amount in AMOUNTS:
        make_offer(bidder=make_bidder(tender=tender), amount_fen=amount)
    assert len(open_offers(tender=tender, now=tender.selection_at)) == 3


@pytest.mark.parametrize("method", [Method.LIVE_AUCTION, Method.DRAW])
def test_methods_without_sealed_offers_have_nothing_to_open(method: str) -> None:
    tender = make_tender(method=method)
    for _number in range(3):
        make_bidder(tender=tender)
    with pytest.raises(Refused) as refused:
        open_offers(tender=tender, now=tender.selection_at)
    assert refused.value.code == "nothing_sealed"


def test_a_need_that_ended_keeps_its_offers_sealed() -> None:
    scene = Round()
    fail_tender(tender=scene.tender, reason="项目调整", now=scene.tender.selection_at)
    scene.tender.refresh_from_db()
    with pytest.raises(Refused) as refused:
        scene.open()
    assert refused.value.code == "not_selecting"
    assert not opened_offers(scene.tender).exists()


def test_a_changed_ciphertext_is_invalid_and_the_others_count() -> None:
    scene = Round()
    sealed = bytearray(bytes(SealedOffer.objects.get(pk=scene.offers[1].pk).sealed))
    sealed[-1] ^= 1
    SealedOffer.objects.filter(pk=scene.offers[1].pk).update(sealed=bytes(sealed))
    opened = scene.open()
    assert {offer.amount_fen for offer in opened} == {AMOUNTS[0], AMOUNTS[2]}
    assert "密钥解开" in scene.reason(1)
    assert Event.objects.get(name="offers_opened").data["invalid"] == 1
    told = Message.objects.filter(title__startswith="报价无效")
    assert [message.user for message in told] == [scene.bidders[1].organization.memberships.get().user]


def test_an_offer_moved_to_another_firm_does_not_open() -> None:
    scene = Round()
    first, second = (SealedOffer.objects.get(pk=offer.pk) for offer in scene.offers[:2])
    SealedOffer.objects.filter(pk=first.pk).update(sealed=bytes(second.sealed), commitment=second.commitment)
    scene.open()
    assert "密钥解开" in scene.reason(0)


def test_a_content_that_is_not_what_was_committed_to_is_invalid() -> None:
    scene = Round()
    scene.replace_content(0, amount_fen=8_000_000)  # as if somebody with the machine had put in a lower price
    scene.open()
    assert "承诺值" in scene.reason(0)


def test_an_offer_that_the_chain_never_announced_is_invalid() -> None:
    scene = Round()
    given = {
        "tender": scene.tender.number,
        "bidder": scene.bidders[0].label,
        "amount_fen": 7_000_000,
        "nonce": "b" * 64,
    }
    scene.replace_content(0, amount_fen=7_000_000, nonce="b" * 64)  # complete in itself, by somebody with the database
    SealedOffer.objects.filter(pk=scene.offers[0].pk).update(commitment=commitment(**given))
    scene.open()
    assert "公开记录" in scene.reason(0)


def test_a_content_of_another_shape_is_invalid() -> None:
    scene = Round()
    offer, bidder = scene.offers[0], scene.bidders[0]
    bound = context(tender=scene.tender.number, bidder=bidder.label, number=offer.number, part="price")
    for wrong in (b"{}", b"[1]", b"not json"):
        SealedOffer.objects.filter(pk=offer.pk).update(sealed=seal(scene.tender.offer_box.public_key, wrong, bound))
    scene.open()
    assert "密钥解开" in scene.reason(0)


def test_offers_are_held_against_the_terms_as_they_are_at_the_opening() -> None:
    scene = Round()
    Tender.objects.filter(pk=scene.tender.pk).update(ceiling_fen=9_100_000, floor_fen=8_900_000)
    assert [offer.amount_fen for offer in scene.open()] == [9_000_000]
    assert scene.reason(1) == "报价低于最低限价"
    assert scene.reason(2) == "报价高于最高限价"


def test_a_discount_off_a_ceiling_that_was_changed_is_invalid() -> None:
    tender = make_tender(method=Method.AVERAGE, price_kind="discount")
    for points in (1000, 1234):
        make_offer(bidder=make_bidder(tender=tender), discount_points=points)
    end_sign_up(tender=tender, now=tender.signup_ends_at)
    Tender.objects.filter(pk=tender.pk).update(ceiling_fen=9_500_000)
    tender.refresh_from_db()
    assert open_offers(tender=tender, now=tender.selection_at) == []
    assert {offer.reason for offer in SealedOffer.objects.all()} == {"公告变更最高限价后没有重新提交报价"}


def test_offers_of_firms_that_were_excluded_stay_unread() -> None:
    scene = Round()
    Bidder.objects.filter(pk=scene.bidders[2].pk).update(status="excluded")
    assert len(scene.open()) == 2
    assert scene.reason(2) == "机构已不在报名名单中"


def test_plans_are_opened_with_their_prices() -> None:
    scene = Round(Method.MERIT)
    opened = scene.open()
    for offer in opened:
        assert offer.opened_plan.read() == make_plan().read()
        assert offer.plan_name == "服务方案.pdf"
        assert "服务方案" not in offer.opened_plan.name
        offer.opened_plan.close()


def test_a_plan_that_was_changed_or_is_gone_makes_the_offer_invalid(settings) -> None:
    scene = Round(Method.SCORED)
    first, second, _third = (SealedOffer.objects.get(pk=offer.pk) for offer in scene.offers)
    path = Path(settings.MEDIA_ROOT) / first.plan.name
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    (Path(settings.MEDIA_ROOT) / second.plan.name).unlink()
    assert len(scene.open()) == 1
    assert scene.reason(0) == scene.reason(1) == "方案文件缺失或被改动"


def test_plans_exchanged_between_two_firms_do_not_open(settings) -> None:
    scene = Round(Method.SCORED)
    first, second, _third = (SealedOffer.objects.get(pk=offer.pk) for offer in scene.offers)
    SealedOffer.objects.filter(pk=first.pk).update(plan=second.plan.name)
    scene.open()
    assert scene.reason(0) == "方案文件缺失或被改动"


def test_without_its_key_the_need_waits_and_administrators_are_told_once(settings) -> None:
    admin = make_admin()
    scene = Round()
    (file,) = Path(settings.SAFE_DIR).glob("box-*")
    hidden = file.with_name("elsewhere")
    file.rename(hidden)
    for _time in range(2):
        with pytest.raises(Refused) as refused:
            scene.open()
        assert refused.value.code == "key_missing"
    message = Message.objects.get(user=admin)
    assert message.title.startswith("报价箱的密钥缺失")
    assert {offer.status for offer in SealedOffer.objects.all()} == {OfferStatus.SEALED}
    scene.tender.refresh_from_db()
    assert scene.tender.status == "selecting"
    hidden.rename(file)  # the copy came back
    assert len(scene.open()) == 3


def test_the_key_of_another_need_does_not_open(settings) -> None:
    scene, other = Round(), Round()
    OfferBox.objects.filter(pk=other.tender.offer_box.pk).delete()
    OfferBox.objects.filter(tender=scene.tender).update(public_key=other.tender.offer_box.public_key)
    assert scene.open(other.tender.selection_at) == []
    assert "密钥解开" in scene.reason(0)


@pytest.mark.django_db(transaction=True)
def test_two_openings_at_once_open_once() -> None:
    past = clock.now() - timedelta(minutes=41)
    tender = make_tender(method=Method.BEST_PRICE, now=past)
    for amount in AMOUNTS:
        bidder = make_bidder(tender=tender, now=past + timedelta(minutes=1))
        make_offer(bidder=bidder, amount_fen=amount, now=past + timedelta(minutes=2))
    end_sign_up(tender=tender, now=tender.signup_ends_at)
    found: list[int] = []
    start = threading.Barrier(2)

    def run() -> None:
        try:
            start.wait()
            found.append(len(open_offers(tender=Tender.objects.get(pk=tender.pk))))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [3, 3]
    assert Event.objects.filter(name="offers_opened").count() == 1
