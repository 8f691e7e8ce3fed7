"""Ties that keep a firm out: each of the frozen rules' list, with owner and with other firms; blanks tie nobody."""

from __future__ import annotations

from decimal import Decimal

import pytest

from marketplace.accounts.models import User
from marketplace.bidding.actions import end_sign_up, sign_up
from marketplace.bidding.conflicts import Party, conflict_of, tie, tied_pairs
from marketplace.bidding.models import Bidder
from marketplace.core.refusals import Refused
from marketplace.parties.models import Membership, Organization, Shareholding
from marketplace.tenders.models import Method, Tender
from tests.factories.awards import make_award
from tests.factories.bidding import agent_of, make_bidder, make_stranger
from tests.factories.catalog import make_service
from tests.factories.parties import make_buyer
from tests.factories.projects import make_project
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db
ALL = ("legal_representative", "shareholder", "agent", "phone", "email", "account", "author")
HALF = Decimal(50)


def party(code="A", **values) -> Party:
    return Party(**({"code": code, "name": f"机构{code}"} | values))


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("legal_representative", {"legal_representative": "虞明远"}, {"legal_representative": "虞明远"}),
        ("agent", {"members": frozenset({1, 2})}, {"members": frozenset({2, 3})}),
        ("agent", {"member_phones": frozenset({"139"})}, {"member_phones": frozenset({"139"})}),
        ("phone", {"phone": "07016000001"}, {"phone": "07016000001"}),
        ("email", {"email": "a@b.invalid"}, {"email": "a@b.invalid"}),
        ("account", {"account": "pay@b.invalid"}, {"account": "pay@b.invalid"}),
        ("shareholder", {"holdings": (("别名", "B", HALF),)}, {}),
        ("shareholder", {"holdings": (("机构B", "", HALF),)}, {}),
        ("shareholder", {"holdings": (("某人", "", HALF),)}, {"holdings": (("某人", "", HALF),)}),
        ("shareholder", {"holdings": (("甲", "X", HALF),)}, {"holdings": (("乙", "X", HALF),)}),
        ("shareholder", {"holdings": (("甲", "X", HALF),)}, {"holdings": (("甲", "", HALF),)}),
    ],
)
def test_each_tie_is_found_either_way_round_and_only_when_the_rules_ask(kind, one, other) -> None:
    first, second = party("A", **one), party("B", **other)
    assert tie(first, second, ALL, 20) == tie(second, first, ALL, 20) == kind
    assert tie(first, second, [name for name in ALL if name != kind], 20) == ""


def test_blank_values_tie_nobody() -> None:
    assert tie(party("A"), party("B"), ALL, 20) == ""
    assert tie(Party(code="", name="甲"), Party(code="", name="乙"), ALL, 20) == ""
    assert tie(party("A", holdings=(("", "", HALF),)), party("B", holdings=(("", "", HALF),)), ALL, 20) == ""


@pytest.mark.parametrize(("percent", "found"), [("19.99", ""), ("20.00", "shareholder"), ("100", "shareholder")])
def test_a_share_ties_from_the_rules_percentage_on(percent, found) -> None:
    assert tie(party("A", holdings=(("机构B", "B", Decimal(percent)),)), party("B"), ALL, 20) == found


def test_a_common_holder_must_hold_so_much_of_both() -> None:
    much, little = (("某人", "", HALF),), (("某人", "", Decimal(5)),)
    assert tie(party("A", holdings=much), party("B", holdings=little), ALL, 20) == ""


def test_namesakes_with_different_codes_are_two() -> None:
    assert tie(party("A", holdings=(("甲", "X", HALF),)), party("B", holdings=(("甲", "Y", HALF),)), ALL, 20) == ""


# From here on with rows and through the sign-up.


@pytest.fixture
def tender() -> Tender:
    return make_tender(buyer=make_buyer(legal_representative="柏思源", email="owner@example.invalid"))


def refused(tender: Tender, firm: Organization) -> Refused:
    with pytest.raises(Refused) as found:
        sign_up(tender=tender, organization=firm, by=agent_of(firm))
    return found.value


def share_member(one: Organization, other: Organization) -> None:
    Membership.objects.create(user=agent_of(one), organization=other, role=Membership.Role.AGENT)


def share_members_phone(one: Organization, other: Organization) -> None:
    User.objects.filter(pk=agent_of(other).pk).update(phone="139 0000-4444")
    User.objects.filter(pk=agent_of(one).pk).update(phone="13900004444")


def share_holder(one: Organization, other: Organization) -> None:
    for organization in (one, other):
        Shareholding.objects.create(organization=organization, holder="信水控股", percent=HALF)


def hold(one: Organization, other: Organization) -> None:
    Shareholding.objects.create(organization=one, holder=other.name, holder_code=other.uscc, percent=Decimal(20))


def share(field: str, value: str, other_value: str = ""):
    def make(one: Organization, other: Organization) -> None:
        for organization, written in ((one, value), (other, other_value or value)):
            setattr(organization, field, written)
            organization.save(update_fields=[field])

    return make


TIES = {
    "法定代表人": share("legal_representative", "虞 明远", "虞明远"),
    "持股": share_holder,
    "持股关系": hold,
    "经办人": share_member,
    "相同的经办人": share_members_phone,
    "联系电话": share("phone", "0701-6000001", "07016000001"),
    "电子邮箱": share("email", "One@example.invalid", "one@example.invalid"),
    "收款账号": share("alipay_account", "pay@example.invalid"),
}


