"""Pages of public notices: lists of both kinds, one notice, the form of an objection, and nobody's name."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from marketplace.core import clock
from marketplace.parties import actions
from marketplace.parties.models import Publicity, PublicityObjection
from tests.factories.accounts import make_admin
from tests.factories.catalog import make_service
from tests.factories.parties import make_firm
from tests.marketplace.parties.conftest import text

pytestmark = pytest.mark.django_db
TYPED = {"objector": "person", "name": "赵敏", "phone": "13900001111", "text": "证书编号与公布的不一致，网站上查不到"}


@pytest.fixture(autouse=True)
def nobody_was_slowed_down():
    cache.clear()


def announced():
    firm = make_firm(services=[make_service(requirement={"kind": "surveying", "grade": "乙级"})], announced=False)
    return firm.publicities.get()


def test_lists_say_what_they_are_when_empty_and_hold_running_and_past(client):
    assert "现在没有正在公示的机构" in text(client.get(reverse("parties:publicities")))
    assert "还没有结束的公示" in text(client.get(reverse("parties:publicities"), {"state": "past"}))
    running, past = announced(), announced()
    Publicity.objects.filter(pk=past.pk).update(status="passed")
    page = text(client.get(reverse("parties:publicities")))
    assert running.organization.name in page
    assert past.organization.name not in page
    assert past.organization.name in text(client.get(reverse("parties:publicities"), {"state": "past"}))


def test_the_list_takes_as_many_queries_for_one_as_for_three(client, django_assert_num_queries):
    announced()
    url = reverse("parties:publicities")
    client.get(url)
    with django_assert_num_queries(20, exact=False) as before:
        client.get(url)
    announced(), announced()
    with django_assert_num_queries(len(before)):
        client.get(url)


def test_whoever_looks_at_a_notice_whose_days_are_over_ends_it(client):
    notice = announced()
    Publicity.objects.filter(pk=notice.pk).update(ends_at=clock.now() - timedelta(seconds=1))
    page = text(client.get(notice.get_absolute_url()))
    assert "公示期满" in page
    assert notice.offerings.get().status == "live"
    late = client.get(reverse("parties:object", args=[notice.pk]))
    assert "公示已经结束" in text(late)
    assert client.post(reverse("parties:object", args=[notice.pk]), TYPED).status_code == 409
    assert not PublicityObjection.objects.exists()


def test_an_objection_through_the_form_and_what_the_public_reads_of_it(client):
    notice = announced()
    url = reverse("parties:object", args=[notice.pk])
    assert client.get(url).status_code == 200
    wrong = client.post(url, {**TYPED, "text": "不好"})
    assert wrong.status_code == 422
    assert "至少 10 个字" in text(wrong)
    assert 'value="赵敏"' in text(wrong)
    assert client.post(url, TYPED).status_code == 302
    page = text(client.get(notice.get_absolute_url()))
    assert "公示暂缓" in page
    assert "1 件异议正在核实" in page
    actions.dismiss_objection(
        objection=notice.objections.get(), reason="已核实，编号一致", by=make_admin(), now=clock.now()
    )
    page = text(client.get(notice.get_absolute_url()))
    assert "已核实，编号一致" in page
    for words in ("赵敏", "13900001111", "网站上查不到"):
        assert words not in page


def test_the_firm_page_points_to_the_notice_while_it_runs(client):
    notice = announced()
    page = text(client.get(notice.organization.get_absolute_url()))
    assert notice.get_absolute_url() in page
    actions.end_publicity(publicity=notice, now=notice.ends_at)
    assert notice.get_absolute_url() not in text(client.get(notice.organization.get_absolute_url()))
