"""The story from the contract on: sign, pay, deliver, accept, review; and what shows it."""

import hashlib
import json
import re

import httpx

from marketplace.approvals.sandbox.data import demo_projects
from marketplace.core.models import Process
from marketplace.tenders.models import Tender
from payments.models import PaymentIntent
from tests.journeys.conftest import PDF, Person, upload

PROJECT = demo_projects()[0]  # 年产 2 万吨高精度铜箔项目, which waits for its environmental approval
YUAN = 100
STEPS = """
tender_drafted tender_published auction_scheduled bidder_signed_up bidder_signed_up selection_started
state_pushed pool_frozen auction_opened bid_placed bid_placed bid_placed auction_closed selection_decided award_proposed
award_confirmed contract_drafted contract_offered contract_signed contract_signed contract_activated
payment_intent_created payment_intent_succeeded milestone_funded state_pushed state_pushed
milestone_delivered milestone_accepted transfer_created transfer_paid milestone_settled state_pushed result_pushed
payment_intent_created payment_intent_succeeded milestone_funded
milestone_delivered milestone_accepted transfer_created transfer_paid milestone_settled
tender_completed contract_completed state_pushed result_pushed review_published
"""


def both_sides_sign(tender: Tender, owner: Person, firm: Person):
    contract = tender.contract
    page = f"/contracts/{contract.number}/"
    assert "提交成果初稿" in owner.visit(page)
    owner.send(f"{page}offer/")
    body_hash = type(contract).objects.get(pk=contract.pk).body_hash
    for side in (firm, owner):
        text = side.send(f"{page}sign/", agree="on", body_hash=body_hash)
    assert "双方都已签署，合同生效" in text
    assert [one.amount_fen for one in contract.milestones.order_by("number")] == [44_000 * YUAN, 66_000 * YUAN]
    printed = owner.client.get(f"{page}pdf/")
    if printed.status_code == 503:  # a machine without Pango or a Chinese font says which package is missing
        assert re.search("libpango-1.0-0|fonts-noto-cjk", printed.content.decode())
    else:
        assert printed.content.startswith(b"%PDF-")
    Person().visit(page)  # the public is asked to sign in
    return contract


# 7. The payment


def the_owner_pays(milestone, owner: Person, alipay, time) -> None:
    owner.send(f"/contracts/milestones/{milestone.pk}/pay/")
    intent = PaymentIntent.objects.get(metadata__milestone=str(milestone.pk))
    assert owner.at == f"/payments/{intent.pk}/"
    cashier = owner.client.post(f"/payments/{intent.pk}/confirm/").url
    assert "sign=" in cashier  # built and signed by Alipay's own SDK
    # Coming back from the cashier proves nothing …
    assert "正在向支付宝核实" in owner.visit(f"/payments/{intent.pk}/return/?trade_status=TRADE_SUCCESS")
    milestone.refresh_from_db()
    assert milestone.status == "planned"
    # … the signed notice does.
    alipay.pay(cashier)
    time.go_on(minutes=1)
    milestone.refresh_from_db()
    assert milestone.status == "funded"
    assert "款项已收到，由平台保管" in owner.visit(f"/payments/{intent.pk}/")


# 8. The result


def the_firm_delivers(milestone, firm: Person, time) -> None:
    time.go_on(days=10)
    text = firm.send(f"/contracts/milestones/{milestone.pk}/deliver/", file=upload(), note="送审稿")
    assert "文件指纹已记录" in text
    assert milestone.deliverables.get().sha256 == hashlib.sha256(PDF).hexdigest()


def the_owner_accepts(milestone, owner: Person, time) -> None:
    owner.send(f"/contracts/milestones/{milestone.pk}/accept/")
    time.go_on(minutes=1)
    milestone.refresh_from_db()
    assert milestone.status == "settled"
    time.go_on(minutes=1)  # the approval platform is told what happened meanwhile


def the_platform_shows(address: str, *words: str) -> None:
    page = httpx.get(f"{address}/projects/{PROJECT.code}", trust_env=False).text
    for word in words:
        assert word in page, word


# 9. The review


def the_owner_reviews(contract, owner: Person) -> None:
    words = "报告书扎实，按时提交，技术评估一次通过。"
    stars = {"quality": "5", "timeliness": "5", "attitude": "4", "price": "4", "conduct": "5"}
    owner.send(f"/reviews/contracts/{contract.number}/", text=words, **stars)
    assert owner.at.startswith(f"/firms/{contract.supplier_id}/")
    assert words in Person().visit(f"/firms/{contract.supplier_id}/")


# 10. The timeline


def every_step_is_on_the_timeline(tender: Tender) -> None:
    process = Process.objects.get(pk=tender.process_id)
    told = json.loads(Person().client.get(f"/process/{process.ocid}/?format=json").content)
    assert [event["number"] for event in told["events"]] == list(range(1, process.head_number + 1))
    assert told["events"][-1]["hash"] == told["head"]["hash"] == process.head_hash
    for one, following in zip(told["events"], told["events"][1:], strict=False):
        assert following["previous_hash"] == one["hash"]
    steps = list(process.events.order_by("number").values_list("name", flat=True))
    assert steps == STEPS.split(), " ".join(steps)
    assert "完整，未被改动" in Person().visit(f"/process/{process.ocid}/")
