"""Anybody draws again in the browser: the page holds a real draw, fails on any change, and its module agrees with Python's."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from marketplace.awards import draw

VECTORS = json.loads((Path(__file__).parents[1] / "marketplace/awards/vectors/draw.json").read_text(encoding="utf-8"))
CHOICES = """
from marketplace.awards.queries import proof_of
from tests.factories.selections import make_choice
answer = {}
for method, firms in (("draw", 5), ("best_price", 3), ("credit", 4)):
    selection = make_choice(method, firms=firms, phase="decided")
    answer[method] = {"number": selection.tender.number, "proof": proof_of(selection)}
"""
STEPS = ("commitment", "pool_hash", "seed", "order")
# input -> the first step that it breaks; every step behind it breaks too
INPUTS = {"secret": 0, "salt": 1, "nonce": 1, "tickets": 1, "source": 2, "round": 2, "value": 2}
IMPORT = """async ([vectors, tampered]) => {
  const [{ name }] = performance.getEntriesByType("resource").filter((one) => /\\/js\\/draw[.\\w]*\\.js$/.test(one.name));
  const m = await import(name);
  const found = [];
  for (const { proof } of vectors) {
    const { tender, secret, salt, pool, beacon } = proof;
    const hash = await m.poolHash(tender, salt, [...pool].reverse());
    const seed = await m.seed(tender, secret, hash, beacon);
    const single = pool.map((entry) => ({ ...entry, tickets: 1 }));
    found.push({
      commitment: await m.commitment(secret), pool_hash: hash, seed, order: await m.order(seed, tender, pool),
      tie_order: await m.order(seed, tender, single, "tie"), factor: await m.pick(seed, tender, "factor", [98, 97, 95, 96]),
      faults: await m.check(proof),
    });
  }
  const faults = [];
  for (const proof of tampered) faults.push(await m.check(proof));
  const texts = vectors.map(({ proof }) => m.canonical(proof));
  return { found, faults, texts };
}"""


@pytest.fixture(scope="module")
def choices(demo_server):
    return demo_server.python(CHOICES)


def replay_page(page: Page, choice: dict) -> Page:
    page.goto(f"/awards/selection/{choice['number']}/replay/")
    return page


def holds(page: Page, name: str, value: bool) -> None:
    expect(page.locator(f"[data-verdict={name}]")).to_have_attribute("data-holds", "1" if value else "0")


def all_hold(page: Page) -> None:
    expect(page.locator("[data-conclusion]")).to_have_attribute("data-holds", "1")
    expect(page.get_by_text("全部相符")).to_be_visible()
    for name in STEPS:
        holds(page, name, True)


def codes(page: Page) -> list[str]:
    return page.locator("[data-order] tr").evaluate_all("rows => rows.map((row) => row.dataset.code)")


@pytest.mark.parametrize("method", ["draw", "best_price", "credit"])
def test_a_finished_draw_holds_and_its_order_is_pythons(new_page, choices, method):
    choice = choices[method]
    page = replay_page(new_page(phone=method == "credit"), choice)
    all_hold(page)
    proof = choice["proof"]
    for name in STEPS[:3]:
        expect(page.locator(f"[data-computed={name}]")).to_have_text(proof[name])
    assert codes(page) == draw.order(proof["seed"], proof["tender"], proof["pool"]) == proof["order"]
    if method == "best_price":
        holds(page, "factor", True)


def test_any_changed_input_breaks_its_step_and_all_behind_it(new_page, choices):
    page = replay_page(new_page(), choices["draw"])
    all_hold(page)
    for name, first in INPUTS.items():
        field = page.locator(f"[data-input={name}]").first
        old = field.input_value()
        new = {"tickets": "2", "round": "7", "source": "drand", "nonce": f"{old}x", "value": "ab"}.get(name)
        field.fill(new or ("1" if old[0] == "0" else "0") + old[1:])
        expect(page.locator("[data-conclusion]")).to_have_attribute("data-holds", "0")
        # the seed is made of the secret too, so a changed secret leaves only the pool hash as it was
        broken = {"commitment", "seed", "order"} if name == "secret" else set(STEPS[first:])
        for step in STEPS:
            if step != "order":
                holds(page, step, step not in broken)
        page.get_by_role("button", name="恢复公布的数据").click()
        all_hold(page)


def test_what_is_no_value_is_said(new_page, choices):
    page = replay_page(new_page(), choices["draw"])
    all_hold(page)
    page.locator("[data-input=secret]").fill("不是十六进制")
    expect(page.locator("[data-computed=commitment]")).to_have_text("数据的格式不对，无法计算。")
    expect(page.locator("[data-conclusion]")).to_have_attribute("data-holds", "0")


def test_a_downloaded_file_is_checked_without_the_server(new_page, choices):
    page = replay_page(new_page(), choices["draw"])
    all_hold(page)
    proof = choices["draw"]["proof"]

    def offer(content: str) -> None:
        page.set_input_files(
            "#replay-file", {"name": "draw.json", "mimeType": "application/json", "buffer": content.encode()}
        )

    answer = page.locator("[data-file-answer]")
    offer("﻿" + json.dumps(proof, ensure_ascii=True, indent=2))
    expect(answer).to_contain_text("与本页公布的一致")
    all_hold(page)
    forged = copy.deepcopy(proof)
    forged["pool"][0]["nonce"] += "!"
    offer(json.dumps(forged))
    expect(answer).to_contain_text("与本页公布的一致")
    holds(page, "pool_hash", False)
    expect(page.locator("[data-conclusion]")).to_have_attribute("data-holds", "0")
    whole = draw.proof(
        tender=proof["tender"], secret=b"\x07" * 32, salt=proof["salt"], pool=proof["pool"], beacon=proof["beacon"]
    )
    offer(json.dumps(whole))
    expect(answer).to_contain_text("与本页公布的不同")
    all_hold(page)  # it holds in itself, which is why it has to be compared with what was published before
    offer(json.dumps(choices["best_price"]["proof"]))
    expect(answer).to_contain_text("这是另一项需求")
    offer("{")
    expect(answer).to_contain_text("不是抽签证明")


def tampered(proof: dict) -> list[dict]:
    """Return copies of a proof, each with one thing changed, missing or added."""
    copies = []
    for change in (
        lambda one: one.update(format="marketplace-draw-2"),
        lambda one: one.update(tender=one["tender"] + "0"),
        lambda one: one.update(purpose="tie"),
        lambda one: one.update(commitment="00" * 32),
        lambda one: one.update(secret="11" * 32),
        lambda one: one.update(secret="AA" * 32),
        lambda one: one.update(salt="00"),
        lambda one: one.update(salt="0"),
        lambda one: one.update(pool_hash="22" * 32),
        lambda one: one.update(seed="33" * 32),
        lambda one: one.update(order=[*one["order"], "X"]),
        lambda one: one["beacon"].update(value="44"),
        lambda one: one["beacon"].update(round=-1),
        lambda one: one["beacon"].update(source="other"),
        lambda one: one["pool"][0].update(nonce="\u2028"),
        lambda one: one["pool"][0].update(nonce="\ud800"),
        lambda one: one["pool"][0].update(tickets=0),
        lambda one: one["pool"][0].update(tickets=one["pool"][0]["tickets"] + 1),
        lambda one: one["pool"].append(one["pool"][0]),
        lambda one: one.pop("salt"),
        lambda one: one.update(more=1),
    ):
        changed = copy.deepcopy(proof)
        change(changed)
        copies.append(changed)
    return copies


def test_the_module_agrees_with_python_on_every_vector(new_page, choices):
    page = replay_page(new_page(), choices["draw"])
    all_hold(page)
    wrong = [changed for vector in VECTORS for changed in tampered(vector["proof"])]
    answer = page.evaluate(IMPORT, [VECTORS, wrong])
    for vector, found, text in zip(VECTORS, answer["found"], answer["texts"], strict=True):
        proof = vector["proof"]
        assert found.pop("faults") == []
        expected = {name: proof[name] for name in STEPS} | {name: vector[name] for name in ("tie_order", "factor")}
        assert found == expected, vector["note"]
        assert text == draw.canonical(proof)
    for changed, faults in zip(wrong, answer["faults"], strict=True):
        expected = list(dict.fromkeys(line.partition(":")[0] for line in draw.check(changed)))
        assert faults == expected
        assert faults


def test_without_a_script_the_page_still_says_all(new_page, choices):
    page = replay_page(new_page(javascript=False), choices["draw"])
    proof = choices["draw"]["proof"]
    expect(page.get_by_text("浏览器还没有重新计算")).to_be_visible()
    expect(page.get_by_text("您算出的").first).to_be_hidden()
    assert codes(page) == proof["order"]
    for name in STEPS[:3]:
        expect(page.locator(f"[data-published={name}]")).to_have_text(proof[name])
    page.get_by_role("link", name="重新计算", exact=True).click()
    expect(page.get_by_text("结果一致")).to_be_visible()
