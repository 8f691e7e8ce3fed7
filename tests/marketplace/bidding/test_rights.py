"""The right to bid asked for many at once says what the rule says of each."""

import pytest

from marketplace.accounts.models import User
from marketplace.bidding.engine import Refusal
from marketplace.bidding.models import Bidder
from marketplace.bidding.rights import rights
from marketplace.parties.models import Organization
from tests.factories.accounts import make_user
from tests.factories.bidding import agent_of, make_stranger

from .course import Course

pytestmark = pytest.mark.django_db


def test_the_statement_and_the_rule_agree_on_everybody():
    course = Course(firms=5)
    firms = [bidder.organization for bidder in course.bidders]
    people = [agent_of(firm) for firm in firms]
    Organization.objects.filter(pk=firms[1].pk).update(status="suspended")
    User.objects.filter(pk=people[2].pk).update(is_active=False)
    Bidder.objects.filter(pk=course.bidders[3].pk).update(status="withdrawn")
    outsider = make_stranger(course.tender)
    stranger = make_user()
    pairs = [(person.pk, firm.pk) for person in [*people, stranger] for firm in [*firms, outsider]]
    found = rights(course.tender.pk, pairs)
    for person_id, firm_id in pairs:
        person = User.objects.get(pk=person_id)
        bidder = Bidder.objects.filter(tender=course.tender, organization=firm_id, status="active").first()
        answer = found[person_id, firm_id]
        if bidder is None:
            assert answer.code == "not_signed_up"
        elif person.is_active and person.has_perm("bidding.place_bid", bidder):
            assert (answer.bidder_id, answer.label) == (bidder.pk, bidder.label)
        else:
            assert isinstance(answer, Refusal)
            assert answer.code == "suspended"
    assert sum(not isinstance(answer, Refusal) for answer in found.values()) == 2
