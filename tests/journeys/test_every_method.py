"""An owner uses each of the ten ways to select a firm, through pages alone: written, signed up, offered, judged, awarded, replayed."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from marketplace.awards.models import Award
from marketplace.tenders.models import NAMED, SEALED, WITH_PLAN, Method, Tender
from tests.factories.accounts import make_user
from tests.factories.bidding import agent_of, make_stranger
from tests.factories.catalog import make_region, make_service
from tests.factories.parties import make_buyer
from tests.journeys.conftest import Person, upload
from tests.journeys.forms import proposed

pytestmark = pytest.mark.django_db


def somebody(user):
    person = Person()
    person.client.force_login(user)
    return person


@pytest.fixture
def demo(settings):
    """Let a working day last a minute, as in the demonstration."""
    settings.WORKING_DAY_SECONDS, settings.DEMO = 60, True


@pytest.mark.parametrize("method", Method.values)
def test_an_owner_selects_a_firm(method, time, demo):
    region, service = make_region(), make_service()
    buyer = make_buyer(region=region, now=time.now)
    owner = somebody(agent_of(buyer))
    draft = Tender(service=service)
    firms = [make_stranger(draft, now=time.now) for _number in range(3)]
    people = [somebody(agent_of(firm)) for firm in firms]

    tender = written(owner, method, service, region, firms, time)
    if method not in NAMED:
        for person in people:
            person.send(reverse("bidding:sign_up", args=[tender.number]), nonce="")
    if method in SEALED:
        for place, person in enumerate(people):
            offered(person, tender, 90_000 - place * 1_000)
    if method == Method.LIVE_AUCTION:
        bid_for(people, tender, time)
    if method == Method.SCORED:
        scorers = [asked(owner, tender, make_user()) for _number in range(3)]
    if method not in NAMED:
        time.go_on(tender.signup_ends_at)
        time.go_on(tender.selection_at)
    if method == Method.SCORED:
        for person in scorers:
            scored(person, tender)
    if method == Method.MERIT:
        marked(owner, reverse("awards:judge", args=[tender.number]))
    if method == Method.CREDIT:
        picked(owner, tender)

    award = Award.objects.select_related("organization").get(tender=tender)
    public = Person().visit(reverse("awards:selection", args=[tender.number]))
    assert award.organization.name in public
    winner = next(person for firm, person in zip(firms, people, strict=True) if firm == award.organization)
    confirmed(winner, award, time)
    assert Tender.objects.get(pk=tender.pk).status == "awarded"
    call_command("replay", tender.number)


def written(owner, method, service, region, firms, time):
    """Choose the method, fill the form that it has, read the preview, publish."""
    assert reverse("tenders:terms") in owner.visit(reverse("tenders:method"))
    page = owner.visit(f"{reverse('tenders:terms')}?method={method}")
    form = proposed(page, "title") | {
        "title": "月湖区标准厂房试验服务",
        "service": service.pk,
        "region": region.pk,
        "money_kind": "social",
        "ceiling_fen": "40000" if method in NAMED else "100000",
    }
    if method == Method.LIVE_AUCTION:
        form["step_fen"] = "500"
    if method in NAMED:
        form |= {"chosen_firm": firms[0].name, "ground_reason": "情况紧急，须立即开展。"}
    if method == Method.EMERGENCY:
        form["happened_at"] = (time.now - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    owner.send(f"{reverse('tenders:terms')}?method={method}", **form)
    tender = Tender.objects.get()
    assert (tender.method, tender.status) == (method, "draft")
    if method == Method.QUOTES:
        for firm in firms:
            owner.send(reverse("tenders:invite", args=[tender.number]), organization=firm.pk)
    owner.visit(reverse("tenders:preview", args=[tender.number]))
    owner.send(reverse("tenders:publish", args=[tender.number]), confirmed="on")
    return Tender.objects.get()


def offered(person, tender, yuan):
    address = reverse("bidding:offer", args=[tender.number])
    form = proposed(person.visit(address), "amount") | {"amount": str(yuan)}
    if tender.method in WITH_PLAN:
        form["plan"] = upload("响应方案.pdf")
    assert tender.bidders.count() == 3
    page = person.send(address, **form)
    assert re.search(r"[0-9a-f]{64}", page), "the receipt shows the commitment"


def bid_for(people, tender, time):
    time.go_on(tender.signup_ends_at)
    time.go_on(tender.selection_at)
    for place, person in enumerate(people):
        room = reverse("bidding:room", args=[tender.number])
        form = proposed(person.visit(room), "amount") | {"amount": str(95_000 - place * 1_000)}
        person.send(reverse("bidding:bid", args=[tender.number]), **form)
    time.go_on(tender.auction_ends_at)


def asked(owner, tender, user):
    page = owner.send(reverse("awards:scorers", args=[tender.number]), username=user.username, workplace="职业技术学院")
    assert user.display_name in page
    return somebody(user)


def scored(person, tender):
    person.send(reverse("awards:declare", args=[tender.number]), declared="on")
    marked(person, reverse("awards:score", args=[tender.number]))


def marked(person, address):
    """Give every firm twelve points by each criterion that the form has, look at them again, and send."""
    page = person.visit(address)
    names = set(re.findall(r'name="(mark-[^"]+)"', page))
    assert names
    marks = dict.fromkeys(names, "12")
    comments = dict.fromkeys(set(re.findall(r'name="(comment-[^"]+)"', page)), "方案完整，安排合理。")
    assert "12.00" in person.send(address, **marks, **comments)
    person.send(address, **marks, **comments, step="send")


def picked(owner, tender):
    address = reverse("awards:pick", args=[tender.number])
    label = re.findall(r'name="label"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="label"', owner.visit(address))[-1]
    pick = {"label": label[0] or label[1], "reason": "同类项目经验最多。"}
    assert pick["reason"] in owner.send(address, **pick)
    owner.send(address, **pick, step="send")


def confirmed(winner, award, time):
    """Let the standstill end, and the firm say that it takes the work on where it is asked to."""
    award.refresh_from_db()
    if award.status == "confirmed":
        return
    if "确认承接" in winner.visit(award.get_absolute_url()):
        winner.send(reverse("awards:accept", args=[award.pk]))
    time.go_on(award.standstill_ends_at)
