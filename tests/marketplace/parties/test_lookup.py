"""What the licence library knows of a code, against the real local library."""

import pytest

from marketplace.core import clock
from marketplace.licences.models import LicenceReading
from marketplace.parties.actions.lookup import check_standing, look_up, read_certificate
from marketplace.parties.found import Found
from marketplace.parties.persons import person_key
from marketplace.parties.uscc import make_uscc
from tests.factories.accounts import make_user
from tests.factories.catalog import make_kind
from tests.factories.licences import days_from_today, make_certificate, make_holder
from tests.marketplace.parties.conftest import refused

pytestmark = pytest.mark.django_db
CODE = make_uscc("91360602MT0000001")


@pytest.fixture
def kinds():
    return make_kind(code="surveying", grades=["甲级", "乙级"]), make_kind(code="survey-engineer", grades=[])


def ask(code=CODE, **given):
    return look_up(code=code, by=make_user(), now=clock.now(), **given)


def test_a_firm_that_is_known(library, kinds):
    library.issue(make_holder(code=CODE))
    found = ask()
    assert found.is_known
    assert found.was_asked
    assert found.values == {
        "name": "虚构测绘有限公司",
        "kind": "enterprise",
        "region": "360602",
        "address": "鹰潭市月湖区虚构路 1 号",
        "legal_representative": "温如玉",
    }
    (certificate,) = found.certificates
    assert (certificate.kind, certificate.grade, certificate.number) == ("surveying", "甲级", "甲测资字 3600001")
    assert certificate.identifier.startswith("1.2.156.3005.2.")
    (person,) = found.practitioners
    assert (person.name, person.last4, person.key) == ("温若川", "123X", person_key("99999919900307123X"))
    assert Found.restored(found.kept()) == found
    assert "99999919900307123X" not in str(found.kept())
    reading = LicenceReading.objects.get()
    assert (reading.holder_code, reading.reason) == (CODE, "办理入驻，核对主体和资质信息")


def test_certificates_that_ended_or_that_the_catalogue_lacks_are_left_out(library, kinds):
    ended = make_certificate(number="旧", valid_until=days_from_today(-1))
    unknown = make_certificate(kind="planning", number="外", grade="")
    library.issue(make_holder(code=CODE, certificates=(ended, unknown), practitioners=()))
    assert ask().certificates == ()


def test_a_code_that_nobody_knows(library):
    found = ask()
    assert (found.answer, found.was_asked, found.is_known) == ("unknown", True, False)


@pytest.mark.parametrize("fault", [{"name": "fail"}, {"name": "nonsense", "kind": "page"}, {"name": "unsigned"}])
def test_a_library_that_fails_is_an_answer(library, fault):
    library.act("fault", **fault)
    found = ask()
    assert (found.answer, found.was_asked, found.read_at) == ("down", False, None)


def test_a_library_that_is_slow_is_not_waited_for(library, settings):
    settings.LICENCE_LIBRARY_TIMEOUT = 0.2
    library.act("fault", name="slow", seconds=30)
    assert ask().answer == "down"


def test_without_a_library(settings):
    settings.LICENCE_LIBRARY_URL = ""
    assert ask().answer == "absent"
    assert not LicenceReading.objects.exists()


@pytest.mark.parametrize(("do", "code"), [("cancel", "licence_cancelled"), ("suspend", "licence_suspended")])
def test_a_firm_that_was_closed_is_told(library, do, code):
    (identifier, *_rest) = library.issue(make_holder(code=CODE, certificates=(), practitioners=()))
    library.act(do, identifier=identifier)
    assert refused(check_standing, found=ask()) == code


def test_nobody_looks_up_without_end(library):
    user = make_user()
    library.act("fault", name="fail")
    for _turn in range(30):
        look_up(code=CODE, by=user, now=clock.now())
    assert refused(look_up, code=CODE, by=user, now=clock.now()) == "too_many_lookups"


def certificate(identifier, kind, code=CODE):
    return {"identifier": identifier, "code": code, "kind": kind, "by": make_user(), "now": clock.now()}


def test_a_certificate_by_its_identifier(library, kinds):
    _registration, identifier, person = library.issue(make_holder(code=CODE))
    surveying, engineer = kinds
    found = read_certificate(**certificate(identifier.lower(), surveying))
    assert found is not None
    assert (found.number, found.grade) == ("甲测资字 3600001", "甲级")
    assert refused(read_certificate, **certificate(identifier, engineer)) == "identifier_kind"
    assert refused(read_certificate, **certificate(person, surveying)) == "identifier_kind"
    other = make_uscc("91360602MT0000002")
    assert refused(read_certificate, **certificate(identifier, surveying, other)) == "licence_other_holder"
    forged = identifier[:-1] + ("0" if identifier[-1] != "0" else "1")
    assert refused(read_certificate, **certificate(forged, surveying)).startswith("identifier_")
    library.act("cancel", identifier=identifier)
    assert refused(read_certificate, **certificate(identifier, surveying)) == "identifier_ended"
    library.act("fault", name="fail")
    assert read_certificate(**certificate(identifier, surveying)) is None
