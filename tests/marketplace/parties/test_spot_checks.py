"""Spot checks: a seed committed to, a population fixed before it is known, a draw that anybody repeats."""

from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from marketplace.accounts.models import Message
from marketplace.core.proofs import PROOFS
from marketplace.parties import actions, sampling
from marketplace.parties.handlers.spot_checks import draw_rounds
from marketplace.parties.models import SpotCheck, SpotCheckRound
from marketplace.parties.states import SPOT_CHECK
from tests.factories.accounts import make_admin, make_user
from tests.factories.parties import make_buyer, make_firm
from tests.marketplace.parties.conftest import NOW, refused, text, whole

HOUR = timedelta(hours=1)
CODES = st.lists(st.text("0123456789ABCDEF", min_size=1, max_size=18), unique=True, max_size=40)


@pytest.fixture(autouse=True)
def a_safe(settings, tmp_path):
    settings.SAFE_DIR = tmp_path / "safe"


def committed(count=2, firms=5, admin=None):
    made = [make_firm() for _turn in range(firms)]
    admin = admin or make_admin()
    return actions.commit_round(count=count, draws_at=NOW + HOUR, by=admin, now=NOW), made, admin


def drawn(**more):
    row, firms, admin = committed(**more)
    return actions.draw_round(round=row, by=admin, now=NOW + HOUR), firms, admin


# The pure draw


@given(st.binary(min_size=32, max_size=32), CODES, st.integers(1, 50))
def test_a_draw_names_so_many_different_codes_whatever_their_order(secret, codes, count):
    found = sampling.draw(secret, codes, count)
    assert found == sampling.draw(secret, list(reversed(codes)), count)
    assert len(found) == len(set(found)) == min(count, len(codes))
    assert set(found) <= set(codes)
    assert sampling.draw(secret, codes, 50)[:count] == found  # a longer draw only goes on


def test_every_code_has_its_chance():
    codes = [f"C{number:02d}" for number in range(20)]
    hits = dict.fromkeys(codes, 0)
    for number in range(2000):
        for code in sampling.draw(number.to_bytes(32, "big"), codes, 3):
            hits[code] += 1
    assert all(220 <= count <= 380 for count in hits.values())  # 300 expected, 16 the standard deviation


def test_the_draw_is_what_the_page_says_it_is():
    """Recompute the draw from the words of the public page alone."""
    import hashlib
    import hmac

    secret, codes = bytes(range(32)), ["B", "A", "C"]
    listed = hashlib.sha256(b"A\nB\nC").digest()
    key = hashlib.sha256(secret + listed).digest()
    places = sorted(codes, key=lambda code: hmac.new(key, code.encode(), hashlib.sha256).digest())
    assert sampling.draw(secret, codes, 2) == places[:2]
    assert sampling.commitment(secret) == hashlib.sha256(b"marketplace-spot-check-1\n" + secret).hexdigest()
    assert sampling.population_hash(codes) == listed.hex()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"seed": "00" * 32}, "not the one committed"),
        ({"seed": "xyz"}, "not hex"),
        ({"population": ["C", "A", "B"]}, "not sorted"),
        ({"population": ["A", "B", "D"]}, "do not follow"),
        ({"count": 3}, "do not follow"),
    ],
)
def test_faults_name_what_was_changed(change, said):
    secret, codes = bytes(range(32)), ["A", "B", "C"]
    values = {"commitment": sampling.commitment(secret), "seed": secret.hex(), "population": codes, "count": 1}
    wrong = sampling.faults({**values, **change}, sampling.draw(secret, codes, 1))
    assert (said in " ".join(wrong)) if said else wrong == []


# Rounds


@pytest.mark.django_db
def test_a_round_from_the_commitment_to_the_queue():
    row, firms, admin = committed()
    left = make_firm()
    actions.remove_organization(organization=left, reason="核查", by=admin, now=NOW)
    make_buyer()
    assert (row.seed, row.population) == ("", [])
    assert refused(actions.draw_round, round=row, by=admin, now=NOW + HOUR - timedelta(seconds=1)) == "too_early"
    assert refused(actions.fix_population, round=row, by=None, now=NOW) == "too_early"
    row = actions.fix_population(round=row, by=admin, now=NOW)
    assert row.population == sorted(one.uscc for one in firms)
    assert refused(actions.fix_population, round=row, by=admin, now=NOW) == "population_fixed"
    late = make_firm()
    assert draw_rounds(NOW) == 0
    assert draw_rounds(NOW + HOUR) == 1
    assert draw_rounds(NOW + HOUR) == 0
    row.refresh_from_db()
    assert late.uscc not in row.population
    checked = [one.organization for one in row.checks.order_by("pk")]
    assert [one.uscc for one in checked] == sampling.draw(bytes.fromhex(row.seed), row.population, 2)
    assert Message.objects.filter(key__startswith="spot-check-").count() == 2
    assert list(PROOFS["spot_checks"]()) == []
    assert all(whole(firm) for firm in checked)


