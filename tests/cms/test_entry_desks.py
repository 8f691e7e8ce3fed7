"""Desks of entry: notices, objections, claims, spot checks; who decides, and that a reason is asked for."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cms.seed import seed_groups
from marketplace.core import clock
from marketplace.licences.models import LicenceReading
from marketplace.parties import actions
from marketplace.parties.models import Commitment, EntryBatch, EntryClaim, SpotCheckRound
from marketplace.parties.rules import may_see_objector
from tests.factories.accounts import make_user
from tests.factories.catalog import make_service
from tests.factories.parties import make_firm

pytestmark = pytest.mark.django_db
NEEDS = {"kind": "surveying", "grade": "乙级"}


@pytest.fixture(autouse=True)
def fresh(settings, tmp_path):
    settings.SAFE_DIR = tmp_path / "safe"
    cache.clear()


def objection(**more):
    firm = make_firm(services=[make_service(requirement=NEEDS)], announced=False)
    values = {"name": "赵敏", "phone": "13900001111", "text": "证书编号与公布的不一致", **more}
    return actions.object_to_publicity(publicity=firm.publicities.get(), now=clock.now(), **values)


def inspect(desk, row):
    return reverse(f"desk_{desk}:inspect", args=[row.pk])


def waiting_round(count=2):
    for _turn in range(3):
        make_firm()
    admin = make_user(is_staff=True)
    return actions.commit_round(count=count, draws_at=clock.now() + timedelta(hours=1), by=admin, now=clock.now())


def test_every_desk_lists_and_shows_its_rows(admin_client):
    row = objection()
    claim = EntryClaim.objects.create(
        organization=row.publicity.organization,
        user=make_user(),
        statement="我是法定代表人",
        filed_at=clock.now(),
        due_at=clock.now() + timedelta(days=7),
    )
    drawn = waiting_round()
    actions.draw_round(round=drawn, now=clock.now() + timedelta(hours=2))
    firm = row.publicity.organization
    letter = Commitment.objects.create(
        organization=firm, role="intermediary", version="1", text="承诺", sha256="0" * 64, signer=claim.user,
        signer_name="赵敏", signed_at=clock.now(),
    )  # fmt: skip
    batch = EntryBatch.objects.create(
        user=claim.user, association="测绘协会", file_name="名单.xlsx", sha256="0" * 64, created_at=clock.now()
    )
    batch.rows.create(number=2, status="wrong")
    batch.rows.create(number=3, status="confirmed")
    reading = LicenceReading.objects.create(action="list", holder_code=firm.uscc, reason="核对", at=clock.now())
    for desk, one in (
        ("commitments", letter),
        ("batches", batch),
        ("readings", reading),
        ("publicities", row.publicity),
        ("publicity_objections", row),
        ("claims", claim),
        ("spot_check_rounds", drawn),
        ("spot_checks", drawn.checks.first()),
    ):
        assert inspect(desk, one) in admin_client.get(reverse(f"desk_{desk}:index")).content.decode()
        assert admin_client.get(inspect(desk, one)).status_code == 200
    page = admin_client.get("/admin/").content.decode()
    for words in ("项公示异议等待处理", "项认领申请等待处理", "家机构等待抽查"):
        assert words in page


def test_an_objection_is_decided_with_a_reason(admin_client):
    row = objection()
    page = inspect("publicity_objections", row)
    assert "赵敏" in admin_client.get(page).content.decode()
    assert admin_client.post(page, {"verb": "uphold", "reason": " "}).status_code == 422
    assert admin_client.post(page, {"verb": "uphold", "reason": "证书系伪造"}).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.publicity.status) == ("upheld", "failed")
    assert 'value="dismiss"' not in admin_client.get(page).content.decode()


def test_the_file_of_an_objection_is_for_administrators(admin_client, client):
    row = objection()
    url = reverse("parties:objection_file", args=[row.pk])
    assert admin_client.get(url).status_code == 404  # nothing was sent along
    client.force_login(row.publicity.organization.memberships.get().user)
    assert client.get(url).status_code == 403


def test_a_round_is_committed_fixed_and_drawn_only_at_its_hour(admin_client):
    for _turn in range(3):
        make_firm()
    new = reverse("desk_spot_check_rounds:new")
    assert admin_client.post(new, {"count": "2", "draws_at": "2020-01-01T10:00"}).status_code == 422
    assert admin_client.post(new, {"count": "0", "draws_at": "2099-01-01T10:00"}).status_code == 422
    assert admin_client.post(new, {"count": "2", "draws_at": "2099-01-01T10:00"}).status_code == 302
    row = SpotCheckRound.objects.get()
    page = inspect("spot_check_rounds", row)
    assert 'value="draw"' not in admin_client.get(page).content.decode()
    assert admin_client.post(page, {"verb": "draw"}).status_code == 409
    assert admin_client.post(page, {"verb": "fix"}).status_code == 302
    row.refresh_from_db()
    assert len(row.population) == 3
    assert row.seed == ""


def test_a_check_is_passed_failed_or_suspends(admin_client):
    row = actions.draw_round(round=waiting_round(), now=clock.now() + timedelta(hours=2))
    first, second = row.checks.order_by("pk")
    assert admin_client.post(inspect("spot_checks", first), {"verb": "pass", "reason": ""}).status_code == 422
    admin_client.post(inspect("spot_checks", first), {"verb": "pass", "reason": "核对原件，一致"})
    admin_client.post(inspect("spot_checks", second), {"verb": "suspend", "reason": "人员已离职"})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status, second.organization.status) == ("passed", "failed", "suspended")


def test_an_ended_certificate_is_brought_back_with_a_reason(admin_client):
    firm = make_firm(services=[make_service(requirement=NEEDS)])
    row = firm.qualifications.get()
    page = inspect("qualifications", row)
    admin_client.post(page, {"verb": "end", "reason": "吊销"})
    assert firm.offerings.get().status == "suspended"
    assert admin_client.post(page, {"verb": "renew", "reason": ""}).status_code == 422
    assert admin_client.post(page, {"verb": "renew", "reason": "已撤销吊销"}).status_code == 302
    assert firm.offerings.get().status == "live"


def test_supervisors_look_and_decide_nothing(supervisor_client):
    row = objection()
    page = inspect("publicity_objections", row)
    assert 'value="uphold"' not in supervisor_client.get(page).content.decode()
    supervisor_client.post(page, {"verb": "uphold", "reason": "证书系伪造"})
    row.refresh_from_db()
    assert row.status == "filed"
    new = supervisor_client.get(reverse("desk_spot_check_rounds:new"))
    assert new.status_code == 302


def test_who_objected_is_for_those_who_decide(client, admin_client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    speaker = make_user(display_name="赵敏的账号")
    papers = SimpleUploadedFile("证据.pdf", b"%PDF-1.7\n%%EOF\n")
    row = objection(by=speaker, file=papers, objector="organization", name="丹霞勘测院赵敏")
    secrets = ("赵敏", "13900001111", "丹霞勘测院", speaker.username)
    file = reverse("parties:objection_file", args=[row.pk])
    page = admin_client.get(inspect("publicity_objections", row)).content.decode()
    for words in ("丹霞勘测院赵敏", "13900001111", "赵敏的账号", "法人或其他组织", file):
        assert words in page
    supervisor = make_user()
    supervisor.groups.add(seed_groups()["supervisors"])
    client.force_login(supervisor)
    pages = [
        reverse("desk_publicity_objections:index"),
        inspect("publicity_objections", row),
        inspect("publicities", row.publicity),
        reverse("desk_publicity_objections:index") + "?q=赵敏",
        reverse("desk_events:index"),
        row.publicity.get_absolute_url(),
    ]
    for address in pages:
        answer = client.get(address)
        assert answer.status_code == 200
        for secret in secrets:
            assert secret not in answer.content.decode().replace("?q=赵敏", "").replace('value="赵敏"', ""), address
    page = client.get(inspect("publicity_objections", row)).content.decode()
    for words in ("法人或其他组织", "139****1111", "只给处理异议的管理机构查看", "证书编号与公布的不一致"):
        assert words in page
    assert file not in page
    assert client.get(file).status_code == 403


def test_an_administrator_may_see_the_objector_and_nobody_else():
    row = objection()
    assert may_see_objector(make_user(is_staff=True), row)
    gone, member = make_user(is_staff=True), row.publicity.organization.memberships.get().user
    gone.is_active = False
    for user in (make_user(), gone, member, AnonymousUser()):
        assert not may_see_objector(user, row)


def test_a_claim_is_shown_with_what_its_decision_rests_on(admin_client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    claim = EntryClaim.objects.create(
        organization=make_firm(), user=make_user(), statement="我是法定代表人", filed_at=clock.now(),
        due_at=clock.now(), answer="这个人已经离职", answered_by=make_user(display_name="原管理员"),
        file=SimpleUploadedFile("授权书.pdf", b"%PDF-1.7"),
    )  # fmt: skip
    page = admin_client.get(inspect("claims", claim)).content.decode()
    for words in ("这个人已经离职", "原管理员", reverse("parties:claim_file", args=[claim.pk])):
        assert words in page


def test_who_only_looks_is_led_to_no_papers_that_would_be_refused(supervisor_client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    claim = EntryClaim.objects.create(
        organization=make_firm(), user=make_user(), statement="我是法定代表人", filed_at=clock.now(),
        due_at=clock.now(), file=SimpleUploadedFile("授权书.pdf", b"%PDF-1.7"),
    )  # fmt: skip
    page = supervisor_client.get(inspect("claims", claim)).content.decode()
    assert reverse("parties:claim_file", args=[claim.pk]) not in page
    assert "有材料，只给管理机构查看" in page


def test_a_claim_is_decided_here_once_it_is_the_marketplaces(admin_client):
    claim = EntryClaim.objects.create(
        organization=make_firm(), user=make_user(), statement="我是法定代表人", filed_at=clock.now(), due_at=clock.now()
    )
    page = inspect("claims", claim)
    before = admin_client.get(page).content.decode()
    assert 'value="grant"' not in before
    assert "先等本单位管理员答复" in before
    EntryClaim.objects.update(escalated_at=clock.now())
    assert 'value="grant"' in admin_client.get(page).content.decode()
    admin_client.post(page, {"verb": "refuse", "reason": "授权书没有盖章"})
    claim.refresh_from_db()
    assert claim.status == "refused"