@pytest.mark.parametrize("word", TIES)
def test_ties_to_the_owner_keep_a_firm_out(tender: Tender, word: str) -> None:
    firm = make_stranger(tender)
    TIES[word](firm, tender.buyer)
    found = refused(tender, firm)
    assert (found.code, found.field) == ("conflict", None)
    assert word in str(found)
    assert "业主" in str(found)
    assert not Bidder.objects.exists()


@pytest.mark.parametrize("word", TIES)
def test_ties_to_another_firm_keep_the_later_one_out_and_never_say_which(tender: Tender, word: str) -> None:
    make_bidder(tender=tender)
    first, later = make_bidder(tender=tender).organization, make_stranger(tender)
    TIES[word](later, first)
    found = refused(tender, later)
    assert found.code == "conflict"
    assert word in str(found)
    assert "另一家已报名的机构" in str(found)
    for secret in (first.name, first.uscc, tender.bidders.get(organization=first).label):
        assert secret not in str(found)


def test_a_firm_that_withdrew_ties_nobody(tender: Tender) -> None:
    first, later = make_bidder(tender=tender), make_stranger(tender)
    share_holder(later, first.organization)
    Bidder.objects.filter(pk=first.pk).update(status="withdrawn")
    make_bidder(tender=tender, organization=later)


def test_rules_without_a_list_know_no_ties(tender: Tender) -> None:
    firm = make_stranger(tender)
    share_holder(firm, tender.buyer)
    Tender.objects.filter(pk=tender.pk).update(rules=tender.rules | {"conflicts": []})
    tender.refresh_from_db()
    make_bidder(tender=tender, organization=firm)


def test_a_person_is_tied_by_the_own_name() -> None:
    tender = make_tender(buyer=make_buyer(kind=Organization.Kind.PERSON, name="单雅琴"))
    firm = make_stranger(tender, legal_representative="单雅琴")
    assert "法定代表人" in str(refused(tender, firm))


def test_robots_with_nothing_in_common_sign_up_side_by_side(tender: Tender) -> None:
    for _number in range(4):
        make_bidder(tender=tender, organization=make_stranger(tender, is_robot=True))
    assert tender.bidders.count() == 4


class Reviewed:
    """Hold a project for which a firm has won the report, and the need for the report's review."""

    def __init__(self, **award):
        self.report, self.review = make_service(name="环境影响报告"), make_service(name="技术评估")
        self.review.reviewed.add(self.report)
        buyer = make_buyer()
        self.project = make_project(owner=buyer)
        self.award = make_award(
            **({"status": "confirmed", "service": self.report, "project": self.project, "buyer": buyer} | award)
        )
        self.author = self.award.organization
        self.tender = make_tender(buyer=buyer, service=self.review, project=self.project)
        self.author.offerings.model.objects.create(
            organization=self.author, service=self.review, status="live", since=self.award.proposed_at
        )


def test_who_wrote_the_report_does_not_review_it() -> None:
    scene = Reviewed()
    found = refused(scene.tender, scene.author)
    assert found.code == "conflict"
    assert "环境影响报告" in str(found)


def test_nor_does_a_firm_held_together_with_the_author() -> None:
    scene = Reviewed()
    sister = make_stranger(scene.tender)
    share_holder(sister, scene.author)
    assert "环境影响报告" in str(refused(scene.tender, sister))


def test_who_reviewed_it_does_not_write_it() -> None:
    scene = Reviewed()
    scene.review.reviewed.clear()
    scene.report.reviewed.add(scene.review)
    assert refused(scene.tender, scene.author).code == "conflict"


def test_many_pairs_at_once_are_tied_as_each_of_them_is() -> None:
    scene = Reviewed()
    sister, free = make_stranger(scene.tender), make_stranger(scene.tender)
    share_holder(sister, scene.author)
    other = make_tender(buyer=scene.tender.buyer, service=scene.review)
    tenders = Tender.objects.select_related("buyer").filter(pk__in=[scene.tender.pk, other.pk])
    pairs = [(tender, firm) for tender in tenders for firm in (scene.author, sister, free)]
    tied = tied_pairs(pairs)
    assert tied == {(scene.tender.pk, scene.author.pk), (scene.tender.pk, sister.pk)}
    assert tied == {(tender.pk, firm.pk) for tender, firm in pairs if conflict_of(tender, firm, [])}


@pytest.mark.parametrize("award", [{"status": "standstill"}, {"status": "revoked"}])
def test_only_a_confirmed_award_makes_an_author(award: dict) -> None:
    scene = Reviewed(**award)
    make_bidder(tender=scene.tender, organization=scene.author)


def test_another_project_is_another_matter() -> None:
    scene = Reviewed()
    other = make_tender(buyer=scene.tender.buyer, service=scene.review, project=make_project(owner=scene.tender.buyer))
    make_bidder(tender=other, organization=scene.author)
    without = make_tender(buyer=scene.tender.buyer, service=scene.review)
    make_bidder(tender=without, organization=scene.author)


def test_a_firm_that_the_owner_names_may_not_be_tied_to_it() -> None:
    tender = make_tender(status="draft", method=Method.DIRECT)
    firm = make_stranger(tender)
    share_holder(firm, tender.buyer)
    Tender.objects.filter(pk=tender.pk).update(
        chosen_firm=firm,
        status="open",
        published_at=tender.created_at,
        rules={"minimum_bidders": 1, "conflicts": list(ALL)},
    )
    tender.refresh_from_db()
    tender = end_sign_up(tender=tender, now=tender.signup_ends_at)
    assert tender.status == "failed"
    assert "回避" in tender.failure_reason