@pytest.mark.django_db
def test_verify_finds_a_draw_that_was_tampered_with():
    row, firms, _admin = drawn()
    out = next(one for one in firms if one.pk not in row.checks.values_list("organization", flat=True))
    check = row.checks.first()
    SpotCheck.objects.filter(pk=check.pk).update(organization=out)
    assert "do not follow" in " ".join(PROOFS["spot_checks"]())
    SpotCheck.objects.filter(pk=check.pk).update(organization=check.organization)
    secret = bytes(32)  # another seed whose commitment was put in its place
    population = row.population
    SpotCheckRound.objects.filter(pk=row.pk).update(seed=secret.hex(), commitment=sampling.commitment(secret))
    assert "not the one that was published" in " ".join(PROOFS["spot_checks"]())
    SpotCheckRound.objects.filter(pk=row.pk).update(population=population[1:])
    assert "the population is not the one" in " ".join(PROOFS["spot_checks"]())


@pytest.mark.django_db
def test_rounds_are_refused_in_words():
    admin = make_admin()
    values = {"count": 1, "draws_at": NOW + HOUR, "by": admin, "now": NOW}
    assert refused(actions.commit_round, **{**values, "count": 0}) == "count_wrong"
    assert refused(actions.commit_round, **{**values, "count": 201}) == "count_wrong"
    assert refused(actions.commit_round, **{**values, "draws_at": NOW}) == "draws_at_passed"
    assert refused(actions.commit_round, **{**values, "by": make_user()}) == "not_administrator"
    row = actions.commit_round(**values)
    assert refused(actions.draw_round, round=row, by=admin, now=NOW + HOUR) == "nobody_to_check"
    make_firm()
    assert refused(actions.draw_round, round=row, by=make_user(), now=NOW + HOUR) == "not_administrator"
    assert actions.draw_round(round=row, by=admin, now=NOW + HOUR).checks.count() == 1
    assert refused(actions.draw_round, round=row, by=admin, now=NOW + HOUR) == "already_drawn"


@pytest.mark.django_db
def test_a_seed_that_the_safe_lost_is_said(settings, tmp_path):
    row, _firms, admin = committed()
    settings.SAFE_DIR = tmp_path / "another"
    assert refused(actions.draw_round, round=row, by=admin, now=NOW + HOUR) == "seed_missing"
    row.refresh_from_db()
    assert row.fixed_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(("source", "target"), [pair for pair in SPOT_CHECK.pairs() if pair[1] != "pending"])
def test_spot_check_pairs(source, target):
    row, _firms, admin = drawn(count=1, firms=1)
    check = row.checks.get()
    SpotCheck.objects.filter(pk=check.pk).update(status=source)
    verb = {"passed": actions.pass_spot_check, "failed": actions.fail_spot_check}[target]
    values = {"check": check, "findings": "核对证书原件", "by": admin, "now": NOW}
    if SPOT_CHECK.allows(source, target):
        assert verb(**values).status == target
    else:
        assert refused(verb, **values) == "state_conflict"


@pytest.mark.django_db
def test_what_is_found_may_suspend_the_firm():
    row, firms, admin = drawn(count=2, firms=2)
    first, second = row.checks.order_by("pk")
    assert refused(actions.pass_spot_check, check=first, findings="好", by=admin, now=NOW) == "findings_needed"
    assert (
        refused(actions.pass_spot_check, check=first, findings="核对原件", by=make_user(), now=NOW)
        == "not_administrator"
    )
    actions.pass_spot_check(check=first, findings="核对原件，一致", by=admin, now=NOW)
    actions.fail_spot_check(check=second, findings="在册人员已离职", suspend=True, by=admin, now=NOW)
    first.organization.refresh_from_db()
    second.organization.refresh_from_db()
    assert (first.organization.status, second.organization.status) == ("active", "suspended")
    assert all(whole(firm) for firm in firms)


# Pages


@pytest.mark.django_db
def test_the_public_reads_the_proof(client):
    assert "还没有抽查" in text(client.get(reverse("parties:spot_checks")))
    row, _firms, admin = committed()
    page = text(client.get(row.get_absolute_url()))
    assert row.commitment in page
    assert "谁也不知道" in page
    row = actions.draw_round(round=row, by=admin, now=NOW + HOUR)
    page = text(client.get(row.get_absolute_url()))
    assert "已重算，结果一致" in page
    assert row.seed in page
    proof = client.get(row.get_absolute_url(), {"format": "json"}).json()
    assert sampling.draw(bytes.fromhex(proof["seed"]), proof["population"], proof["count"]) == proof["drawn"]
    check = row.checks.first()
    actions.pass_spot_check(check=check, findings="核对原件，一致", by=admin, now=NOW)
    assert "核对原件，一致" in text(client.get(check.organization.get_absolute_url()))
    SpotCheckRound.objects.filter(pk=row.pk).update(seed="00" * 32)
    assert "重算的结果不一致" in text(client.get(row.get_absolute_url()))
