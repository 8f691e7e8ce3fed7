"""Pages about firms: the list, the public page, and what a firm keeps up itself."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_region, make_service
from tests.factories.parties import make_buyer, make_firm, make_qualification
from tests.marketplace.parties.conftest import CONTACT, go, text

pytestmark = pytest.mark.django_db


# Public lists


def test_the_firm_list_costs_the_same_at_one_and_three_rows(client):
    region = make_region()

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("parties:firms")).status_code == 200
        return len(queries)

    make_firm(region=region)
    first = count()
    make_firm(region=region, services=[make_service(), make_service()]), make_firm()
    assert count() == first


def test_firms_are_found_and_filtered(client):
    region = make_region(name="月湖试验区")
    below = make_region(parent=region, level="township")
    service = make_service(group="safety")
    near = make_firm(name="近处测试有限公司", region=below, services=[service])
    far = make_firm(name="远方测试有限公司")
    url = reverse("parties:firms")

    def found(**query):
        page = text(client.get(url, query))
        return [firm for firm in (near, far) if firm.get_absolute_url() + '"' in page]

    assert found() == [near, far]
    assert found(q="近处") == [near]
    assert found(q=far.uscc.lower()) == [far]
    assert found(region=region.code) == [near]
    assert found(region="outside") == [far]
    assert found(service=service.code) == [near]
    assert found(group="safety") == [near]
    assert found(group="safety", region="outside") == []
    assert found(group="nonsense", region="nowhere", service="nothing") == [near, far]
    assert "月湖试验区" in text(client.get(url))


def test_the_page_of_a_firm(client):
    firm = make_firm(phone="13912345678", introduction="专做测绘")
    row = make_qualification(organization=firm)
    page = text(client.get(firm.get_absolute_url()))
    assert firm.uscc in page
    assert row.number in page
    assert "专做测绘" in page
    assert "13912345678" not in page
    assert client.get(reverse("parties:firm", args=[10**6])).status_code == 404


def test_a_natural_person_has_no_public_page(client):
    person = make_buyer(kind="person")
    assert client.get(person.get_absolute_url()).status_code == 404
    client.force_login(make_user())
    assert client.get(person.get_absolute_url()).status_code == 404
    client.force_login(person.memberships.get().user)
    assert client.get(person.get_absolute_url()).status_code == 200


def test_scans_are_for_the_firm_and_administrators(client):
    row = make_qualification(file=SimpleUploadedFile("a.pdf", b"%PDF-1.7"))
    url = reverse("parties:certificate", args=[row.pk])
    assert client.get(url).status_code == 302
    client.force_login(make_user())
    assert client.get(url).status_code == 403
    for person in (row.organization.memberships.get().user, make_admin()):
        client.force_login(person)
        assert b"".join(client.get(url).streaming_content) == b"%PDF-1.7"


# My firm


def test_my_firm_is_kept_up(client):
    service, needing = make_service(), make_service(requirement={"kind": "surveying", "grade": "乙级"})
    firm = make_firm()
    client.force_login(firm.memberships.get().user)
    assert firm.name in text(client.get(reverse("parties:my_firm")))
    assert go(client, "profile", {**CONTACT, "address": "信江路 1 号"}).status_code == 302
    firm.refresh_from_db()
    assert firm.address == "信江路 1 号"
    assert "请填写 11 位" in text(go(client, "profile", {**CONTACT, "phone": "1"}))
    assert go(client, "offer", {"service": service.code}).status_code == 302
    response = go(client, "offer", {"service": needing.code})
    assert response.status_code == 422
    assert "缺少：" in text(response)
    assert go(client, "offer", {"service": service.code}).status_code == 422
    assert go(client, "declare", {"what": "surveying:乙级", "number": "乙-1"}).status_code == 302
    assert go(client, "declare", {"what": "surveying:乙级", "number": "乙-1"}).status_code == 422
    wrong = {"what": "surveying:乙级", "number": "乙-2", "file": SimpleUploadedFile("a.pdf", b"no")}
    response = go(client, "declare", wrong)
    assert response.status_code == 422
    assert "文件内容不是" in text(response)
    assert 'value="乙-2"' in text(response)
    assert go(client, "offer", {"service": needing.code}).status_code == 302
    offering = firm.offerings.get(service=service)
    assert client.get(reverse("parties:withdraw", args=[offering.pk])).status_code == 405
    assert client.post(reverse("parties:withdraw", args=[offering.pk])).status_code == 302
    assert client.post(reverse("parties:withdraw", args=[offering.pk])).status_code == 409
    agent = make_user()
    assert go(client, "member", {"username": agent.username, "role": "agent", "powers": ["bid"]}).status_code == 302
    assert "没有用户名为" in text(go(client, "member", {"username": "nobody", "role": "agent"}))
    page = text(client.get(reverse("parties:my_firm")))
    assert "乙-1" in page
    assert str(agent) in page


def test_strangers_and_owners_stay_outside(client):
    offering = make_firm().offerings.get()
    for name in ("my_firm", "profile", "offer", "declare", "member"):
        assert client.get(reverse(f"parties:{name}")).status_code == 302
    client.force_login(make_user())
    for name in ("my_firm", "profile", "offer", "declare", "member"):
        assert client.get(reverse(f"parties:{name}")).status_code == 403
    client.force_login(make_buyer().memberships.get().user)
    assert client.get(reverse("parties:offer")).status_code == 403
    assert client.get(reverse("parties:my_firm")).status_code == 200
    assert client.post(reverse("parties:withdraw", args=[offering.pk])).status_code == 404
    client.force_login(make_firm().memberships.get().user)
    assert client.post(reverse("parties:withdraw", args=[offering.pk])).status_code == 404


def test_one_acts_for_one_of_ones_organizations(client):
    user = make_user()
    first, second, other = make_firm(user=user), make_buyer(user=user), make_firm()
    client.force_login(user)
    assert first.name in text(client.get(reverse("parties:my_firm")))
    assert go(client, "switch", {"organization": second.pk, "next": "/firms/"})["Location"] == "/firms/"
    assert f"<h1>{second.name}</h1>" in text(client.get(reverse("parties:my_firm")))
    assert go(client, "switch", {"organization": other.pk}).status_code == 403
    assert go(client, "switch", {"organization": "x"}).status_code == 403
