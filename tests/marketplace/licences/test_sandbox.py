"""The local library speaks its interface to whoever signs, shows itself to this machine alone, and stays out of production."""

import json
import secrets
import time

import httpx
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.template.loader import render_to_string
from django.utils import timezone

from marketplace.catalog.actions import load_catalog
from marketplace.catalog.models import ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.core.pdf import make_pdf
from marketplace.licences.identifiers import check_identifier
from marketplace.licences.sandbox import files
from marketplace.licences.sandbox.invented import newcomers, seed_newcomers
from marketplace.licences.sandbox.seeding import seed
from marketplace.licences.sandbox.store import MOVES, ControlRefused
from marketplace.licences.sandbox.types import REGISTRATIONS, types
from marketplace.licences.signing import answer_signature, request_signature
from marketplace.licences.states import Status
from marketplace.parties.models import Organization
from marketplace.parties.uscc import check_digit, check_uscc, kind_of
from tests.factories.licences import CODE, days_from_today, make_holder

KEY = "local-licence-library"


@pytest.fixture
def http(library):
    with httpx.Client(base_url=library.url, trust_env=False) as client:
        yield client


def signed(http, path, payload=None, *, key=KEY, at=None, nonce="", method="POST"):
    body = b"" if payload is None else json.dumps(payload).encode()
    moment, nonce = str(int(at or time.time())), nonce or secrets.token_hex(16)
    signature = request_signature(key, method=method, path=path, body=body, time=moment, nonce=nonce)
    headers = {"X-Time": moment, "X-Nonce": nonce, "X-Signature": signature}
    return http.request(method, path, content=body, headers=headers)


QUESTION = {"holder_code": CODE, "reason": "机构入驻核验"}


def test_an_answer_is_signed_for_its_request(library, http):
    library.issue(make_holder())
    response = signed(http, "/api/licences/list", QUESTION, nonce="a" * 32)
    assert response.status_code == 200
    assert len(response.json()["licences"]) == 3
    expected = answer_signature(KEY, status=200, body=response.content, nonce="a" * 32)
    assert response.headers["X-Signature"] == expected


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": "another"}, "signature_wrong"),
        ({"at": 1_000_000_000}, "time_wrong"),
        ({"nonce": "short"}, "signature_missing"),
    ],
)
def test_who_does_not_sign_as_agreed_is_told_nothing(library, http, changes, code):
    library.issue(make_holder())
    response = signed(http, "/api/licences/list", QUESTION, **changes)
    assert (response.status_code, response.json()["code"]) == (401, code)
    assert http.get("/changes?after=0").status_code == 401
    assert not library.library.store.readings()


def test_a_request_that_was_overheard_is_not_answered_again(http):
    assert signed(http, "/api/licences/list", QUESTION, nonce="a" * 32).status_code == 200
    again = signed(http, "/api/licences/list", QUESTION, nonce="a" * 32)
    assert (again.status_code, again.json()["code"]) == (401, "nonce_used")


@pytest.mark.parametrize(
    ("path", "payload", "status", "code"),
    [
        ("/api/licences/list", {"holder_code": CODE}, 400, "reason_missing"),
        ("/api/licences/list", {"holder_code": CODE, "reason": " "}, 400, "reason_missing"),
        ("/api/licences/list", {"reason": "核验"}, 400, "subject_missing"),
        ("/api/licences/list", ["核验"], 400, "subject_missing"),
        ("/api/licences/verify", {"identifier": "1.2.3", "reason": "核验"}, 400, "identifier_root"),
        ("/api/licences/steal", QUESTION, 404, "path_unknown"),
    ],
)
def test_what_is_not_as_agreed_is_refused(http, path, payload, status, code):
    response = signed(http, path, payload)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_the_feed_wants_a_number(http):
    response = signed(http, "/changes?after=x", method="GET")
    assert (response.status_code, response.json()["code"]) == (400, "cursor_wrong")


