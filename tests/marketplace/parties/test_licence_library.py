"""What the licence library says of certificates: the feed, the daily verification, and the own desk that shows it."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from marketplace.accounts.models import Message
from marketplace.catalog.models import QualificationKind
from marketplace.licences.models import LicenceReading
from marketplace.parties import actions, rules
from marketplace.parties.handlers.library import changes, verification
from marketplace.parties.models import LibraryFeed, PractitionerCertificate
from tests.factories.accounts import make_admin
from tests.factories.catalog import make_kind, make_service
from tests.factories.licences import days_from_today, local_library, make_holder
from tests.factories.parties import make_firm
from tests.marketplace.parties.conftest import NOW, employ, states, surveyor, text, whole

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate(NOW)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def forgotten():
    cache.clear()


@pytest.fixture
def library(tmp_path, settings):
    with local_library(tmp_path / "library", key=settings.LICENCE_LIBRARY_KEY) as running:
        settings.LICENCE_LIBRARY_URL = running.url
        yield running


def known(library, firm):
    """Let the library know the firm's certificate and practitioner, and the firm's rows their identifiers."""
    library.issue(make_holder(code=firm.uscc, name=firm.name))
    found = {row["name"]: row["identifier"] for row in library.library.store.licences_of(firm.uscc, TODAY)}
    certificate = next(code for name, code in found.items() if "测绘资质" in name)
    person = next(code for name, code in found.items() if "注册测绘师" in name)
    firm.qualifications.update(identifier=certificate, origin="authority")
    PractitionerCertificate.objects.filter(practitioner__organization=firm).update(identifier=person)
    changes(NOW)
    return certificate, person


def test_a_certificate_cancelled_in_the_library_suspends_its_services_at_once(library):
    firm, needs = surveyor()
    certificate, _person = known(library, firm)
    assert states(firm) == ["live", "live"]
    library.act("cancel", identifier=certificate)
    assert changes(NOW) == 1
    row = firm.qualifications.get()
    assert (row.status, row.note) == ("ended", "证照库：已注销")
    assert states(firm) == ["live", "suspended"]
    assert "缺少" in rules.unmet(firm, needs)
    assert "证照库：已注销" in Message.objects.filter(key__startswith="qualification-").latest("pk").body
    assert changes(NOW) == 0
    assert whole(firm)


def test_a_suspended_one_comes_back_and_a_renewed_one_keeps_its_row(library):
    firm, _needs = surveyor()
    certificate, _person = known(library, firm)
    library.act("suspend", identifier=certificate)
    assert changes(NOW) == 1
    assert states(firm) == ["live", "suspended"]
    library.act("resume", identifier=certificate)
    assert changes(NOW) == 1
    assert states(firm) == ["live", "live"]
    last = days_from_today(1500)
    library.act("renew", identifier=certificate, valid_until=last.isoformat())
    assert changes(NOW) == 1
    row = firm.qualifications.get()
    assert (row.status, row.valid_until, row.origin) == ("valid", last, "authority")
    assert row.identifier != certificate
    assert firm.publicities.count() == 1  # the one at entry
    assert states(firm) == ["live", "live"]
    assert whole(firm)


def test_the_daily_verification_finds_what_the_feed_did_not_tell(library):
    firm, _needs = surveyor()
    certificate, _person = known(library, firm)
    LibraryFeed.objects.update(cursor=10**9)
    library.act("cancel", identifier=certificate)
    assert verification(NOW) == 0  # confirmed today by the feed already
    assert verification(NOW + DAY) == 1
    assert states(firm) == ["live", "suspended"]
    assert verification(NOW + DAY) == 0
    reading = LicenceReading.objects.filter(action="verify").latest("pk")
    assert (reading.organization_code, reading.reason) == (firm.uscc, "每日核对证照状态")


def test_a_practitioner_who_is_registered_elsewhere_counts_no_more(library):
    firm, _needs = surveyor()
    row = employ(firm)
    _certificate, person = known(library, firm)
    other = make_firm()
    store = library.library.store
    licence = store.licence(person, TODAY)
    fields = {**licence["fields"], "registered_code": other.uscc, "registered_at": other.name}
    body = {key: value for key, value in {**licence, "fields": fields}.items() if key not in ("identifier", "status")}
    with store._db:
        store._db.execute(
            "UPDATE licence SET body = ?, registered_code = ? WHERE identifier = ?",
            (json.dumps(body, ensure_ascii=False), other.uscc, person),
        )
        store._tell(person)
    assert changes(NOW) == 1
    row.refresh_from_db()
    assert row.status == "ended"


def test_what_was_declared_while_the_library_was_down_is_confirmed_by_it(library):
    QualificationKind.objects.filter(code="surveying").exists() or make_kind(code="surveying")
    needs = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    given = [{"kind": "surveying", "grade": "甲级", "number": "甲测资字 3600001"}]
    firm = make_firm(services=[needs], qualifications=given, qualified=False)
    assert states(firm) == ["checking"]
    known(library, firm)
    row = firm.qualifications.get()
    assert (row.status, row.origin) == ("valid", "authority")
    assert states(firm) == ["announced"]


def test_another_holders_certificate_does_not_vouch(library):
    firm, _needs = surveyor()
    identifiers = library.issue(make_holder(code=make_firm().uscc))
    certificate = next(one for one in identifiers if "测绘资质" in library.library.store.licence(one, TODAY)["name"])
    firm.qualifications.update(identifier=certificate)
    assert verification(NOW) == 1
    assert firm.qualifications.get().note == "证照库：持证主体不是本机构"
    assert states(firm) == ["live", "suspended"]


def test_a_library_that_is_down_changes_nothing_and_is_left_alone_for_a_minute(library):
    firm, _needs = surveyor()
    known(library, firm)
    library.act("fault", name="fail", times=1)
    assert changes(NOW) == 0
    asked = LicenceReading.objects.count()
    assert changes(NOW) == 0
    assert LicenceReading.objects.count() == asked
    assert states(firm) == ["live", "live"]
    cache.clear()
    assert changes(NOW) == 0
    assert LicenceReading.objects.filter(outcome="unavailable").exists()


def test_without_a_library_nothing_is_asked(settings):
    settings.LICENCE_LIBRARY_URL = ""
    surveyor()
    assert (changes(NOW), verification(NOW + DAY)) == (0, 0)


# The own desk


def test_the_own_desk_shows_what_ends_soonest_first_and_why_services_stand_still(client, library):
    firm, needs = surveyor(last=TODAY + 20 * DAY)
    make_kind(code="other", name="另一种资质", grades=[])
    own = firm.memberships.get().user
    actions.declare_qualification(
        organization=firm,
        kind=QualificationKind.objects.get(code="other"),
        number="1",
        valid_until=TODAY + 9 * DAY,
        by=own,
        now=NOW,
    )
    employ(firm, last=TODAY + 40 * DAY)
    client.force_login(own)
    page = text(client.get(reverse("parties:my_firm")))
    assert "还有 20 天" in page
    assert "还有 40 天" in page
    assert page.index("测绘资质") < page.index("另一种资质")
    assert "温若川" in page
    actions.end_qualification(qualification=firm.qualifications.first(), by=make_admin(), note="吊销", now=NOW)
    assert "缺少：测绘资质" in text(client.get(reverse("parties:my_firm")))
    known(library, firm)
    LibraryFeed.objects.update(cursor=0)
    verification(NOW + DAY)
    page = text(client.get(reverse("parties:readings")))
    assert "每日核对证照状态" in page
    assert "系统" in page
    assert needs.label in text(client.get(reverse("parties:my_firm")))
