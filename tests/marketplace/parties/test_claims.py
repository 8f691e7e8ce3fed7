"""Claims: who acts already answers first, the marketplace decides last, nobody loses an account."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import Identity, Message
from marketplace.core import clock
from marketplace.core.workdays import add_working_days
from marketplace.core.worker import run_round
from marketplace.parties.actions import remove_organization
from marketplace.parties.actions.claims import escalate_claim, file_claim, grant_claim, refuse_claim
from marketplace.parties.models import EntryClaim, Membership
from tests.factories.accounts import make_admin, make_user
from tests.factories.parties import make_buyer, make_firm
from tests.marketplace.parties.conftest import names, refused, text, whole

pytestmark = pytest.mark.django_db
NOW = clock.now()
WORDS = "我是办公室主任，原经办人已离职"


def letter(content=b"%PDF-1.7 letter", name="授权书.pdf"):
    return SimpleUploadedFile(name, content)


def claim_on(firm, user=None, **given):
    values = {"statement": WORDS, "file": letter(), "by": user or make_user(), "now": NOW}
    return file_claim(organization=firm, **{**values, **given})


def told(user):
    return list(Message.objects.filter(user=user).values_list("title", flat=True))


def administrator(firm):
    return firm.memberships.get(role=Membership.Role.ADMINISTRATOR).user


def test_the_firms_administrator_is_told_at_once_and_grants():
    firm, user = make_firm(), make_user()
    claim = claim_on(firm, user)
    own = administrator(firm)
    assert any("申请代表" in title for title in told(own))
    assert claim.due_at == add_working_days(NOW, 5)
    claim = grant_claim(claim=claim, by=own, now=NOW)
    assert claim.status == "granted"
    assert claim.decided_by == own
    assert {row.user for row in firm.memberships.filter(role="administrator")} == {own, user}
    assert any("您现在可以代表" in title for title in told(user))
    assert names(firm)[-2:] == ["claim_filed", "claim_granted"]
    assert whole(firm)
    assert refused(grant_claim, claim=claim, by=own, now=NOW) == "state_conflict"
    assert refused(claim_on, firm=firm, user=user) == "already_member"


def test_a_no_of_the_firm_goes_to_the_marketplace():
    firm, user, staff = make_firm(), make_user(), make_admin()
    claim = claim_on(firm, user)
    own = administrator(firm)
    assert refused(refuse_claim, claim=claim, by=own, reason=" ", now=NOW) == "reason_needed"
    assert refused(refuse_claim, claim=claim, by=staff, reason="不", now=NOW) == "claim_early"
    assert refused(grant_claim, claim=claim, by=staff, now=NOW) == "claim_early"
    assert refused(grant_claim, claim=claim, by=user, now=NOW) == "not_yours"
    claim = refuse_claim(claim=claim, by=own, reason="不认识此人", now=NOW)
    assert (claim.status, claim.answer, claim.escalated_at) == ("filed", "不认识此人", NOW)
    assert any("认领申请待决定" in title for title in told(staff))
    assert refused(refuse_claim, claim=claim, by=own, reason="再说一次", now=NOW) == "already_answered"
    claim = refuse_claim(claim=claim, by=staff, reason="授权书印章不符", now=NOW)
    assert claim.status == "refused"
    assert not firm.memberships.filter(user=user).exists()
    assert any("没有通过" in title for title in told(user))


def test_after_five_working_days_the_marketplace_decides():
    firm, user, staff = make_firm(), make_user(), make_admin()
    claim = claim_on(firm, user)
    assert refused(escalate_claim, claim=claim, now=claim.due_at - timedelta(seconds=1)) == "not_due"
    run_round(claim.due_at)
    claim.refresh_from_db()
    assert claim.escalated_at == claim.due_at
    assert "claim_escalated" in names(firm)
    grant_claim(claim=claim, by=staff, reason="材料属实", now=claim.due_at)
    assert firm.memberships.filter(user=user, role="administrator").exists()


def test_an_identity_that_is_proven_needs_nobody():
    firm, user = make_buyer(), make_user()
    claim = file_claim(organization=firm, statement="", proven=True, by=user, now=NOW)
    assert claim.status == "granted"
    assert {row.role for row in firm.memberships.all()} == {"administrator"}
    assert firm.memberships.count() == 2


def test_where_nobody_acts_the_marketplace_decides_at_once():
    firm = make_firm()
    firm.memberships.all().delete()
    assert claim_on(firm).escalated_at == NOW


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"statement": "我"}, "statement_missing"),
        ({"file": None}, "file_missing"),
        ({"file": letter(b"MZ\x90")}, "file_content"),
        ({"file": letter(name="授权书.exe")}, "file_kind"),
    ],
)
def test_papers_that_are_wrong(values, code):
    assert refused(claim_on, firm=make_firm(), **values) == code
    assert not EntryClaim.objects.exists()


def test_no_second_claim_no_endless_claims_none_on_who_was_removed():
    user, firm = make_user(), make_firm()
    claim_on(firm, user)
    assert refused(claim_on, firm=firm, user=user) == "claim_open"
    for _turn in range(4):
        claim_on(make_firm(), user)
    assert refused(claim_on, firm=make_firm(), user=user) == "too_many_claims"
    gone = make_firm()
    remove_organization(organization=gone, reason="失实", by=make_admin(), now=NOW)
    assert refused(claim_on, firm=gone) == "barred"


def test_the_pages_of_a_claim(client):
    firm, user = make_firm(), make_user()
    client.force_login(user)
    url = f"{reverse('parties:claim_new')}?code={firm.uscc.lower()}"
    assert firm.name in text(client.get(url))
    response = client.post(url, {"statement": "", "file": letter(b"MZ")})
    assert response.status_code == 422
    assert "请说明您与这个单位的关系" in text(response)
    response = client.post(url, {"statement": WORDS, "file": letter(b"MZ")})
    assert response.status_code == 422
    assert "文件内容不是 pdf" in text(response)
    assert WORDS in text(response)
    response = client.post(url, {"statement": WORDS, "file": letter()})
    claim = EntryClaim.objects.get()
    page = reverse("parties:claim", args=[claim.pk])
    assert response["Location"] == page
    assert 'name="decision"' not in text(client.get(page))
    assert client.post(page, {"decision": "grant"}).status_code == 403
    assert not firm.memberships.filter(user=user).exists()
    kept = client.get(reverse("parties:claim_file", args=[claim.pk]))
    assert b"".join(kept.streaming_content) == b"%PDF-1.7 letter"
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.get(page).status_code == 403
    assert stranger.get(reverse("parties:claim_file", args=[claim.pk])).status_code == 403
    own = Client()
    own.force_login(administrator(firm))
    assert "申请代表本单位办理业务" in text(own.get(reverse("process:desk")))
    assert 'name="decision"' in text(own.get(page))
    response = own.post(page, {"decision": "refuse", "reason": ""})
    assert response.status_code == 422
    assert "请写明理由" in text(response)
    assert own.post(page, {"decision": "grant", "reason": ""})["Location"] == page
    assert firm.memberships.filter(user=user).exists()


def test_a_code_that_nobody_entered_leads_to_entry(client):
    client.force_login(make_user())
    url = f"{reverse('parties:claim_new')}?code=91110108551385082Q"
    assert client.get(url)["Location"] == reverse("parties:enter")
    assert client.get(reverse("parties:claim_new")).status_code == 422


def prove(user, code, **given):
    values = {
        "issuer": "https://id.example",
        "subject": code,
        "name": "示例",
        "level": "L3",
        "linked_at": NOW,
        "last_used_at": clock.now(),
    }
    return Identity.objects.create(user=user, kind="legal", uscc=code, **values | given)


def test_who_has_proven_to_act_for_a_firm_needs_no_letter_and_no_waiting(client):
    firm, user = make_firm(), make_user()
    prove(user, firm.uscc)
    client.force_login(user)
    url = f"{reverse('parties:claim_new')}?code={firm.uscc}"
    desk = text(client.get(reverse("process:desk")))
    assert f"您已证明代表“{firm.name}”" in desk
    assert url in desk
    page = text(client.get(url))
    assert "不用授权材料" in page
    assert 'name="file"' not in page
    assert client.post(url, {"statement": ""})["Location"] == reverse("parties:my_firm")
    assert firm.memberships.filter(user=user).exists()
    assert firm.memberships.count() == 2
    assert "您已证明代表" not in text(client.get(reverse("process:desk")))


def test_a_proof_that_is_old_or_weak_still_needs_the_letter(client):
    firm, user = make_firm(), make_user()
    proof = prove(user, firm.uscc, last_used_at=clock.now() - timedelta(days=1))
    client.force_login(user)
    url = f"{reverse('parties:claim_new')}?code={firm.uscc}"
    assert 'name="file"' in text(client.get(url))
    proof.last_used_at, proof.level = clock.now(), "L1"
    proof.save()
    assert client.post(url, {"statement": ""}).status_code == 422
    assert not firm.memberships.filter(user=user).exists()


def test_a_proven_code_that_nobody_entered_waits_in_the_first_page_of_entry(client):
    user = make_user()
    prove(user, "91110108551385082Q")
    client.force_login(user)
    assert "“示例”可以马上入驻" in text(client.get(reverse("process:desk")))
    assert 'value="91110108551385082Q"' in text(client.get(reverse("parties:enter")))
