"""After entry: a public notice, an objection, a certificate that the library cancels, powers that end, a spot check."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.accounts.models import Message, User
from marketplace.core.events import broken_links
from marketplace.core.models import Process
from marketplace.core.proofs import PROOFS
from marketplace.parties import actions, rules, sampling
from marketplace.parties.models import Organization, Publicity, SpotCheckRound
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_kind, make_service
from tests.factories.licences import RunningLibrary, local_library, make_certificate, make_holder
from tests.factories.parties import make_firm

from .conftest import Person, Time, typed

DAY = timedelta(days=1)
NUMBER = "甲测资字 3600001"


@pytest.fixture
def library(transactional_db, tmp_path, settings):
    settings.SAFE_DIR, settings.MEDIA_ROOT = tmp_path / "safe", tmp_path / "media"
    cache.clear()
    with local_library(tmp_path / "library", key=settings.LICENCE_LIBRARY_KEY) as running:
        settings.LICENCE_LIBRARY_URL = running.url
        yield running


def signed_in(user: User) -> Person:
    person = Person()
    person.client.force_login(user)
    return person


def test_what_happens_to_a_firm_after_it_entered(time: Time, library: RunningLibrary):
    admin = make_admin()
    desk = signed_in(admin)
    firm = a_firm_enters_with_a_certificate(time, admin)
    own = signed_in(firm.memberships.get().user)
    service = firm.offerings.get(service__requirement__kind="surveying").service

    notice = the_public_reads_the_notice(firm)
    somebody_objects_without_signing_in(notice)
    time.go_on(days=8)
    assert "提出异议" in rules.unmet(firm, service), "nothing happens while an objection waits, however long"
    the_department_dismisses_it(desk, notice)
    notice.refresh_from_db()
    time.go_on(until=notice.ends_at)
    assert rules.unmet(firm, service) == ""
    assert "可承接" in own.visit("/account/firm/")

    identifier = the_library_knows_the_certificate(firm, library, time)
    the_library_suspends_it_and_so_does_the_marketplace(firm, service, library, identifier, time)
    the_library_renews_it_and_the_service_is_back(firm, service, library, identifier, time)
    the_library_cancels_it_and_a_new_certificate_brings_the_service_back(firm, service, library, desk, own, time)
    assert Publicity.objects.filter(organization=firm).count() == 1, "it was announced once"

    powers_end_on_their_day(firm, own, time)
    a_spot_check_is_drawn_and_anybody_draws_it_again(desk, time)

    assert [sentence for name in ("spot_checks", "publicity") for sentence in PROOFS[name]()] == []
    assert all(broken_links(process) == [] for process in Process.objects.all())


def a_firm_enters_with_a_certificate(time: Time, admin: User) -> Organization:
    """Enter with one service that asks for a certificate and one that does not; the department checks it the same day."""
    make_kind(code="surveying", name="测绘资质")
    services = [make_service(requirement={"kind": "surveying", "grade": "乙级"}), make_service()]
    given = [{"kind": "surveying", "grade": "甲级", "number": NUMBER}]
    firm = make_firm(services=services, qualifications=given, qualified=False, now=time.now)
    assert sorted(firm.offerings.values_list("status", flat=True)) == ["checking", "live"]
    actions.confirm_qualification(qualification=firm.qualifications.get(), by=admin, now=time.now)
    assert sorted(firm.offerings.values_list("status", flat=True)) == ["announced", "live"]
    return firm


def the_public_reads_the_notice(firm: Organization) -> Publicity:
    stranger = Person()
    notice = Publicity.objects.get(organization=firm)
    assert firm.name in stranger.visit("/publicity/")
    page = stranger.visit(notice.get_absolute_url())
    assert NUMBER in page
    assert "发现不实？请提异议" in page
    assert "正在入驻公示" in stranger.visit(firm.get_absolute_url())
    return notice


def somebody_objects_without_signing_in(notice: Publicity) -> None:
    stranger = Person()
    form = reverse("parties:object", args=[notice.pk])
    wrong = stranger.send(
        form, 422, objector="person", name="赵敏", phone="1", text="证书编号与发证机关网站公布的不一致"
    )
    assert "请填写 11 位手机号码" in wrong
    assert "证书编号与发证机关网站公布的不一致" in wrong, "nothing typed is lost"
    page = stranger.send(
        form, objector="person", name="赵敏", phone="13900001111", text="证书编号与发证机关网站公布的不一致"
    )
    assert "异议已收到，公示暂缓" in page
    assert "赵敏" not in Person().visit(notice.get_absolute_url())


def the_department_dismisses_it(desk: Person, notice: Publicity) -> None:
    objection = notice.objections.get()
    page = desk.visit(reverse("desk_publicity_objections:inspect", args=[objection.pk]))
    assert "赵敏" in page
    reason = "已与发证机关核实，编号一致"
    desk.send(reverse("desk_publicity_objections:inspect", args=[objection.pk]), verb="dismiss", reason=reason)
    assert reason in Person().visit(notice.get_absolute_url())


def the_library_knows_the_certificate(firm: Organization, library: RunningLibrary, time: Time) -> str:
    """Let the firm's row carry the identifier, as it does where the certificate was taken from the library."""
    holder = make_holder(
        code=firm.uscc, name=firm.name, practitioners=(), certificates=(make_certificate(number=NUMBER),)
    )
    (identifier,) = [one for one in library.issue(holder) if named(library, one).startswith("测绘资质")]
    firm.qualifications.update(identifier=identifier)
    time.go_on(minutes=1)
    assert firm.qualifications.get().read_at == time.now
    return identifier


