"""What was typed while the library was silent is held against it later; letters are kept as PDF."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import Message
from marketplace.core import clock
from marketplace.core.events import deliver_pending
from marketplace.core.pdf import has_chinese_font
from marketplace.core.worker import run_round
from marketplace.parties.actions import confirm_qualification
from marketplace.parties.actions.drafts import keep_file, save_draft
from marketplace.parties.actions.letters import keep_letter
from marketplace.parties.handlers.entries import check_later, keep_letters, sweep_entry_files
from marketplace.parties.models import EntryDraft, Organization, Qualification
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_kind, make_region, make_service
from tests.factories.licences import make_certificate, make_holder
from tests.factories.parties import make_buyer, make_firm, next_uscc
from tests.marketplace.parties.conftest import names, refused, whole

pytestmark = pytest.mark.django_db
NOW = clock.now()


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def entered(**given):
    """Let a firm in by hand, with a certificate that it declares."""
    kind = make_kind(code="surveying", grades=["甲级", "乙级"])
    make_kind(code="survey-engineer", grades=[])
    values = {
        "name": "虚构测绘有限公司",
        "services": [make_service(requirement={"kind": "surveying", "grade": "乙级"})],
        "qualifications": [{"kind": kind, "grade": "乙级", "scope": "", "number": "甲测资字 3600001"}],
    }
    return make_firm(qualified=False, **{**values, **given})


def test_what_agrees_is_from_the_authority(library):
    make_region(code="360602")
    firm = entered(name="虚构测绘（有限公司）".replace("（", "").replace("）", ""))
    assert (firm.origins, firm.licence_read_at) == ({}, None)
    library.issue(make_holder(code=firm.uscc))
    assert check_later(NOW) == 1
    firm.refresh_from_db()
    assert firm.licence_read_at == NOW
    assert firm.licence_identifier
    assert set(firm.origins) == {"name", "kind", "region", "address", "legal_representative"}
    assert (firm.address, firm.region.code) == ("鹰潭市月湖区虚构路 1 号", "360602")
    row = Qualification.objects.get()
    assert (row.status, row.origin, row.grade, row.read_at) == ("valid", "authority", "甲级", NOW)
    assert row.identifier
    assert firm.practitioners.get().name == "温若川"
    assert "licence_compared" in names(firm)
    assert whole(firm)
    assert check_later(NOW) == 0


def test_what_a_department_has_checked_before_is_from_the_authority_too(library):
    firm = entered()
    confirm_qualification(qualification=firm.qualifications.get(), by=make_admin(), now=NOW)
    library.issue(make_holder(code=firm.uscc))
    assert check_later(NOW) == 1
    row = Qualification.objects.get()
    assert (row.status, row.origin, row.grade) == ("valid", "authority", "甲级")
    assert whole(firm)


def test_a_number_that_the_library_gave_to_two_firms_holds_nobody_up(library):
    first = entered()
    second = make_firm(qualified=False, uscc=next_uscc(), services=[first.offerings.get().service])
    for firm in (first, second):
        library.issue(make_holder(code=firm.uscc, practitioners=()))
    assert check_later(NOW) == 2
    assert Qualification.objects.get(number="甲测资字 3600001").organization == first  # who was read first
    second.refresh_from_db()
    assert second.licence_read_at == NOW
    assert second.offerings.get().status == "checking"  # its own certificate is still looked at
    assert whole(second)


def test_a_contradiction_stays_and_is_told_to_both_sides(library):
    staff, firm = make_admin(), entered(name="别的测绘有限公司", legal_representative="别人")
    library.issue(make_holder(code=firm.uscc, certificates=(), practitioners=()))
    check_later(NOW)
    deliver_pending(clock.now())
    firm.refresh_from_db()
    assert (firm.name, firm.legal_representative) == ("别的测绘有限公司", "别人")
    assert "name" not in firm.origins
    assert firm.origins["kind"] == "authority"
    for user in (staff, firm.memberships.get().user):
        message = Message.objects.get(user=user, title__contains="不一致")
        assert "填写的是“别的测绘有限公司”，证照库是“虚构测绘有限公司”" in message.body
    assert Qualification.objects.get().status == "declared"


def test_a_firm_that_the_library_lacks_is_asked_about_once(library):
    firm = entered()
    assert check_later(NOW) == 1
    firm.refresh_from_db()
    assert (firm.licence_read_at, firm.licence_identifier, firm.origins) == (NOW, "", {})
    assert check_later(NOW) == 0


def test_a_silent_library_is_left_alone_for_a_while(library):
    entered()
    make_buyer()
    library.act("fault", name="fail")
    assert check_later(NOW) == 0
    library.act("off")
    assert check_later(NOW) == 0  # two minutes have not passed
    cache.delete("library-silent")
    assert check_later(NOW) == 2


def test_without_a_library_nothing_is_asked(settings):
    settings.LICENCE_LIBRARY_URL = ""
    firm = entered()
    assert check_later(NOW) == 0
    firm.refresh_from_db()
    assert firm.licence_read_at is None


def test_a_certificate_that_somebody_else_had_declared_goes_to_its_holder(library):
    false = entered()
    code = next_uscc()
    library.issue(make_holder(code=code, certificates=(make_certificate(),), practitioners=()))
    library.issue(make_holder(code=false.uscc, name="虚构测绘有限公司", certificates=(), practitioners=()))
    holder = make_firm(uscc=code, services=[make_service()])
    check_later(NOW)
    rows = {row.organization: row for row in Qualification.objects.all()}
    assert (rows[holder].status, rows[holder].origin) == ("valid", "authority")
    assert rows[false].status == "refused"
    assert holder.name in rows[false].note
    assert false.offerings.get().status == "suspended"
    assert whole(false)


# Letters


needs_font = pytest.mark.skipif(
    not has_chinese_font(), reason="No Chinese font is installed (on Debian: fonts-noto-cjk)."
)


@needs_font
def test_the_letter_is_made_once_and_kept(client):
    firm = make_firm()
    letter = firm.commitments.get()
    url = reverse("parties:letter", args=[letter.pk])
    client.force_login(firm.memberships.get().user)
    content = b"".join(client.get(url).streaming_content)
    assert content.startswith(b"%PDF-")
    letter.refresh_from_db()
    assert letter.file.name.startswith("commitments/")
    assert b"".join(client.get(url).streaming_content) == content
    assert keep_letter(commitment=letter, now=NOW).file.name == letter.file.name
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.get(url).status_code == 403


@needs_font
def test_the_worker_makes_letters_that_nobody_asked_for():
    firm = make_firm(now=NOW)
    assert keep_letters(NOW) == 0
    assert keep_letters(NOW + timedelta(minutes=2)) == 1
    assert firm.commitments.get().file
    assert keep_letters(NOW + timedelta(minutes=2)) == 0


def test_a_second_role_is_a_second_letter():
    buyer = make_buyer(kind="enterprise")
    user = buyer.memberships.get().user
    firm = make_firm(user=user, uscc=buyer.uscc)
    assert firm == buyer
    assert {row.role for row in firm.commitments.all()} == {"buyer", "intermediary"}
    for row in firm.commitments.all():
        assert row.text.split("\n")[1].startswith(firm.name)


# Drafts


def test_scans_of_a_draft_are_kept_and_others_swept(files):
    from django.core.files.uploadedfile import SimpleUploadedFile

    user = make_user()
    kept = keep_file(upload=SimpleUploadedFile("证书.pdf", b"%PDF-1.7 a"))
    lost = keep_file(upload=SimpleUploadedFile("证书.pdf", b"%PDF-1.7 b"))
    draft = save_draft(user=user, role="intermediary", values={"qualifications": {"surveying": kept}}, by=user, now=NOW)
    later = clock.now() + timedelta(days=3)
    assert sweep_entry_files(later) == 1
    assert default_storage.exists(kept["file"])
    assert not default_storage.exists(lost["file"])
    assert sweep_entry_files(later) == 0  # once an hour
    cache.clear()
    EntryDraft.objects.filter(pk=draft.pk).update(updated_at=NOW - timedelta(days=91))
    sweep_entry_files(later)
    assert not EntryDraft.objects.exists()
    assert refused(save_draft, user=user, role="buyer", values={}, by=make_user(), now=NOW) == "not_yours"


def test_a_round_of_the_worker_does_all_of_it(library):
    firm = entered()
    library.issue(make_holder(code=firm.uscc))
    done = run_round(NOW)
    assert done["library_checks"] == 1
    assert min(done.values()) >= 0
    assert Organization.objects.get().licence_read_at
