"""What the library knows comes over as checked values; every question is kept, whatever becomes of it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Invalid, Refused
from marketplace.licences.identifiers import compose
from marketplace.licences.library import changes_since, fetch, licences_of, verify
from marketplace.licences.models import LicenceReading
from marketplace.licences.queries import readings_about
from marketplace.licences.states import READING, Outcome
from tests.factories.accounts import make_user
from tests.factories.licences import CODE, days_from_today, make_certificate, make_holder

pytestmark = pytest.mark.django_db
FIRM = SimpleNamespace(uscc=CODE, name="虚构测绘有限公司")
OTHER = "91360602MAXL00002W"


def ask(function, subject, *, by=None, reason="机构入驻核验", organization=FIRM, **more):
    return function(subject, reason=reason, by=by, organization=organization, now=clock.now(), **more)


def test_a_firm_s_licences_and_its_practitioners_come_by_its_code(library):
    library.issue(make_holder())
    registration, certificate, person = ask(licences_of, f" {CODE.lower()} ")
    assert registration.is_registration
    assert (registration.name, registration.holder_name, registration.number) == ("营业执照", FIRM.name, CODE)
    assert registration.fields == {
        "kind": "enterprise",
        "legal_representative": "温如玉",
        "address": "鹰潭市月湖区虚构路 1 号",
        "region": "360602",
        "registered_on": registration.issued_on.isoformat(),
        "capital": "伍佰万元整",
    }
    assert registration.valid_until is None
    assert (certificate.fields["kind"], certificate.fields["grade"]) == ("surveying", "甲级")
    assert certificate.fields["scope"] == "工程测量、界线与不动产测绘"
    assert certificate.valid_until == days_from_today(700)
    assert not certificate.is_registration
    assert person.holder_code == "99999919900307123X"
    assert (person.fields["person"], person.fields["profession"]) == ("温若川", "注册测绘师")
    assert (person.fields["registered_at"], person.fields["registered_code"]) == (FIRM.name, CODE)
    assert {licence.status for licence in (registration, certificate, person)} == {"valid"}


def test_who_asked_what_why_and_for_whom_is_kept_here_and_there(library):
    user = make_user()
    library.issue(make_holder())
    ask(licences_of, CODE, by=user, reason="  机构入驻\n核验 ")
    reading = LicenceReading.objects.get()
    assert (reading.action, reading.outcome, reading.count) == ("list", "answered", 3)
    assert (reading.by, reading.reason, reading.holder_code) == (user, "机构入驻 核验", CODE)
    assert (reading.organization_code, reading.organization_name) == (CODE, FIRM.name)
    assert list(readings_about(CODE)) == [reading]
    (kept,) = library.library.store.readings()
    assert (kept["reason"], kept["reference"], kept["answer"]) == ("机构入驻 核验", reading.reference, "ok")
    assert kept["organization"] == f"{FIRM.name} {CODE}"


def test_of_a_person_s_number_only_the_ends_are_kept(library):
    library.issue(make_holder())
    number = "99999919900307123X"
    (found,) = ask(licences_of, number)
    assert found.name == "注册测绘师证书"
    reading = LicenceReading.objects.get()
    assert reading.holder_code == "999999********123X"
    assert number not in str(list(LicenceReading.objects.values()))
    assert list(readings_about(number)) == [reading]


def test_the_file_is_a_pdf_stamped_for_its_use(library):
    identifier = library.issue(make_holder())[1]
    licence, content = ask(fetch, identifier.lower(), reason="核验测绘资质", holder_code=CODE)
    assert licence.identifier == identifier
    assert content.startswith(b"%PDF-")
    assert LicenceReading.objects.get().holder_code == CODE


def test_a_state_is_told_as_it_is_now(library):
    identifier = library.issue(make_holder())[1]
    assert ask(verify, identifier).status == "valid"
    library.act("suspend", identifier=identifier)
    assert ask(verify, identifier).status == "suspended"
    library.act("resume", identifier=identifier)
    library.act("end", identifier=identifier, valid_until=days_from_today(-1).isoformat())
    assert ask(verify, identifier).status == "expired"
    library.act("cancel", identifier=identifier)
    assert ask(verify, identifier).status == "cancelled"


def test_a_valid_licence_is_expired_at_a_moment_after_its_last_day(library):
    identifier = library.issue(make_holder())[1]
    later = verify(identifier, reason="复核", by=None, now=clock.now() + timedelta(days=701))
    assert later.status == "expired"


def test_a_holder_that_the_library_does_not_know_has_nothing(library):
    assert ask(licences_of, OTHER) == []
    assert LicenceReading.objects.get().count == 0


def test_an_unknown_identifier_is_said_and_kept(library):
    with pytest.raises(Refused) as refusal:
        ask(fetch, compose("11100000000013338W011", "11360000MAXX00011E", "20990000001"))
    assert (refusal.value.code, refusal.value.status, refusal.value.field) == ("licence_unknown", 404, "identifier")
    assert (LicenceReading.objects.get().outcome, LicenceReading.objects.get().refusal) == (
        "unknown",
        "licence_unknown",
    )


@pytest.mark.parametrize("function", [fetch, verify])
def test_a_licence_of_another_holder_is_refused(library, function):
    identifier = library.issue(make_holder())[1]
    with pytest.raises(Refused) as refusal:
        ask(function, identifier, holder_code=OTHER)
    assert (refusal.value.code, refusal.value.status) == ("licence_other_holder", 422)
    reading = LicenceReading.objects.get()
    assert (reading.outcome, reading.holder_code) == ("refused", CODE)


def test_a_practitioner_s_certificate_is_the_firm_s_where_it_is_registered(library):
    identifier = library.issue(make_holder())[2]
    assert ask(verify, identifier, holder_code=CODE).fields["person"] == "温若川"
    with pytest.raises(Refused, match="持证主体"):
        ask(verify, identifier, holder_code=OTHER)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: ask(licences_of, " "), "holder_missing"),
        (lambda: ask(licences_of, CODE, reason=" "), "reason_missing"),
        (lambda: ask(licences_of, CODE, reason="因" * 201), "reason_long"),
        (lambda: ask(fetch, "1.2.156.3005.2.11100000000013338W011.11360000MAXX00011E.1.001.0"), "identifier_check"),
        (lambda: ask(verify, ""), "identifier_missing"),
    ],
)
def test_what_is_wrong_in_itself_never_reaches_the_library(library, call, code):
    with pytest.raises(Invalid) as refusal:
        call()
    assert refusal.value.code == code
    assert not library.library.store.readings()
    assert not LicenceReading.objects.exists()


def test_without_a_library_nothing_is_asked_and_nothing_kept(settings):
    settings.LICENCE_LIBRARY_URL = ""
    for call in (lambda: ask(licences_of, CODE), lambda: changes_since(0)):
        with pytest.raises(Refused) as refusal:
            call()
        assert (refusal.value.code, refusal.value.status) == ("library_absent", 503)
    assert not LicenceReading.objects.exists()


def test_a_question_inside_a_transaction_is_an_error_of_the_program(library):
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        ask(licences_of, CODE)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        changes_since(0)
    assert not library.library.store.readings()


@pytest.mark.django_db(transaction=True)
def test_a_reading_stays_when_the_caller_fails_afterwards(library):
    user = make_user()
    ask(licences_of, CODE, by=user)
    with transaction.atomic():
        User.objects.update(display_name="改过的名字")
        transaction.set_rollback(True)
    reading = LicenceReading.objects.select_related("by").get()
    assert reading.outcome == "answered"
    assert reading.by.display_name != "改过的名字"


@pytest.mark.django_db(transaction=True)
def test_a_reading_is_committed_before_the_question_goes_out(library, monkeypatch):
    def die(*_arguments, **_words):
        raise KeyboardInterrupt

    monkeypatch.setattr("marketplace.licences.library.ask", die)
    with pytest.raises(KeyboardInterrupt):
        ask(licences_of, CODE)
    assert LicenceReading.objects.get().outcome == "asked"


def test_an_outcome_is_final():
    for source, target in READING.pairs():
        assert READING.allows(source, target) == (source == Outcome.ASKED != target)


def test_the_feed_tells_what_changed_once_and_in_order(library):
    first, second = library.issue(make_holder(practitioners=()))
    changes = changes_since(0)
    assert [licence.identifier for _cursor, licence in changes] == [first, second]
    cursor = changes[-1][0]
    assert changes_since(cursor) == []
    library.act("suspend", identifier=second)
    library.act("resume", identifier=second)
    library.act("cancel", identifier=first)
    told = changes_since(cursor)
    assert [(licence.identifier, licence.status) for _cursor, licence in told] == [
        (second, "valid"),
        (first, "cancelled"),
    ]
    assert told[0][0] < told[1][0]


def test_a_renewal_comes_before_the_cancelling_of_the_old_and_names_it(library):
    old = library.issue(make_holder(practitioners=()))[1]
    cursor = changes_since(0)[-1][0]
    fresh = library.act("renew", identifier=old, valid_until=days_from_today(1000).isoformat())["identifier"]
    (_one, renewed), (_two, cancelled) = changes_since(cursor)
    assert (renewed.identifier, renewed.replaces, renewed.status) == (fresh, old, "valid")
    assert renewed.number == cancelled.number
    assert renewed.valid_until == days_from_today(1000)
    assert fresh.split(".")[-2] == "002"
    assert (cancelled.identifier, cancelled.status) == (old, "cancelled")


def test_a_library_that_counts_anew_is_read_from_the_beginning(library):
    library.issue(make_holder())
    assert len(changes_since(99)) == 3


def test_a_long_feed_comes_in_pages(library):
    many = tuple(make_certificate(number=f"测 {turn}") for turn in range(205))
    library.issue(make_holder(certificates=many, practitioners=()))
    first = changes_since(0)
    assert len(first) == 200
    assert len(changes_since(first[-1][0])) == 6


def test_a_look_at_the_feed_is_kept_when_it_brings_something_or_goes_otherwise(library):
    changes_since(0)
    assert LicenceReading.objects.count() == 1  # the first answer
    changes_since(0)
    assert LicenceReading.objects.count() == 1
    library.act("fault", name="fail", times=2)
    for _turn in range(2):
        with pytest.raises(Refused):
            changes_since(0)
    assert LicenceReading.objects.count() == 2
    library.issue(make_holder())
    changes_since(0)
    newest = LicenceReading.objects.first()
    assert (newest.action, newest.count, newest.reason) == ("changes", 3, "订阅证照变更")
