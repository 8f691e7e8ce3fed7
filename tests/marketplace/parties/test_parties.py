from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from marketplace.accounts.models import Message
from marketplace.core import clock
from marketplace.core.models import Event, Process
from marketplace.core.refusals import Refused
from marketplace.parties import actions, rules
from marketplace.parties.commitment import commitment_hash
from marketplace.parties.handlers import end_expired, remind_of_expiry, sweep_entry_files
from marketplace.parties.models import Organization, Qualification
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_kind, make_region, make_service
from tests.factories.parties import make_buyer, make_firm, make_qualification, next_uscc, pass_notices
from tests.marketplace.parties.conftest import NOW, names, refused, whole

pytestmark = pytest.mark.django_db


# Entry


def test_a_firm_is_in_and_live_at_once_where_nothing_is_asked():
    user = make_user()
    firm = make_firm(user=user, name="鹰潭试验咨询有限公司", uscc=next_uscc().lower())
    assert firm.uscc == firm.uscc.upper()
    assert [one.status for one in firm.offerings.all()] == ["live"]
    assert firm.commitment_hash == commitment_hash(firm.name, firm.uscc)
    assert firm.memberships.get().user == user
    assert names(firm) == ["organization_entered", "offering_added"]
    assert Message.objects.filter(user=user).count() == 1
    assert whole(firm)


def test_a_service_with_a_requirement_waits_for_the_check():
    service = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    firm = make_firm(services=[service, make_service()], qualified=False)
    assert sorted(firm.offerings.values_list("status", flat=True)) == ["checking", "live"]
    assert "正在核验" in rules.unmet(firm, service)
    actions.confirm_qualification(qualification=firm.qualifications.get(), by=make_admin(), now=NOW)
    assert rules.unmet(firm, service).startswith("正在公示")
    pass_notices(firm)
    assert rules.unmet(firm, service) == ""
    assert set(firm.offerings.values_list("status", flat=True)) == {"live"}
    assert {"publicity_opened", "publicity_passed", "offering_opened"} < set(names(firm))
    assert firm.qualifications.get().origin == "checked"
    assert whole(firm)


def test_a_firm_from_anywhere_and_under_any_code_enters():
    assert make_firm(region=None).region is None
    assert make_firm(region=make_region()).region is not None
    assert make_firm(uscc=next_uscc("N2360681"), kind="cooperative").uscc.startswith("N2")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"committed": False}, "not_committed"),
        ({"uscc": "913606"}, "uscc_length"),
        ({"uscc": "91110108551385082R"}, "uscc_check_digit"),
        ({"name": " "}, "name_missing"),
        ({"name": "长" * 121}, "name_long"),
        ({"kind": "person"}, "kind_invalid"),
        ({"kind": "nonsense"}, "kind_invalid"),
        ({"phone": "12"}, "phone_invalid"),
        ({"contact_name": ""}, "contact_name_missing"),
        ({"qualifications": [{"kind": "nothing", "number": "1"}]}, "kind_unknown"),
    ],
)
def test_entry_is_refused_and_nothing_stays(values, code):
    assert refused(make_firm, **values) == code
    assert not Organization.objects.exists()
    assert not Process.objects.exists()


def test_entry_without_services_is_refused():
    user = make_user()
    values = {"kind": "enterprise", "region": None, "contact_name": "李四", "phone": "13900000000"}
    code = refused(
        actions.enter_firm,
        user=user,
        uscc=next_uscc(),
        name="试验公司",
        services=[],
        committed=True,
        by=user,
        now=NOW,
        **values,
    )
    assert code == "services_missing"


def test_a_firm_without_the_certificate_is_refused_with_the_reason():
    make_kind(code="surveying", name="测绘资质")
    service = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    with pytest.raises(Refused) as caught:
        make_firm(services=[service], qualifications=[])
    assert caught.value.code == "not_qualified"
    assert "缺少：测绘资质 乙级及以上" in str(caught.value)
    assert not Organization.objects.exists()


def test_a_code_twice_says_whom_to_ask():
    firm = make_firm(contact_name="赵敏", phone="13912345678")
    with pytest.raises(Refused) as caught:
        make_firm(uscc=firm.uscc)
    assert caught.value.code == "already_entered"
    assert "赵**" in str(caught.value)
    assert "5678" in str(caught.value)
    assert "13912345678" not in str(caught.value)


def test_an_owner_takes_the_second_role_under_the_same_code():
    user = make_user()
    buyer = make_buyer(user=user)
    firm = make_firm(user=user, uscc=buyer.uscc)
    assert firm.pk == buyer.pk
    assert firm.is_buyer
    assert firm.is_intermediary
    assert refused(make_firm, user=user, uscc=buyer.uscc) == "already_entered"


