"""The choice by every method: committed, frozen, revealed once, ranked; and what stands in its way."""

import hashlib
from datetime import timedelta

import httpx
import pytest

from marketplace.awards import beacon, draw
from marketplace.awards.actions import commit_selection, freeze_pool, run_selection
from marketplace.awards.actions.selections import SEEDLESS
from marketplace.awards.handlers import choose_due
from marketplace.awards.models import Award, Selection
from marketplace.awards.queries import proof_of, replay
from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.core.safe import safe
from marketplace.tenders.models import Method, Tender
from tests.factories.selections import make_choice
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def refused(code, action, **arguments):
    with pytest.raises(Refused) as caught:
        action(**arguments)
    assert caught.value.code == code
    assert str(caught.value)


@pytest.mark.parametrize("method", Method.values)
def test_every_method_comes_to_an_award_that_replays(method):
    selection = make_choice(method)
    award = Award.objects.get(selection=selection)
    assert (selection.status, award.rank) == ("decided", 1)
    assert award.bidder.label == selection.result["ranking"][0]["firm"]
    assert list(replay(selection)) == []
    assert bool(proof_of(selection)) == (method not in SEEDLESS)
    tender = Tender.objects.get(pk=selection.tender_id)
    assert tender.disclosed_at == award.proposed_at
    run_selection(tender=tender)
    assert Award.objects.count() == 1


def test_the_commitment_is_published_with_the_need_and_the_secret_is_in_no_row():
    tender = make_tender(method=Method.DRAW)
    selection = tender.selection
    event = tender.process.events.get(name="selection_committed")
    assert event.data["commitment"] == selection.commitment
    assert (selection.secret, selection.seed, selection.pool_hash) == ("", "", "")
    secret = safe().take(f"draw-{selection.commitment}", tender.selection_at)
    assert draw.commitment(secret) == selection.commitment
    assert secret.hex() not in str(list(Event.objects.values())) + str(Selection.objects.values())
    assert commit_selection(tender=tender) == selection


def test_the_list_is_frozen_and_hashed_at_the_deadline_before_the_seed_is_known():
    selection = make_choice(Method.DRAW, phase="frozen")
    assert selection.pool_hash == draw.pool_hash(selection.tender.number, selection.salt, selection.pool)
    assert {entry["tickets"] for entry in selection.pool} == {1}
    assert [entry["nonce"] for entry in selection.pool].count("") == 2
    assert selection.tender.process.events.get(name="pool_frozen").data == {
        "firms": 3,
        "pool_hash": selection.pool_hash,
    }
    assert selection.secret == ""
    assert freeze_pool(tender=selection.tender).pool_hash == selection.pool_hash
    refused(
        "too_early",
        run_selection,
        tender=selection.tender,
        now=selection.tender.selection_at - timedelta(microseconds=1),
    )


def test_nothing_is_held_before_the_sign_up_ends():
    tender = make_tender(method=Method.DRAW)
    refused("tender_not_selecting", run_selection, tender=tender, now=tender.selection_at)


def test_credit_decides_how_many_tickets_a_firm_has():
    selection = make_choice(Method.CREDIT, phase="frozen")
    assert {entry["tickets"] for entry in selection.pool} == {80}


def test_a_secret_that_is_not_the_one_committed_to_is_refused():
    selection = make_choice(Method.DRAW, phase="frozen")
    tender = selection.tender
    safe().put(f"draw-{selection.commitment}", b"another secret of the operator..", tender.selection_at)
    refused("reveal_mismatch", run_selection, tender=tender, now=tender.selection_at)
    selection.refresh_from_db()
    assert (selection.status, selection.secret) == ("committed", "")


def test_a_secret_that_is_gone_is_said_and_loses_nothing(settings, tmp_path):
    selection = make_choice(Method.DRAW, phase="frozen")
    tender = selection.tender
    where = settings.SAFE_DIR
    settings.SAFE_DIR = tmp_path / "elsewhere"
    refused("secret_missing", run_selection, tender=tender, now=tender.selection_at)
    settings.SAFE_DIR = where
    assert run_selection(tender=tender, now=tender.selection_at).status == "decided"


def test_the_worker_holds_what_is_due(monkeypatch):
    selection = make_choice(Method.DRAW, phase="frozen")
    at = selection.tender.selection_at
    assert choose_due(at - timedelta(seconds=1)) == 0
    monkeypatch.setattr("marketplace.core.clock.database_now", lambda: at)
    assert choose_due(at) == 1
    assert choose_due(at) == 0


def test_too_few_valid_offers_end_the_need_with_the_reason():
    tender = make_choice(Method.AVERAGE, phase="frozen", firms=2).tender
    box = tender.bidders.first().sealed_offers.first()
    type(box).objects.filter(pk=box.pk).update(sealed=b"not what was sealed")
    selection = run_selection(tender=tender, now=tender.selection_at)
    tender.refresh_from_db()
    assert (selection.status, tender.status) == ("failed", "failed")
    assert tender.failure_reason == "有效报价 1 家，少于规则要求的 2 家"
    assert not Award.objects.exists()


