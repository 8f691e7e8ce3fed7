"""Shareholders: what is kept, what is refused, who may, and what the public reads."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.parties.actions import add_member, set_shareholdings
from marketplace.parties.models import Membership
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of
from tests.factories.parties import make_buyer, make_firm, next_uscc
from tests.marketplace.parties.conftest import NOW, go, names, refused, text, whole

pytestmark = pytest.mark.django_db


def row(holder="赵六", percent="30", code=""):
    return {"holder": holder, "holder_code": code, "percent": percent}


def put(firm, *rows, by=None):
    return set_shareholdings(organization=firm, rows=rows, by=by or agent_of(firm), now=NOW)


def kept(firm):
    return {(one.holder, one.holder_code, one.percent) for one in firm.shareholdings.all()}


def test_the_list_is_written_anew_and_its_event_names_public_shares_only():
    firm, code = make_firm(), next_uscc()
    put(firm, row("试验控股有限公司", "66.67", code.lower()), row("钱 七", "4.99"))
    assert kept(firm) == {("试验控股有限公司", code, Decimal("66.67")), ("钱 七", "", Decimal("4.99"))}
    event = Event.objects.get(name="shareholdings_changed")
    assert event.data == {
        "holders": 2,
        "shares": [{"holder": "试验控股有限公司", "code": code, "percent": "66.67"}],
    }
    put(firm, row("  赵六 "))
    assert kept(firm) == {("赵六", "", Decimal(30))}
    put(firm)
    assert kept(firm) == set()
    assert names(firm).count("shareholdings_changed") == 3
    assert whole(firm)


def test_the_same_again_makes_no_event():
    firm = make_firm()
    put(firm, row(), row("钱七", "5.5"))
    put(firm, row("钱七", Decimal("5.50")), row(percent="30.00"))
    assert names(firm).count("shareholdings_changed") == 1


@pytest.mark.parametrize(
    ("code", "field", "rows"),
    [
        ("holder_missing", "holder", [row(" ")]),
        ("holder_long", "holder", [row("长" * 121)]),
        ("holder_twice", "holder", [row(), row(percent="1")]),
        ("percent_invalid", "percent", [row(percent="0")]),
        ("percent_invalid", "percent", [row(percent="100.01")]),
        ("percent_invalid", "percent", [row(percent="33.333")]),
        ("percent_invalid", "percent", [row(percent="三成")]),
        ("percent_invalid", "percent", [row(percent=None)]),
        ("percent_invalid", "percent", [row(percent="NaN")]),
        ("percent_sum", "percent", [row(percent="60"), row("钱七", "40.01")]),
        ("uscc_length", "holder_code", [row(code="9136")]),
        ("too_many_holders", None, [row(f"股东{number}", "1") for number in range(51)]),
    ],
)
def test_what_is_refused_changes_nothing(code, field, rows):
    firm = make_firm()
    put(firm, row("原股东", "10"))
    with pytest.raises(Refused) as caught:
        put(firm, *rows)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert kept(firm) == {("原股东", "", Decimal(10))}


def test_a_code_is_a_real_one_and_nobody_holds_itself():
    firm, code = make_firm(), next_uscc()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    by = agent_of(firm)
    for expected, given in (
        ("uscc_check_digit", row(code=wrong)),
        ("holder_itself", row(code=firm.uscc)),
        ("holder_itself", row(firm.name)),
    ):
        assert refused(set_shareholdings, organization=firm, rows=[given], by=by, now=NOW) == expected
    twice = [row("甲公司", "10", code), row("甲有限公司", "10", code)]
    assert refused(set_shareholdings, organization=firm, rows=twice, by=by, now=NOW) == "holder_twice"
    put(firm, row("同名", "10"), row("同名", "10", code))  # a person and a company of one name


def test_who_may():
    firm, colleague = make_firm(), make_user()
    add_member(organization=firm, username=colleague.username, role=Membership.Role.AGENT, by=agent_of(firm), now=NOW)
    for person in (colleague, make_user(), agent_of(make_firm()), None):
        assert refused(set_shareholdings, organization=firm, rows=[row()], by=person, now=NOW) == "not_yours"
    put(firm, row(), by=make_admin())
    assert kept(firm)


def test_a_natural_person_has_no_shares():
    person = make_buyer(kind="person")
    assert refused(set_shareholdings, organization=person, rows=[row()], by=agent_of(person), now=NOW) == "no_shares"


def test_a_firm_keeps_its_list_up_in_the_browser(client):
    firm = make_firm()
    client.force_login(agent_of(firm))
    assert "还没有登记股东" in text(client.get(reverse("parties:shareholders")))
    assert go(client, "shareholders", row("赵六", "60")).status_code == 302
    assert go(client, "shareholders", row("钱七", "4")).status_code == 302
    answer = go(client, "shareholders", row("孙八", "40"))
    assert answer.status_code == 422
    assert "合计为 104%" in text(answer)
    assert 'value="孙八"' in text(answer)
    assert go(client, "shareholders", row("孙八", "")).status_code == 422
    page = text(client.get(reverse("parties:my_firm")))
    assert "赵六" in page
    assert "钱七" in page
    public = text(client.get(firm.get_absolute_url()))
    assert "赵六" in public
    assert "60.00%" in public
    assert "钱七" not in public
    gone = firm.shareholdings.get(holder="赵六")
    assert "已从股东名单中删除" in text(go(client, "shareholders", {"remove": gone.pk}, follow=True))
    assert kept(firm) == {("钱七", "", Decimal(4))}
    assert go(client, "shareholders", {"remove": gone.pk}).status_code == 302  # sent twice
    assert kept(firm) == {("钱七", "", Decimal(4))}


def test_administrators_edit_the_list_of_any_firm_and_others_stay_outside(client):
    firm = make_firm()
    page = reverse("parties:shareholders_of", args=[firm.pk])
    assert client.get(page).status_code == 302
    for person in (make_user(), agent_of(make_firm())):
        client.force_login(person)
        assert client.get(page).status_code == 403
        assert client.post(page, row()).status_code == 403
    client.force_login(make_admin())
    assert client.post(page, row()).status_code == 302
    assert kept(firm)
    client.force_login(make_user())
    assert client.get(reverse("parties:shareholders")).status_code == 403


def test_the_public_page_costs_the_same_at_one_and_three_shareholders(client):
    firm = make_firm()

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(firm.get_absolute_url()).status_code == 200
        return len(queries)

    put(firm, row())
    first = count()
    put(firm, row(), row("钱七"), row("孙八"))
    assert count() == first
