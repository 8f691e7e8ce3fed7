"""Places under the codes that they had before, on the days on which they had them."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from marketplace.catalog.actions import load_catalog
from marketplace.catalog.models import Region, RegionAlias
from marketplace.core import clock
from tests.factories.catalog import make_region

pytestmark = pytest.mark.django_db
BEFORE, AFTER = date(2018, 6, 30), date(2018, 7, 1)


@pytest.fixture
def yujiang():
    load_catalog(now=clock.now())
    return Region.objects.get(code="360603")


def test_an_old_code_means_the_place_that_took_its_place(yujiang):
    assert Region.by_code("360622") == yujiang
    assert Region.by_code("360622000000") == yujiang
    assert Region.by_code(" 360603000000 ") == yujiang
    assert Region.by_code("360699") is None
    assert Region.by_code("") is None


def test_on_a_day_only_the_code_of_that_day_counts(yujiang):
    assert Region.by_code("360622", on=BEFORE) == yujiang
    assert Region.by_code("360622", on=AFTER) is None
    assert Region.by_code("360603", on=BEFORE) is None
    assert Region.by_code("360603", on=AFTER) == yujiang


def test_functional_areas_have_codes_of_our_own(yujiang):
    area = Region.by_code("YT-GXQ")
    assert area.has_local_code
    assert area.parent.code == "360600"
    assert not yujiang.has_local_code


def test_loading_again_adds_no_alias_twice(yujiang):
    load_catalog(now=clock.now(), renew=True)
    assert RegionAlias.objects.count() == 1


def test_the_days_of_an_alias_follow_each_other():
    with pytest.raises(IntegrityError), transaction.atomic():
        RegionAlias.objects.create(region=make_region(), code="1", name="旧", valid_from=AFTER, valid_until=BEFORE)
