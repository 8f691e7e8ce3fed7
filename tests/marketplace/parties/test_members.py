"""People who act for an organization: powers, days, who may give them, and what ends."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from marketplace.accounts.models import Message
from marketplace.core.models import Event
from marketplace.parties import access, actions, rules
from marketplace.parties.handlers.people import tell_ends
from marketplace.parties.models import Membership
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_service
from tests.factories.parties import make_firm
from tests.marketplace.parties.conftest import NOW, refused, text, whole

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate(NOW)
DAY = timedelta(days=1)
POWERS = Membership.Power.values


def own_of(firm):
    return firm.memberships.order_by("pk").first().user


def join(firm, role="agent", by=None, **more):
    person = make_user()
    row = actions.add_member(
        organization=firm, username=person.username, role=role, by=by or own_of(firm), now=NOW, **more
    )
    return person, row


def change(row, by, **more):
    values = {"role": row.role, "powers": row.powers, "starts_on": row.starts_on, "ends_on": row.ends_on}
    return actions.set_powers(membership=row, by=by, now=NOW, **{**values, **more})


@pytest.mark.parametrize("power", POWERS)
def test_an_agent_has_the_powers_given_and_no_other(power):
    firm = make_firm()
    agent, _row = join(firm, powers=[power])
    for one in POWERS:
        assert rules.may_act_for(agent, firm, power=one) == (one == power)
        assert access.is_member(agent, firm, power=one) == (one == power)
        assert rules.may_act_for(own_of(firm), firm, power=one)
    assert rules.may_act_for(agent, firm)
    assert not rules.may_administer(agent, firm)
    offers = {"organization": firm, "service": make_service(), "by": agent, "now": NOW}
    if power == "profile":
        assert actions.offer_service(**offers)
    else:
        assert refused(actions.offer_service, **offers) == "not_yours"


@pytest.mark.parametrize(
    ("starts", "ends", "acts"),
    [(None, None, True), (0, 0, True), (-9, 0, True), (0, 9, True), (1, None, False), (-9, -1, False)],
)
def test_outside_of_the_days_nobody_is_a_member(starts, ends, acts):
    firm = make_firm()
    agent, row = join(firm)
    for role in ("agent", "administrator"):
        Membership.objects.filter(pk=row.pk).update(
            role=role,
            starts_on=None if starts is None else TODAY + starts * DAY,
            ends_on=None if ends is None else TODAY + ends * DAY,
        )
        assert access.is_member(agent, firm) == acts
        assert (firm in access.organizations_of(agent)) == acts
        assert rules.may_act_for(agent, firm, power="bid") == acts
        assert rules.may_administer(agent, firm) == (acts and role == "administrator")
        told = actions.notify_organization(organization=firm, title="新需求", now=NOW)
        assert (agent in {one.user for one in told}) == acts


def test_the_last_administrator_stays():
    firm = make_firm()
    own, row = own_of(firm), firm.memberships.get()
    assert refused(actions.remove_member, membership=row, by=own, now=NOW) == "last_administrator"
    assert refused(change, row=row, by=own, role="agent", powers=["bid"]) == "last_administrator"
    assert refused(change, row=row, by=own, ends_on=TODAY + 30 * DAY) == "last_administrator"
    second, another = join(firm, "administrator")
    join(firm, "administrator", ends_on=TODAY)  # one who ends does not count
    actions.remove_member(membership=row, by=own, now=NOW)
    assert not access.is_member(own, firm)
    assert refused(actions.remove_member, membership=another, by=second, now=NOW) == "last_administrator"
    assert whole(firm)


def test_nobody_widens_what_he_may_do_himself():
    firm = make_firm()
    administrator, row = join(firm, "administrator", ends_on=TODAY + 10 * DAY)
    assert refused(change, row=row, by=administrator, ends_on=None) == "own_powers"
    assert refused(change, row=row, by=administrator, ends_on=TODAY + 11 * DAY) == "own_powers"
    assert change(row, administrator, ends_on=TODAY + 9 * DAY).ends_on == TODAY + 9 * DAY
    narrowed = change(row, administrator, role="agent", powers=["bid"], ends_on=TODAY + 9 * DAY)
    assert refused(change, row=narrowed, by=administrator, powers=["bid", "pay"]) == "not_yours"
    assert change(narrowed, own_of(firm), powers=["pay"]).powers == ["pay"]
    assert change(narrowed, make_admin(), powers=["pay", "bid"]).powers == ["bid", "pay"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"role": "king"}, "role_unknown"),
        ({"powers": ["everything"]}, "powers_unknown"),
        ({"powers": []}, "powers_missing"),
        ({"starts_on": TODAY + DAY, "ends_on": TODAY}, "days_reversed"),
        ({"ends_on": TODAY - DAY}, "days_past"),
    ],
)
def test_powers_are_refused_in_words(values, code):
    firm = make_firm()
    _agent, row = join(firm)
    assert refused(change, row=row, by=own_of(firm), **values) == code
    assert refused(join, firm=firm, **{"powers": ["bid"], **values}) == code


def test_only_its_administrators_manage_members():
    firm = make_firm()
    agent, row = join(firm)
    for person in (agent, make_user(), own_of(make_firm())):
        assert refused(change, row=row, by=person, powers=["bid"]) == "not_yours"
        assert refused(join, firm=firm, by=person) == "not_yours"
    assert refused(actions.remove_member, membership=row, by=make_user(), now=NOW) == "not_yours"
    actions.remove_member(membership=row, by=agent, now=NOW)  # everybody may leave
    assert firm.memberships.count() == 1


def test_every_change_is_an_event_for_administrators_and_a_message_for_the_person():
    firm = make_firm()
    agent, row = join(firm, powers=["bid", "sign"], ends_on=TODAY + DAY)
    change(row, own_of(firm), powers=["sign"])
    change(row, own_of(firm), powers=["sign"])  # nothing changes, nothing is recorded
    row.refresh_from_db()
    actions.remove_member(membership=row, by=own_of(firm), now=NOW)
    events = Event.objects.filter(process=firm.process, name__startswith="member_").order_by("number")
    assert [one.name for one in events] == ["member_added", "member_changed", "member_removed"]
    assert {one.visibility for one in events} == {"private"}
    bodies = list(
        Message.objects.filter(user=agent, key__startswith="member-").order_by("pk").values_list("body", flat=True)
    )
    assert "报名报价、签订合同" in bodies[0]
    assert (TODAY + DAY).isoformat() in bodies[0]
    assert len(bodies) == 3


def test_both_sides_hear_seven_days_before_and_when_powers_have_ended():
    firm = make_firm()
    own = own_of(firm)
    agent, _row = join(firm, ends_on=TODAY + 10 * DAY)
    assert tell_ends(NOW) == 0
    assert tell_ends(NOW + 3 * DAY) == 2
    assert tell_ends(NOW + 4 * DAY) == 0
    assert tell_ends(NOW + 11 * DAY) == 2
    assert tell_ends(NOW + 12 * DAY) == 0
    for person in (own, agent):
        titles = list(
            Message.objects.filter(user=person, key__startswith="powers-")
            .order_by("pk")
            .values_list("title", flat=True)
        )
        assert ["将于" in titles[0], "已于" in titles[1]] == [True, True]


# Pages


def test_members_are_listed_changed_and_removed(client):
    firm = make_firm()
    own = own_of(firm)
    agent, row = join(firm, powers=["bid"])
    client.force_login(own)
    page = text(client.get(reverse("parties:members")))
    assert "报名报价" in page
    assert "没有期限" in page
    url = reverse("parties:change_member", args=[row.pk])
    assert client.get(url).status_code == 200
    wrong = client.post(url, {"role": "agent", "powers": ["pay"], "ends_on": (TODAY - DAY).isoformat()})
    assert wrong.status_code == 422
    assert "结束日期已经过去" in text(wrong)
    sent = {"role": "agent", "powers": ["pay"], "ends_on": TODAY.isoformat()}
    assert client.post(url, sent).status_code == 302
    row.refresh_from_db()
    assert (row.powers, row.ends_on) == (["pay"], TODAY)
    remove = reverse("parties:remove_member", args=[firm.memberships.get(user=own).pk])
    assert "至少要有一位" in text(client.post(remove, follow=True))
    client.force_login(agent)
    assert client.get(url).status_code == 403
    assert client.get(reverse("parties:member")).status_code == 403
    assert client.get(reverse("parties:members")).status_code == 200
    client.post(reverse("parties:remove_member", args=[row.pk]))
    assert not access.is_member(agent, firm)


def test_the_list_of_members_takes_as_many_queries_for_one_as_for_four(client, django_assert_num_queries):
    firm = make_firm()
    client.force_login(own_of(firm))
    url = reverse("parties:members")
    client.get(url)
    with django_assert_num_queries(8, exact=False) as before:
        client.get(url)
    for _turn in range(3):
        join(firm)
    with django_assert_num_queries(len(before)):
        client.get(url)