def test_all_pairs_of_states(library):
    """What an authority may do to a licence is what MOVES says; expired is made by a day, not by a move."""
    store, today = library.library.store, timezone.localdate()
    for source in (Status.VALID, Status.SUSPENDED, Status.CANCELLED, Status.EXPIRED):
        for target in Status.values:
            identifier = library.issue(make_holder(code=f"{source}{target}", practitioners=()))[1]
            if source == Status.EXPIRED:
                store.end_on(identifier, days_from_today(-1), today=today)
            elif source != Status.VALID:
                store.move(identifier, source, today=today)
            if target in MOVES[source]:
                store.move(identifier, target, today=today)
                assert store.licence(identifier, today)["status"] == target
            else:
                with pytest.raises(ControlRefused):
                    store.move(identifier, target, today=today)


def test_the_stamp_names_reason_organization_and_day(library, monkeypatch):
    drawn = []

    def draw(page, style, words):
        drawn.append(render_to_string(page, dict(words)))
        return make_pdf(page, style, words)

    monkeypatch.setattr(files, "make_pdf", draw)
    library.issue(make_holder())
    licence = library.library.store.licences_of(CODE, timezone.localdate())[1]
    question = {"reason": "核验测绘资质", "reference": "ZZ000000007", "organization_name": "虚构测绘有限公司"}
    assert files.draw(licence, question, timezone.now()).startswith(b"%PDF-")
    day = timezone.localdate()
    for words in (
        "核验测绘资质",
        "ZZ000000007",
        "虚构测绘有限公司",
        f"{day.year}年{day.month}月{day.day}日",
        "甲级",
        licence["identifier"],
    ):
        assert words in drawn[0]


def test_the_page_finds_and_operates(library, http):
    _registration, identifier, _person = library.issue(make_holder())
    page = http.get("/", params={"q": "虚构测绘"})
    assert page.status_code == 200
    assert identifier in page.text
    one = http.get(f"/licences/{identifier}")
    assert "暂扣" in one.text
    assert "有效" in one.text
    done = http.post("/control", data={"do": "cancel", "identifier": identifier})
    assert (done.status_code, done.headers["Location"]) == (302, f"/licences/{identifier}")
    assert "已注销" in http.get(f"/licences/{identifier}").text
    refused = http.post("/control", data={"do": "resume", "identifier": identifier})
    assert refused.status_code == 422
    assert "现在已注销，不能改为有效" in refused.text


def test_a_wrong_day_is_said_on_the_licence_s_own_page(library, http):
    identifier = library.issue(make_holder())[1]
    typed = {"do": "renew", "identifier": identifier, "valid_until": days_from_today(-3).isoformat()}
    refused = http.post("/control", data=typed)
    assert refused.status_code == 422
    assert "延续后的有效期不能早于今天" in refused.text
    assert f'value="{typed["valid_until"]}"' in refused.text
    assert identifier in refused.text
    assert http.post("/control", data={**typed, "do": "end"}).status_code == 302
    assert "已过期" in http.get(f"/licences/{identifier}").text


def test_the_page_issues_and_keeps_what_was_typed(library, http):
    typed = {"do": "issue", "kind": "surveying", "holder_code": CODE, "holder_name": "虚构<测绘>", "grade": "乙级"}
    done = http.post("/control", data=typed)
    assert check_identifier(done.headers["Location"].removeprefix("/licences/"))
    assert "虚构&lt;测绘&gt;" in http.get(done.headers["Location"]).text
    refused = http.post("/control", data={**typed, "valid_until": "明年"})
    assert refused.status_code == 422
    assert "日期 明年" in refused.text
    assert 'value="虚构&lt;测绘&gt;"' in refused.text


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        ("enterprise", {"legal_representative": "温如玉"}, ("legal_representative", "温如玉")),
        ("cma", {"scope": "水质"}, ("scope", "水质")),
        ("survey-engineer", {"registered_code": CODE, "registered_at": "虚构"}, ("registered_code", CODE)),
    ],
)
def test_tests_operate_it_by_json(http, kind, more, field):
    words = {"do": "issue", "kind": kind, "holder_code": "X1", "holder_name": "名", **more}
    made = http.post("/control", json=words).json()["identifier"]
    licence = signed(http, "/api/licences/verify", {"identifier": made, "reason": "核验"}).json()["licence"]
    assert licence["fields"][field[0]] == field[1]
    assert http.post("/control", json={"do": "fault", "name": "fail", "times": 1}).json() == {}
    assert signed(http, "/changes?after=0", method="GET").status_code == 503
    http.post("/control", json={"do": "fault", "name": "fail"})
    assert [signed(http, "/changes?after=0", method="GET").status_code for _turn in range(3)] == [503] * 3
    assert http.post("/control", json={"do": "off"}).json() == {}
    assert signed(http, "/changes?after=0", method="GET").status_code == 200


