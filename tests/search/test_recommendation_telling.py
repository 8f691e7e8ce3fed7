"""Firms are told once of a need that fits them, as they chose; nobody is asked and nobody is told twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from marketplace.accounts.models import Message
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.models import Membership, Organization
from marketplace.tenders.models import Tender
from search.actions import choose_needs
from search.models import MutedService
from search.recommendation.telling import tell_fitting_firms
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of
from tests.factories.catalog import make_service
from tests.factories.parties import make_firm
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def choose(firm: Organization, **given: Any) -> None:
    values = {"is_muted": False, "by_mail": True, "muted": [], "by": agent_of(firm), "now": clock.now(), **given}
    choose_needs(organization=firm, **values)


def told(tender: Tender) -> set[int]:
    return set(Message.objects.filter(key=f"tender-{tender.pk}").values_list("user", flat=True))


def mailed(tender: Tender) -> set[str]:
    return {one.to[0] for one in mail.outbox if f"有适合您的采购需求：{tender.title}" in one.subject}


def test_every_person_of_a_firm_is_told_once_with_the_reasons() -> None:
    service = make_service()
    firm = make_firm(services=[service])
    colleague = make_user()
    Membership.objects.create(user=colleague, organization=firm, role=Membership.Role.AGENT)
    tender = make_tender(service=service)
    assert told(tender) == {agent_of(firm).pk, colleague.pk}
    body = Message.objects.get(user=colleague).body
    assert "告知的原因：符合这项服务的要求；信用 B 级，80.0 分。" in body
    assert tender.buyer.name in body
    count = len(mail.outbox)
    for _time in range(2):
        tell_fitting_firms(tender.process.events.get(name="tender_published"))
    assert Message.objects.filter(key=f"tender-{tender.pk}").count() == 2
    assert len(mail.outbox) == count


def test_a_firm_mutes_all_a_service_or_the_mail() -> None:
    one, two = make_service(), make_service()
    silent, choosy, quiet, open_firm = (make_firm(services=[one, two]) for _number in range(4))
    choose(silent, is_muted=True)
    choose(choosy, muted=[one])
    choose(quiet, by_mail=False)
    tender, other, both = (
        make_tender(service=one),
        make_tender(service=two),
        make_tender(service=one, more_services=[two]),
    )
    person = {name: agent_of(firm) for name, firm in (("choosy", choosy), ("quiet", quiet), ("open", open_firm))}
    assert told(tender) == {person["quiet"].pk, person["open"].pk}
    assert told(other) == told(both) == {one.pk for one in person.values()}
    assert mailed(tender) == {person["open"].email}
    assert mailed(other) == {person["choosy"].email, person["open"].email}
    choose(choosy, muted=[])
    assert not MutedService.objects.exists()


def test_invited_and_named_firms_are_told_by_the_need_alone() -> None:
    service = make_service()
    make_firm(services=[service], name="另一家")
    quotes = make_tender(service=service, method="quotes")
    invited = set(Message.objects.filter(key=f"invited-{quotes.pk}").values_list("user", flat=True))
    assert len(invited) == 3
    assert told(quotes) == {agent_of(Organization.objects.get(name="另一家")).pk}
    named = make_tender(service=service, method="direct")
    assert told(named) == {agent_of(named.chosen_firm).pk}
    (message,) = Message.objects.filter(key=f"tender-{named.pk}")
    assert message.title.startswith("业主拟选贵机构承接")


def test_the_owner_and_who_was_let_go_are_told_nothing() -> None:
    service = make_service()
    firm = make_firm(services=[service])
    gone = agent_of(make_firm(services=[service]))
    gone.is_active = False
    gone.save()
    Organization.objects.filter(pk=firm.pk).update(is_buyer=True)
    firm.refresh_from_db()
    tender = make_tender(service=service, buyer=firm, by=agent_of(firm))
    assert told(tender) == set()


def test_a_firm_chooses_for_itself_alone() -> None:
    firm = make_firm()
    for somebody in (make_user(), make_admin(), agent_of(make_firm())):
        with pytest.raises(Refused) as caught:
            choose(firm, by=somebody)
        assert caught.value.status == 403
