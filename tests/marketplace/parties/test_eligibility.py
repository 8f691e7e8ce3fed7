"""One answer to who may provide what: for one firm, for many, and against a brute-force reading of the rules."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalog.models import QualificationKind, ServiceCategory
from marketplace.parties import actions, rules
from marketplace.parties.eligibility import Holdings, judge, prepare
from marketplace.parties.models import Organization, Publicity, ServiceOffering
from marketplace.parties.states import OfferingStatus, PublicityStatus
from marketplace.tenders.queries import fitting_firms
from tests.factories.accounts import make_admin
from tests.factories.catalog import make_service
from tests.factories.parties import make_buyer, make_firm, make_qualification
from tests.factories.tenders import make_tender
from tests.marketplace.parties.conftest import NOW

TODAY = timezone.localdate(NOW)
NEEDS = {"kind": "surveying", "grade": "乙级"}


def world():
    """A service and a firm of each kind: eligible, announced, held, failed, checking, expired, without, suspended, an owner."""
    service = make_service(requirement=NEEDS)
    admin = make_admin()
    firms = {"eligible": make_firm(services=[service]), "announced": make_firm(services=[service], announced=False)}
    firms["held"] = make_firm(services=[service], announced=False)
    firms["failed"] = make_firm(services=[service], announced=False)
    for name in ("held", "failed"):
        notice = firms[name].publicities.get()
        values = {"name": "赵敏", "phone": "13900001111", "text": "证书编号与公布的不一致", "address": name}
        objection = actions.object_to_publicity(publicity=notice, now=NOW, **values)
        if name == "failed":
            actions.uphold_objection(objection=objection, reason="属实", by=admin, now=NOW)
    firms["checking"] = make_firm(services=[service], qualified=False)
    firms["ended"] = make_firm(services=[service])
    actions.end_qualification(qualification=firms["ended"].qualifications.get(), by=admin, now=NOW)
    firms["without"] = make_firm()
    firms["not offering"] = make_qualification(kind="surveying").organization
    firms["suspended"] = make_firm(services=[service])
    actions.suspend_organization(organization=firms["suspended"], reason="核查", by=admin, now=NOW)
    firms["owner"] = make_buyer()
    return service, firms


@pytest.mark.django_db
def test_many_are_answered_as_one_is():
    service, firms = world()
    rows = Organization.objects.order_by("pk")
    said = rules.unmet_each(service, rows)
    assert said == {row.pk: rules.unmet(row, service) for row in rows}
    assert said == rules.unmet_each(service, list(rows))
    ready = list(rows)
    prepare(ready)
    assert said == {row.pk: rules.unmet(row, service) for row in ready}
    assert rules.eligible(service, rows) == [firms["eligible"]]
    assert {name: bool(said[firm.pk]) for name, firm in firms.items()} == {name: name != "eligible" for name in firms}
    plain = make_service()
    assert {one.pk for one in rules.eligible(plain, rows)} == {
        firm.pk for name, firm in firms.items() if name not in ("owner", "suspended")
    }


@pytest.mark.django_db
def test_the_lists_that_are_made_hold_the_same_firms():
    """Lists ask for live offers; that must come to the same as asking each firm."""
    service, firms = world()
    tender = make_tender(service=service)
    listed = set(fitting_firms(tender))
    assert listed == {firms["eligible"]}
    assert listed == {firm for firm in Organization.objects.all() if not rules.unmet(firm, service)}


@pytest.mark.django_db
def test_as_many_queries_for_three_firms_as_for_thirty(django_assert_num_queries):
    service = make_service(requirement=NEEDS)
    make_firm(services=[service])
    rows = Organization.objects.all()
    with django_assert_num_queries(5):
        assert len(rules.eligible(service, rows)) == 1
    for _turn in range(4):
        make_firm(services=[service])
        make_firm(services=[service], qualified=False)
    with django_assert_num_queries(5):
        assert len(rules.eligible(service, Organization.objects.all())) == 5


# Against a brute-force reading

GRADES = ["甲级", "乙级", "丙级"]
LEAF = st.builds(
    lambda kind, grade: {"kind": kind, **({"grade": grade} if grade else {})},
    st.sampled_from("ab"),
    st.sampled_from(["", *GRADES]),
)
PEOPLE = st.builds(lambda kind, count: {"practitioner": kind, "count": count}, st.sampled_from("pq"), st.integers(1, 3))
TREE = st.recursive(
    LEAF | PEOPLE,
    lambda inner: st.builds(
        lambda branch, parts: {branch: parts}, st.sampled_from(["any", "all"]), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)
DAYS = st.sampled_from([None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)])
PAPERS = st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.sampled_from(GRADES), DAYS), max_size=4)
STAFF = st.lists(st.tuples(st.sampled_from("pq"), DAYS), max_size=5)
KINDS = {
    code: QualificationKind(code=code, name=code, grades=GRADES if code in "ab" else [])
    for code in ("a", "b", "p", "q")
}


def brute(tree, papers, staff):
    """Read a tree as a person would, leaf by leaf, with what is valid today."""
    lasts = lambda last: last is None or last >= TODAY  # noqa: E731
    if "kind" in tree:
        wanted = GRADES.index(tree["grade"]) if tree.get("grade") else len(GRADES)
        return any(
            valid and kind == tree["kind"] and GRADES.index(grade) <= wanted and lasts(last)
            for valid, kind, grade, last in papers
        )
    if "practitioner" in tree:
        return sum(kind == tree["practitioner"] and lasts(last) for kind, last in staff) >= tree["count"]
    if "any" in tree:
        return any(brute(part, papers, staff) for part in tree["any"])
    return all(brute(part, papers, staff) for part in tree["all"])


@given(TREE, PAPERS, STAFF, st.sampled_from([None, *PublicityStatus.values]), st.booleans())
def test_a_verdict_is_what_a_person_reads(tree, papers, staff, notice_is, is_over):
    from marketplace.catalog.requirements import Held

    service = ServiceCategory(code="X", name="X", requirement=tree)
    holdings = Holdings(
        [(key, valid, Held(kind, grade, "", last)) for key, (valid, kind, grade, last) in enumerate(papers)],
        [(key, key, kind, last) for key, (kind, last) in enumerate(staff)],
    )
    ends_at = NOW - timedelta(hours=1) if is_over else NOW + timedelta(hours=1)
    notice = None
    if notice_is:
        notice = Publicity(
            status=notice_is, ends_at=ends_at, starts_at=NOW, shown={"certificates": [], "practitioners": []}
        )
    offering = ServiceOffering(service=service, status=OfferingStatus.SUSPENDED, publicity=notice)
    verdict = judge(service, holdings, offering, kinds=KINDS, now=NOW)
    passed = notice_is == "passed" or (notice_is == "open" and is_over)
    assert (verdict.state == OfferingStatus.LIVE) == (brute(tree, papers, staff) and passed)
    assert (verdict.reason == "") == (verdict.state == OfferingStatus.LIVE)
    declared = [(True, *paper[1:]) for paper in papers]
    if verdict.state == OfferingStatus.SUSPENDED:
        assert not brute(tree, declared, staff)
    if verdict.is_ready:
        assert brute(tree, papers, staff)
