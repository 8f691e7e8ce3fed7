"""Public notices: announced once, ended by whoever notices first, held by an objection, decided with a reason."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace.accounts.models import Message
from marketplace.core.models import Event
from marketplace.core.workdays import SHANGHAI
from marketplace.parties import actions, rules
from marketplace.parties.handlers.notices import end_publicities
from marketplace.parties.models import Publicity, PublicityObjection, ServiceOffering
from marketplace.parties.states import OFFERING, PUBLICITY, PUBLICITY_OBJECTION
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_service
from tests.factories.parties import make_firm, make_qualification, pass_notices
from tests.marketplace.parties.conftest import NOW, names, refused, whole

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
OVER = datetime(2026, 11, 27, tzinfo=SHANGHAI)  # 24:00 of the third working day after it
TEXT = "证书编号与发证机关网站公布的不一致"


@pytest.fixture(autouse=True)
def nobody_was_slowed_down():
    cache.clear()


def surveying(**more):
    return make_service(requirement={"kind": "surveying", "grade": "乙级"}, **more)


def announced(*services, now=MONDAY, **more):
    firm = make_firm(services=services or [surveying()], announced=False, now=now, **more)
    return firm, firm.publicities.get()


def against(notice, now=MONDAY, **more):
    values = {"name": "赵敏", "phone": "13900001111", "text": TEXT, "address": "127.0.0.1"}
    return actions.object_to_publicity(publicity=notice, now=now, **{**values, **more})


def state(firm):
    return firm.offerings.get().status


def test_offers_of_one_entry_stand_in_one_notice_of_three_working_days():
    first, second = surveying(), surveying()
    firm, notice = announced(first, second, make_service())
    assert notice.ends_at == OVER
    assert sorted(firm.offerings.values_list("status", flat=True)) == ["announced", "announced", "live"]
    assert [one["code"] for one in notice.shown["services"]] == [first.code, second.code]
    assert notice.shown["certificates"][0]["number"] == firm.qualifications.get().number
    assert rules.unmet(firm, first, now=MONDAY) == "正在公示，2026-11-26 24:00 结束后即可承接。"
    assert names(firm).count("publicity_opened") == 1
    assert "正在公示到 2026-11-26 24:00" in Message.objects.get(key__startswith="publicity-").title
    assert whole(firm)


def test_whoever_notices_first_ends_it_and_unmet_tests_the_time_itself():
    firm, notice = announced()
    service = firm.offerings.get().service
    assert rules.unmet(firm, service, now=OVER - timedelta(seconds=1))
    assert rules.unmet(firm, service, now=OVER) == ""
    assert refused(actions.end_publicity, publicity=notice, now=OVER - timedelta(seconds=1)) == "not_over"
    assert end_publicities(OVER) == 1
    assert end_publicities(OVER) == 0
    assert state(firm) == "live"
    assert names(firm)[-2:] == ["publicity_passed", "offering_opened"]


def test_it_is_announced_once_and_a_renewed_certificate_leads_straight_back():
    firm, notice = announced()
    actions.end_publicity(publicity=notice, now=OVER)
    row = firm.qualifications.get()
    actions.end_qualification(qualification=row, note="吊销", by=make_admin(), now=OVER)
    assert state(firm) == "suspended"
    make_qualification(organization=firm, kind="surveying", now=OVER)
    assert state(firm) == "live"
    by = firm.memberships.get().user
    actions.withdraw_offering(offering=firm.offerings.get(), by=by, now=OVER)
    service = firm.offerings.get().service
    assert actions.offer_service(organization=firm, service=service, by=by, now=OVER).status == "live"
    assert firm.publicities.count() == 1


def test_a_certificate_that_ends_during_the_notice_and_comes_back():
    firm, notice = announced()
    admin, row = make_admin(), firm.qualifications.get()
    actions.end_qualification(qualification=row, note="吊销", by=admin, now=MONDAY)
    assert state(firm) == "suspended"
    actions.renew_qualification(qualification=row, valid_until=None, note="已撤销吊销", by=admin, now=MONDAY)
    assert state(firm) == "announced"
    actions.end_qualification(qualification=row, note="吊销", by=admin, now=MONDAY)
    actions.end_publicity(publicity=notice, now=OVER)
    assert state(firm) == "suspended"  # the days are over, but nothing is held
    actions.renew_qualification(qualification=row, valid_until=None, note="已撤销吊销", by=admin, now=OVER)
    assert state(firm) == "live"


def test_an_offer_that_was_live_before_there_were_notices_stays_so():
    firm, _notice = announced()
    firm.offerings.update(status="live", publicity=None)
    actions.refresh_offerings(organization=firm, now=MONDAY)
    assert state(firm) == "live"
    assert rules.unmet(firm, firm.offerings.get().service) == ""


def test_a_firm_that_holds_the_certificate_but_does_not_offer_the_service_is_told_to():
    firm, _notice = announced()
    assert "加入承接范围" in rules.unmet(firm, surveying())


def test_the_calendar_of_an_unknown_year_holds_the_notice_back(settings):
    settings.ASSUME_PLAIN_CALENDAR = False
    far = datetime(2031, 5, 6, 10, tzinfo=SHANGHAI)
    firm = make_firm(services=[surveying()], announced=False, now=far)
    assert state(firm) == "checking"
    assert "公示 3 个工作日" in rules.unmet(firm, firm.offerings.get().service, now=far)
    assert end_publicities(far) == 0
    settings.ASSUME_PLAIN_CALENDAR = True  # as if an administrator had entered the year
    cache.clear()
    assert end_publicities(far) == 1
    assert state(firm) == "announced"


# Objections


def test_anybody_objects_and_the_clock_stands_still_until_it_is_dismissed():
    firm, notice = announced()
    later = MONDAY + timedelta(days=1)
    objection = against(notice, now=later, file=SimpleUploadedFile("网页.pdf", b"%PDF-1.7"))
    notice.refresh_from_db()
    assert (notice.status, notice.held_at) == ("held", later)
    assert len(objection.sha256) == 64
    assert end_publicities(OVER) == 0
    service = firm.offerings.get().service
    assert "提出异议" in rules.unmet(firm, service, now=OVER)
    decided = OVER + timedelta(hours=9)  # Friday: what was left of Tuesday, Wednesday and Thursday is given again
    assert (
        refused(actions.dismiss_objection, objection=objection, reason=" ", by=make_admin(), now=decided)
        == "reason_needed"
    )
    actions.dismiss_objection(objection=objection, reason="已与发证机关核实，编号无误", by=make_admin(), now=decided)
    notice.refresh_from_db()
    assert (notice.status, notice.held_at) == ("open", None)
    assert notice.ends_at == datetime(2026, 12, 2, tzinfo=SHANGHAI)  # Friday, Monday, Tuesday
    assert end_publicities(notice.ends_at) == 1
    assert state(firm) == "live"
    assert whole(firm)


def test_the_objector_is_nobody_to_the_public():
    firm, notice = announced()
    person = make_user(display_name="赵敏")
    against(notice, by=person)
    events = Event.objects.filter(process=firm.process, name="publicity_objected")
    assert [one.visibility for one in events] == ["public"]
    assert events.get().actor is None
    assert "赵敏" not in str(events.get().data)
    assert PublicityObjection.objects.get().user == person


def test_an_upheld_objection_fails_the_notice_until_there_is_something_new():
    firm, notice = announced()
    first, second = against(notice), against(notice, text="这家机构的人员已全部离职，不具备条件")
    actions.uphold_objection(objection=first, reason="发证机关确认该证书系伪造", by=make_admin(), now=MONDAY)
    notice.refresh_from_db()
    second.refresh_from_db()
    assert (notice.status, second.status) == ("failed", "upheld")
    assert state(firm) == "suspended"
    service = firm.offerings.get().service
    assert "异议成立" in rules.unmet(firm, service)
    actions.refresh_offerings(organization=firm, now=MONDAY)
    assert firm.publicities.count() == 1
    make_qualification(organization=firm, kind="surveying", now=MONDAY)
    assert firm.publicities.count() == 2
    assert state(firm) == "announced"
    pass_notices(firm)
    assert rules.unmet(firm, service) == ""
    assert whole(firm)


def test_two_objections_are_decided_one_by_one():
    _firm, notice = announced()
    first, second = against(notice), against(notice)
    actions.dismiss_objection(objection=first, reason="不属实", by=make_admin(), now=MONDAY)
    notice.refresh_from_db()
    assert notice.status == "held"
    actions.dismiss_objection(objection=second, reason="不属实", by=make_admin(), now=MONDAY)
    notice.refresh_from_db()
    assert notice.status == "open"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"phone": "1"}, "phone_invalid"),
        ({"text": "不好"}, "text_short"),
        ({"text": "长" * 2001}, "text_long"),
        ({"file": SimpleUploadedFile("a.pdf", b"MZ")}, "file_content"),
        ({"now": OVER}, "publicity_over"),
    ],
)
def test_objections_are_refused_in_words(values, code):
    _firm, notice = announced()
    assert refused(against, notice=notice, **values) == code
    assert not PublicityObjection.objects.exists()


def test_one_address_objects_five_times_an_hour():
    _firm, notice = announced()
    for _turn in range(5):
        against(notice)
    assert refused(against, notice=notice) == "too_many_objections"
    assert against(notice, address="127.0.0.2")


def test_only_administrators_decide():
    firm, notice = announced()
    objection = against(notice)
    for person in (firm.memberships.get().user, make_user()):
        for verb in (actions.uphold_objection, actions.dismiss_objection):
            assert refused(verb, objection=objection, reason="不属实", by=person, now=MONDAY) == "not_administrator"


# Every pair of states


@pytest.mark.parametrize(("source", "target"), list(PUBLICITY.pairs()))
def test_publicity_pairs(source, target):
    _firm, notice = announced()
    objection = against(notice) if source == "held" or target in ("failed", "open") else None
    held_at = MONDAY if source == "held" else None
    Publicity.objects.filter(pk=notice.pk).update(status=source, held_at=held_at)
    notice.refresh_from_db()

    def run():
        if target == "passed":
            return actions.end_publicity(publicity=notice, now=OVER)
        if target == "held":
            return against(notice)
        verb = actions.uphold_objection if target == "failed" else actions.dismiss_objection
        return verb(objection=objection, reason="已核实", by=make_admin(), now=MONDAY)

    if PUBLICITY.allows(source, target):
        run()
        notice.refresh_from_db()
        assert notice.status == target
    elif target == "held" and source == "held":
        run()  # one more objection to a notice that is held already
        notice.refresh_from_db()
        assert notice.status == "held"
    elif target == "open":
        run()  # an objection is decided, the notice is not touched
        notice.refresh_from_db()
        assert notice.status == source
    else:
        assert refused(run) in {"state_conflict", "publicity_over"}


@pytest.mark.parametrize(("source", "target"), [pair for pair in PUBLICITY_OBJECTION.pairs() if pair[1] != "filed"])
def test_objection_pairs(source, target):
    _firm, notice = announced()
    objection = against(notice)
    PublicityObjection.objects.filter(pk=objection.pk).update(status=source)
    verb = {"upheld": actions.uphold_objection, "dismissed": actions.dismiss_objection}[target]
    values = {"objection": objection, "reason": "已核实", "by": make_admin(), "now": MONDAY}
    if PUBLICITY_OBJECTION.allows(source, target):
        assert verb(**values).status == target
    else:
        assert refused(verb, **values) == "state_conflict"


@pytest.mark.parametrize("source", list(OFFERING.statuses.values))
@pytest.mark.parametrize("notice_is", ["open", "held", "passed", "failed"])
@pytest.mark.parametrize("has", ["valid", "declared", "ended"])
def test_refreshing_keeps_to_the_table(source, notice_is, has):
    firm, notice = announced(now=NOW)
    held_at = NOW if notice_is == "held" else None
    Publicity.objects.filter(pk=notice.pk).update(status=notice_is, held_at=held_at)
    firm.qualifications.update(status=has)
    ServiceOffering.objects.filter(organization=firm).update(status=source)
    actions.refresh_offerings(organization=firm, now=NOW)
    after = state(firm)
    assert after == source or OFFERING.allows(source, after)
    if source == "withdrawn":
        assert after == "withdrawn"
    elif has == "valid" and notice_is == "passed":
        assert after == "live"
    elif has == "valid" and notice_is in ("open", "held") and source != "live":
        assert after == "announced"
    elif (has == "valid" and notice_is in ("open", "held")) or has == "ended" or notice_is == "failed":
        assert after == "suspended"