@pytest.mark.parametrize(
    "words",
    [
        {"do": "nothing"},
        {"do": "cancel", "identifier": "1.2.3"},
        {"do": "issue", "kind": "unheard-of"},
        {"do": "issue", "kind": "cma"},
        {"do": "fault", "name": "fire"},
        {"do": "fault", "name": "slow"},
        {"do": "fault", "name": "slow", "seconds": "long"},
        {"do": "fault", "name": "fail", "times": -1},
        {"do": "fault", "name": "fail", "times": 0},
        {"do": "fault", "name": "fail", "seconds": "nan", "times": "1.5"},
        {"do": "fault", "name": "nonsense", "kind": "poem"},
        ["cancel"],
    ],
)
def test_what_it_cannot_do_it_says(http, words):
    response = http.post("/control", json=words)
    assert response.status_code == 422
    assert response.json()["message"].endswith("。")


def test_only_this_machine_and_its_own_pages_operate_it(http):
    assert http.post("/control", json={"do": "off"}, headers={"Origin": "http://evil.example"}).status_code == 403
    assert http.get("/", headers={"Host": "evil.example"}).status_code == 403
    own = str(http.base_url).rstrip("/")
    assert http.post("/control", json={"do": "off"}, headers={"Origin": own}).status_code == 200


def test_it_never_runs_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="never runs in production"):
        call_command("licence_sandbox")


def test_seeding_twice_issues_once(library):
    store, today = library.library.store, timezone.localdate()
    assert seed(store, [make_holder()], today=today) == 3
    assert seed(store, [make_holder()], today=today) == 0


def test_newcomers_have_right_codes_and_keep_what_people_did(library):
    store, today = library.library.store, timezone.localdate()
    assert seed_newcomers(store, today=today) > len(newcomers())
    states = set()
    for newcomer in newcomers():
        assert check_uscc(newcomer.code) == newcomer.code
        assert "（演示）" in newcomer.name
        registration, *rest = store.licences_of(newcomer.code, today)
        assert registration["fields"]["kind"] == kind_of(newcomer.code)
        states |= {row["status"] for row in rest}
    assert states == set(Status.values)
    suspended = next(row for row in store.find("消防", today) if row["status"] == "suspended")
    store.move(suspended["identifier"], Status.VALID, today=today)
    assert seed_newcomers(store, today=today) == 0
    assert store.licence(suspended["identifier"], today)["status"] == "valid"


def test_types_have_the_standard_s_shape_and_cover_every_form_of_organization():
    codes = [kind.type_code for kind in types().values()]
    assert len(set(codes)) == len(codes)
    for kind in types().values():
        assert (kind.type_code[17], len(kind.type_code)) == (check_digit(kind.type_code[:17]), 21)
        assert kind.issuer_code[17] == check_digit(kind.issuer_code[:17])
    assert set(Organization.Kind.values) - {"person"} == REGISTRATIONS


@pytest.mark.django_db
def test_every_kind_that_a_service_asks_for_can_be_issued():
    load_catalog(now=timezone.now())
    asked = kinds_for(ServiceCategory.objects.all()).values()
    in_force = {kind.code for kind in asked if kind.abolished_on is None}
    assert len(in_force) > 20
    assert not in_force - set(types())