def named(library: RunningLibrary, identifier: str) -> str:
    return library.library.store.licence(identifier, timezone.localdate())["name"]


def the_library_suspends_it_and_so_does_the_marketplace(firm, service, library, identifier, time: Time) -> None:
    library.act("suspend", identifier=identifier)
    time.go_on(minutes=1)
    assert sorted(firm.offerings.values_list("status", flat=True)) == ["live", "suspended"]
    assert "缺少" in rules.unmet(firm, service)
    assert Message.objects.filter(title__startswith="资质已失效").exists()


def the_library_renews_it_and_the_service_is_back(firm, service, library, identifier, time: Time) -> None:
    last = timezone.localdate(time.now) + timedelta(days=1500)
    library.act("renew", identifier=identifier, valid_until=last.isoformat())
    time.go_on(minutes=1)
    assert firm.qualifications.get().valid_until == last
    assert rules.unmet(firm, service) == ""


def the_library_cancels_it_and_a_new_certificate_brings_the_service_back(
    firm, service, library, desk: Person, own: Person, time: Time
) -> None:
    library.act("cancel", identifier=firm.qualifications.get().identifier)
    time.go_on(minutes=1)
    assert firm.qualifications.get().note == "证照库：已注销"
    assert "缺少" in own.visit("/account/firm/")
    own.send("/account/firm/qualifications/", what="surveying:甲级", number="甲测资字 3600002")
    fresh = firm.qualifications.get(number="甲测资字 3600002")
    desk.send(reverse("desk_qualifications:inspect", args=[fresh.pk]), verb="confirm", reason="已核对原件")
    assert rules.unmet(firm, service) == "", "no second notice"


def powers_end_on_their_day(firm: Organization, own: Person, time: Time) -> None:
    agent = make_user()
    last = timezone.localdate(time.now) + 8 * DAY
    form = {"username": agent.username, "role": "agent", "powers": ["bid", "profile"], "ends_on": last.isoformat()}
    own.send("/account/firm/members/add/", **form)
    acting = signed_in(agent)
    assert firm.name in acting.visit("/account/firm/")
    assert rules.may_act_for(agent, firm, power="bid")
    assert not rules.may_act_for(agent, firm, power="sign")
    time.go_on(days=2)
    assert Message.objects.filter(user=agent, title__contains="将于").exists()
    time.go_on(days=7)
    assert Message.objects.filter(user=agent, title__contains="已于").exists()
    assert not rules.may_act_for(agent, firm)
    assert Client(raise_request_exception=True).get("/account/firm/").status_code == 302
    acting.client.force_login(agent)
    acting.visit("/account/firm/", 403)


def a_spot_check_is_drawn_and_anybody_draws_it_again(desk: Person, time: Time) -> None:
    for _turn in range(6):
        make_firm(now=time.now)
    hour = time.now + timedelta(hours=2)
    desk.send(reverse("desk_spot_check_rounds:new"), count=3, draws_at=typed(hour))
    round = SpotCheckRound.objects.get()  # noqa: A001 - what it is called everywhere here
    before = Person().asks(f"{round.get_absolute_url()}?format=json")
    assert (before["seed"], before["drawn"]) == ("", [])
    desk.send(reverse("desk_spot_check_rounds:inspect", args=[round.pk]), verb="fix")
    time.go_on(until=hour)
    proof = Person().asks(f"{round.get_absolute_url()}?format=json")
    assert proof["commitment"] == before["commitment"] == sampling.commitment(bytes.fromhex(proof["seed"]))
    assert sampling.draw(bytes.fromhex(proof["seed"]), proof["population"], 3) == proof["drawn"]
    assert "已重算，结果一致" in Person().visit(round.get_absolute_url())
    first, second, third = round.checks.order_by("pk")
    check = "desk_spot_checks:inspect"
    desk.send(reverse(check, args=[first.pk]), verb="pass", reason="核对证书原件，与所报一致")
    desk.send(reverse(check, args=[second.pk]), verb="suspend", reason="在册人员已全部离职")
    desk.send(reverse(check, args=[third.pk]), 422, verb="fail", reason="")
    second.organization.refresh_from_db()
    assert second.organization.status == "suspended"
    assert "在册人员已全部离职" in Person().visit(second.organization.get_absolute_url())
