"""Draw again: the proof as a file, the program, the page, and the platform's own replay in words."""

import json
import subprocess
import sys

import pytest
from django.urls import reverse

from marketplace.awards import draw, verify_draw
from marketplace.awards.models import Award, Selection
from marketplace.awards.queries import replay
from marketplace.awards.replay_words import faults_in_words
from marketplace.core.models import Event
from marketplace.tenders.models import Method
from tests.factories.selections import make_choice

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn():
    return make_choice(Method.DRAW)


def at(name, selection):
    return reverse(f"awards:{name}", args=[selection.tender.number])


def test_the_proof_holds_and_follows_the_ranking(client, drawn):
    response = client.get(at("proof", drawn))
    assert response["Content-Disposition"] == f'attachment; filename="draw-{drawn.tender.number}.json"'
    document = json.loads(response.content)
    assert draw.check(document) == []
    assert document["order"] == [place["code"] for place in drawn.result["ranking"]]
    assert document["commitment"] == Event.objects.get(name="selection_committed").data["commitment"]
    assert document["pool_hash"] == Event.objects.get(name="pool_frozen").data["pool_hash"]


def test_the_program_that_one_downloads_says_that_the_proof_holds(client, drawn, tmp_path):
    program, proof = tmp_path / "verify_draw.py", tmp_path / "proof.json"
    response = client.get(reverse("awards:verifier"))
    assert response["Content-Type"].startswith("text/x-python")
    assert response["Content-Disposition"] == 'attachment; filename="verify_draw.py"'
    program.write_bytes(b"".join(response.streaming_content))
    proof.write_bytes(client.get(at("proof", drawn)).content)
    done = subprocess.run(
        [sys.executable, "-I", program, proof], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.strip().endswith("OK")
    assert program.read_text(encoding="utf-8").startswith(f'"""{verify_draw.__doc__[:20]}')


def test_the_page_holds_every_value_without_a_script(client, drawn):
    text = client.get(at("replay", drawn)).content.decode()
    for value in (drawn.commitment, drawn.secret, drawn.salt, drawn.pool_hash, drawn.seed, "信江 “一”"):
        assert value in text
    for entry in drawn.pool:
        assert entry["code"] in text
    assert "verify_draw.py" in text


def test_nobody_draws_where_the_owner_names_the_firm(client):
    selection = make_choice(Method.DIRECT)
    assert client.get(at("replay", selection)).status_code == 404
    assert client.get(at("proof", selection)).status_code == 404


@pytest.mark.parametrize("method", [Method.DRAW, Method.AVERAGE, Method.BEST_PRICE, Method.CREDIT, Method.SCORED])
def test_the_platform_computes_the_choice_again(client, method):
    selection = make_choice(method)
    text = client.get(at("replay", selection), {"again": "1"}).content.decode()
    assert "结果一致" in text
    assert "结果不一致" not in text
    assert "结果一致" not in client.get(at("replay", selection)).content.decode()


def test_the_page_says_what_does_not_come_out_again(client, drawn):
    ranking = drawn.result["ranking"]
    ranking[0]["amount_fen"] -= 1
    Selection.objects.filter(pk=drawn.pk).update(result=drawn.result)
    text = client.get(at("replay", drawn), {"again": "1"}).content.decode()
    assert "重新计算的结果不一致" in text
    assert "重新计算的名次与公布的不同。" in text
    assert drawn.tender.number in text


def swap_secret(selection):
    selection.secret = "00" * 32


def swap_pool(selection):
    selection.pool[0]["nonce"] = "换过"


def swap_seed(selection):
    selection.seed = "ab" * 32


def swap_hashes(selection):
    selection.commitment, selection.pool_hash = "cd" * 32, "ef" * 32


def lose_secret(selection):
    selection.secret = ""


def swap_inputs(selection):
    selection.inputs["firms"][0]["credit"] += 1


def cut_pool(selection):
    selection.pool[0]["tickets"] = 0


def swap_award(selection):
    award = Award.objects.get()
    award.bidder = selection.tender.bidders.exclude(pk=award.bidder_id)[0]
    award.save()


@pytest.mark.parametrize(
    "change", [swap_secret, swap_pool, swap_seed, swap_hashes, lose_secret, swap_inputs, cut_pool, swap_award]
)
def test_every_fault_has_words_of_its_own(drawn, change):
    change(drawn)
    if change is not cut_pool:
        faults = list(replay(drawn))
    else:
        faults = [f"{drawn.tender.number}: {line}" for line in draw.check({"pool": drawn.pool})]
    assert faults
    sentences = faults_in_words(faults)
    assert sentences
    assert "有一处数据无法重新计算。" not in sentences
    assert len(sentences) == len(set(sentences))