def test_an_emergency_is_recorded_and_confirmed_at_once():
    selection = make_choice(Method.EMERGENCY)
    award = Award.objects.get(selection=selection)
    assert award.status == "confirmed"
    assert Tender.objects.get(pk=selection.tender_id).status == "awarded"
    assert list(replay(selection)) == []


def test_a_replay_finds_what_was_touched():
    selection = make_choice(Method.BEST_PRICE)
    changed = [{**row, "credit": 9999} if place == 0 else row for place, row in enumerate(selection.inputs["firms"])]
    Selection.objects.filter(pk=selection.pk).update(
        inputs={**selection.inputs, "firms": changed}, secret="00" * 32, pool_hash="ab" * 32
    )
    faults = " ".join(replay(Selection.objects.select_related("tender__process").get(pk=selection.pk)))
    for word in ("commitment_differs", "pool_hash_differs", "pool_hash is not the one that was published"):
        assert word in faults


def test_a_rigged_factor_does_not_come_out_again():
    selection = make_choice(Method.BEST_PRICE)
    drawn = selection.result["facts"]["factor_percent"]
    other = next(factor for factor in selection.tender.rules["factors_percent"] if factor != drawn)
    rigged = {**selection.result, "facts": {**selection.result["facts"], "factor_percent": other}}
    Selection.objects.filter(pk=selection.pk).update(result=rigged)
    faults = list(replay(Selection.objects.select_related("tender__process").get(pk=selection.pk)))
    assert faults == [f"{selection.tender.number}: the ranking does not come out again"]


def test_a_need_taken_back_ends_its_choice():
    from marketplace.tenders.actions import void_tender
    from tests.factories.accounts import make_admin

    selection = make_choice(Method.DRAW)
    void_tender(tender=selection.tender, reason="公告内容有误", by=make_admin())
    award = Award.objects.get(selection=selection)
    assert (award.status, award.end_reason) == ("revoked", "需求已取消")
    open_one = make_choice(Method.DRAW, phase="frozen")
    void_tender(tender=open_one.tender, reason="公告内容有误", by=make_admin())
    open_one.refresh_from_db()
    assert open_one.status == "failed"


class Drand:
    """Speak drand's interface as its relays do, for one chain."""

    chain, genesis, period = "52db9ba7" * 8, 1692803367, 3

    def __init__(self):
        self.is_reachable, self.newest = True, 10**12
        self.asked = []

    def get(self, address, timeout):
        self.asked.append(address)
        if not self.is_reachable:
            raise httpx.ConnectError("refused")
        request = httpx.Request("GET", address)
        if address.endswith("/info"):
            data = {"hash": self.chain, "period": self.period, "genesis_time": self.genesis, "public_key": "83cf"}
            return httpx.Response(200, json=data, request=request)
        number = int(address.rsplit("/", 1)[1])
        if number > self.newest:
            return httpx.Response(425, request=request)
        signature = hashlib.sha256(str(number).encode()).digest()
        data = {"round": number, "signature": signature.hex(), "randomness": hashlib.sha256(signature).hexdigest()}
        return httpx.Response(200, json=data, request=request)


@pytest.fixture
def drand(settings, monkeypatch):
    settings.BEACON_URL, settings.BEACON_CHAIN = "http://127.0.0.1:1/drand", Drand.chain
    relay = Drand()
    monkeypatch.setattr(beacon.httpx, "get", relay.get)
    return relay


def test_a_beacon_is_fixed_in_advance_and_mixed_in(drand):
    selection = make_choice(Method.DRAW, phase="frozen")
    plan = selection.beacon
    hour = int(selection.tender.selection_at.timestamp())
    assert (drand.genesis + (plan["round"] - 1) * drand.period) - hour in range(1, drand.period + 1)
    assert plan["value"] == ""
    selection = run_selection(tender=selection.tender, now=selection.tender.selection_at)
    assert selection.beacon == {**plan, "value": beacon.value(plan["round"])}
    assert list(replay(selection)) == []


def test_a_beacon_that_is_silent_delays_the_draw_and_never_replaces_it(drand):
    tender = make_choice(Method.DRAW, phase="frozen").tender
    drand.newest = 0
    refused("beacon_unreachable", run_selection, tender=tender, now=tender.selection_at)
    drand.newest, drand.is_reachable = 10**12, False
    refused("beacon_unreachable", run_selection, tender=tender, now=tender.selection_at)
    drand.is_reachable = True
    assert run_selection(tender=tender, now=tender.selection_at).status == "decided"


def test_a_chain_that_is_not_ours_is_refused(drand, settings):
    settings.BEACON_CHAIN = "ab" * 32
    with pytest.raises(beacon.Unreachable):
        beacon.plan(make_tender(status="draft").selection_at)
