"""What of an entry can be sent: chosen services beside what was typed and what the library knows."""

import pytest

from marketplace.parties.found import Answer, Found, FoundCertificate, FoundPractitioner
from marketplace.parties.views.demanded import people_of, unfit
from tests.factories.catalog import make_kind, make_service

pytestmark = pytest.mark.django_db


def engineer(key, last="", kind="survey-engineer"):
    return FoundPractitioner(
        name="温若川", key=key, last4="123X", kind=kind, number=f"注测 {key}", identifier="", valid_until=last
    )


@pytest.mark.parametrize(
    ("people", "is_fit"),
    [
        ([], False),
        ([engineer("a")], False),
        ([engineer("a"), engineer("a")], False),
        ([engineer("a"), engineer("b", last="2020-01-01")], False),
        ([engineer("a"), engineer("b", kind="other")], False),
        ([engineer("a"), engineer("b", last="2999-01-01")], True),
    ],
)
def test_practitioners_in_the_library_count_each_person_once(people, is_fit):
    make_kind(code="surveying", name="测绘资质")
    make_kind(code="survey-engineer", name="注册测绘师", grades=[])
    tree = {"all": [{"kind": "surveying", "grade": "乙级"}, {"practitioner": "survey-engineer", "count": 2}]}
    service = make_service(requirement=tree)
    held = FoundCertificate(
        kind="surveying", grade="甲级", scope="", number="1", identifier="", issuer="", issued_on=""
    )
    found = Found(code="x", answer=Answer.KNOWN, certificates=(held,), practitioners=tuple(people))
    assert not unfit([service], {}, found)  # people may follow after entry
    wrong = unfit([service], {}, found, people_of(found, []))
    assert (not wrong) is is_fit
    if not is_fit:
        assert "注册测绘师" in wrong[0][1]
