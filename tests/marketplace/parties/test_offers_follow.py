"""Offers follow the catalogue: what a service asks for from now on decides at once who offers it."""

import pytest

from marketplace.catalog.actions import change_row
from marketplace.catalog.models import ServiceCategory
from marketplace.core import clock
from marketplace.core.events import deliver_pending
from marketplace.parties.models import ServiceOffering
from tests.factories.accounts import make_admin
from tests.factories.catalog import make_kind, make_service
from tests.factories.parties import make_firm, pass_notices
from tests.marketplace.parties.conftest import names, whole

pytestmark = pytest.mark.django_db


def change(row, **values):
    change_row(row=row, values=values, by=make_admin(), now=clock.now())
    deliver_pending(clock.now())


def states():
    return dict(ServiceOffering.objects.values_list("organization__name", "status"))


@pytest.fixture
def firms():
    """Let two firms offer one service that asks for nothing; one of them holds a certificate."""
    kind = make_kind(code="surveying", grades=["甲级", "乙级"])
    plain, asking = make_service(), make_service(requirement={"kind": "surveying", "grade": "乙级"})
    holder = make_firm(name="持证测绘有限公司", services=[plain, asking])
    pass_notices(holder)
    holder.offerings.filter(service=asking).delete()
    make_firm(name="没有证书的有限公司", services=[plain])
    deliver_pending(clock.now())
    return kind, plain, holder


def test_a_service_that_asks_for_more_suspends_just_those_who_lack_it_and_less_restores_them(firms):
    _kind, plain, holder = firms
    assert set(states().values()) == {"live"}
    change(plain, requirement={"kind": "surveying", "grade": "乙级"})
    without = ServiceOffering.objects.get(organization__name="没有证书的有限公司")
    assert without.status == "suspended"
    assert "offering_suspended" in names(without.organization)
    assert whole(without.organization)
    assert whole(holder)
    change(ServiceCategory.objects.get(pk=plain.pk), requirement={})
    assert set(states().values()) == {"live"}


def test_other_words_of_a_service_leave_the_offers_alone(firms):
    _kind, plain, holder = firms
    before = len(names(holder))
    change(plain, department="另一个部门")
    assert len(names(holder)) == before
    assert set(states().values()) == {"live"}


def test_an_abolished_kind_is_demanded_no_more(firms):
    kind, plain, _holder = firms
    change(plain, requirement={"kind": "surveying", "grade": "乙级"})
    assert states()["没有证书的有限公司"] == "suspended"
    change(kind, abolished_on=clock.now().date())
    assert states()["没有证书的有限公司"] == "live"