def test_a_removed_firm_does_not_come_back_by_itself():
    firm = make_firm()
    actions.remove_organization(organization=firm, reason="出具虚假报告", by=make_admin(), now=NOW)
    assert refused(make_firm, uscc=firm.uscc) == "barred"


def test_a_natural_person_is_an_owner_without_code_and_in_private():
    user = make_user()
    person = make_buyer(user=user, kind="person", name="孙晓明")
    assert person.uscc is None
    assert person.public_name == "孙**"
    event = Event.objects.get(process=person.process)
    assert event.visibility == "parties"
    assert "孙晓明" not in str(event.data) + person.process.title
    assert refused(make_buyer, user=user, kind="person") == "already_entered"


def test_nobody_enters_for_somebody_else():
    assert refused(make_firm, by=make_user()) == "not_yours"
    assert make_firm(by=make_admin()).is_intermediary


# Qualifications and offers


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"grade": ""}, "grade_missing"),
        ({"grade": "丙级"}, "grade_unknown"),
        ({"number": " "}, "number_missing"),
        ({"number": "9" * 61}, "number_long"),
        ({"valid_until": timezone.localdate() - timedelta(days=1)}, "expired"),
        ({"file": SimpleUploadedFile("certificate.pdf", b"not a pdf")}, "file_content"),
        ({"file": SimpleUploadedFile("certificate.exe", b"MZ")}, "file_kind"),
        ({"file": SimpleUploadedFile("certificate.pdf", b"")}, "file_empty"),
    ],
)
def test_certificates_are_refused_in_words(values, code):
    firm = make_firm()
    assert refused(make_qualification, organization=firm, **values) == code
    assert not firm.qualifications.exists()


def test_a_scan_is_kept_with_its_hash(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    scan = SimpleUploadedFile("证书.pdf", b"%PDF-1.7 scan")
    row = make_qualification(file=scan)
    assert len(row.sha256) == 64
    with row.file.open() as kept:
        assert kept.read() == b"%PDF-1.7 scan"


def test_a_number_belongs_to_one_firm_and_may_be_declared_again_after_a_refusal():
    kind = make_kind()
    row = make_qualification(kind=kind, number="甲-1", confirmed=False)
    assert refused(make_qualification, kind=kind, number="甲-1") == "number_taken"
    actions.refuse_qualification(qualification=row, note="编号与证书不符", by=make_admin(), now=NOW)
    again = make_qualification(organization=row.organization, kind=kind, number="甲-1")
    assert again.status == "valid"
    assert Qualification.objects.get(pk=row.pk).status == "refused"


def test_a_refusal_suspends_what_waited_and_a_new_certificate_revives_it():
    service = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    firm = make_firm(services=[service], qualified=False)
    actions.refuse_qualification(qualification=firm.qualifications.get(), note="证书已吊销", by=make_admin(), now=NOW)
    assert firm.offerings.get().status == "suspended"
    told = Message.objects.get(user=firm.memberships.get().user, key__startswith="qualification")
    assert "证书已吊销" in told.body
    row = make_qualification(organization=firm, kind="surveying", confirmed=False)
    assert firm.offerings.get().status == "checking"
    actions.confirm_qualification(qualification=row, by=make_admin(), now=NOW)
    assert firm.offerings.get().status == "announced"
    pass_notices(firm)
    assert firm.offerings.get().status == "live"
    assert whole(firm)


def test_the_worker_ends_what_has_expired_and_reminds_once():
    service = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    last = timezone.localdate() + timedelta(days=10)
    given = [{"kind": "surveying", "grade": "乙级", "number": "乙-7", "valid_until": last}]
    firm = make_firm(services=[service], qualifications=given)
    assert end_expired(NOW) == 0
    assert remind_of_expiry(NOW) == 1
    assert remind_of_expiry(NOW + timedelta(minutes=1)) == 0
    later = NOW + timedelta(days=11)
    assert end_expired(later) == 1
    assert end_expired(later) == 0
    assert firm.qualifications.get().status == "ended"
    assert firm.offerings.get().status == "suspended"


def test_scans_of_unfinished_entries_go_after_two_days(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    assert sweep_entry_files(NOW) == 0
    default_storage.save("entry/a.pdf", SimpleUploadedFile("a.pdf", b"%PDF-"))
    cache.clear()
    assert sweep_entry_files(clock.now()) == 0
    assert sweep_entry_files(clock.now() + timedelta(days=3)) == 0  # looked at within this hour already
    cache.clear()
    assert sweep_entry_files(clock.now() + timedelta(days=3)) == 1
    assert not default_storage.exists("entry/a.pdf")
