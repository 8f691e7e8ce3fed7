"""What goes wrong after the award: results, signatures, reviews, and pages of somebody else."""

import pytest
from django.urls import reverse

from marketplace.contracts.models import Deliverable
from marketplace.reviews.models import Review
from payments.models import PaymentIntent
from tests.factories.bidding import agent_of
from tests.factories.contracts import carry, make_contract
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender
from tests.journeys.conftest import PDF, file, post

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024


def test_a_wrong_result_keeps_the_note(reader):
    contract = make_contract(status="active")
    milestone = carry(contract.milestones.order_by("number")[0], "funded")
    reader.force_login(agent_of(contract.supplier))
    for name, content, sentence in (
        ("成果.pdf", b"<html>", "文件内容不是 pdf"),
        ("成果.zip", PDF, "请上传以下格式的文件"),
        ("成果.pdf", b"", "空的"),
        ("成果.pdf", PDF + b"0" * 20 * MEGABYTE, "最多 20 MB"),
    ):
        answer = post(reader, "contracts:deliver", milestone.pk, file=file(name, content), note="第二稿，已按意见修改")
        reader.says(answer, 422, sentence, "第二稿，已按意见修改")
    assert not Deliverable.objects.exists()


def test_a_return_without_a_reason(reader):
    contract = make_contract(status="active")
    milestone = carry(contract.milestones.order_by("number")[0], "delivered")
    reader.force_login(agent_of(contract.buyer))
    reader.says(post(reader, "contracts:return", milestone.pk, reason="不行"), 422, "请写明退回原因", "不行")


def test_a_signature_needs_the_tick_and_the_text_that_was_read(reader):
    contract = make_contract(status="signing")
    reader.force_login(agent_of(contract.buyer))
    number = contract.number
    reader.says(post(reader, "contracts:sign", number, body_hash=contract.body_hash), 422, "请先勾选", number)
    answer = post(reader, "contracts:sign", number, agree="on", body_hash="0" * 64)
    reader.says(answer, 409, "正文", number)
    assert not contract.signatures.exists()


def test_repeated_submits_of_a_contract_count_once(reader):
    contract = make_contract(status="signing")
    number, first = contract.number, contract.milestones.order_by("number")[0]
    for side in (contract.buyer, contract.supplier):
        reader.force_login(agent_of(side))
        for _time in range(2):
            answer = post(reader, "contracts:sign", number, agree="on", body_hash=contract.body_hash)
            assert answer.status_code in {302, 409}
    assert contract.signatures.count() == 2
    reader.force_login(agent_of(contract.buyer))
    assert len({post(reader, "contracts:pay", first.pk).url for _time in range(2)}) == 1
    assert PaymentIntent.objects.count() == 1
    carry(first, "delivered")
    for _time in range(2):
        assert post(reader, "contracts:accept", first.pk).status_code == 302
    assert contract.tender.process.events.filter(name="milestone_accepted").count() == 1


def test_a_short_review_keeps_its_stars(reader):
    contract = make_contract(status="completed")
    reader.force_login(agent_of(contract.buyer))
    stars = dict.fromkeys(("quality", "timeliness", "attitude", "price"), "4")
    answer = post(reader, "reviews:review", contract.number, text="好", conduct="9", **stars)
    reader.says(answer, 422, "请写 10 到 1000 个字", "\n好</textarea>")
    assert answer.content.decode().count("checked") == 4
    assert not Review.objects.exists()
    for _time in range(2):
        sent = post(
            reader, "reviews:review", contract.number, text="按时提交，质量很好，值得合作。", conduct="5", **stars
        )
        assert sent.status_code in {302, 409}
    assert Review.objects.count() == 1


# Pages of somebody else


def test_pages_of_somebody_else(reader):
    contract = make_contract(status="active")
    milestone = carry(contract.milestones.order_by("number")[0], "funded")
    draft = make_tender(status="draft")
    message = contract.buyer.memberships.get().user.messages.first()
    stranger = make_firm()
    reader.force_login(agent_of(stranger))
    number = contract.number
    for name, args, status in (
        ("contracts:contract", [number], 403),
        ("contracts:pdf", [number], 403),
        ("contracts:edit", [number], 403),
        ("reviews:review", [number], 403),
        ("payments:intent", [milestone.payment_intent_id], 403),
        ("tenders:preview", [draft.number], 403),
        ("tenders:tender", [draft.number], 404),
        ("accounts:message", [message.pk], 404),
        ("approvals:pushes", [], 403),
    ):
        answer = reader.get(reverse(name, args=args))
        assert answer.status_code == status, (name, answer.status_code)
        assert "<h1" in answer.content.decode(), name
    for name, args, form in (
        ("contracts:sign", [number], {"agree": "on"}),
        ("contracts:deliver", [milestone.pk], {"file": file("成果.pdf")}),
        ("contracts:accept", [milestone.pk], {}),
        ("contracts:pay", [milestone.pk], {}),
    ):
        assert reader.post(reverse(name, args=args), form).status_code == 403, name
    assert not Deliverable.objects.exists()
    reader.force_login(agent_of(make_buyer()))
    for name in ("tenders:edit", "tenders:preview"):
        assert reader.get(reverse(name, args=[draft.number])).status_code == 404


def test_who_is_not_signed_in_is_asked_to(reader):
    contract = make_contract(status="active")
    for path in ("/desk/", "/account/inbox/", contract.get_absolute_url(), "/projects/pull/", "/tenders/new/terms/"):
        answer = reader.get(path)
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/account/sign-in/"), path
