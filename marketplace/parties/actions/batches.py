"""Batch entry: an association lists its firms; each is looked up, entered on its own, and asked to confirm its letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.accounts.actions import clean_phone
from marketplace.accounts.models import User
from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core.events import record
from marketplace.core.files import sha256_of
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused

from ..found import Answer, Found
from ..models import EntryBatch, EntryBatchRow, Organization
from ..rules import is_administrator, may_enter_batch
from ..spreadsheets import read_table
from ..states import ENTRY_BATCH, ENTRY_BATCH_ROW, EntryBatchRowStatus, EntryBatchStatus
from ..uscc import check_uscc, kind_of, normalise
from .lookup import look_up
from .opening import check_name, checked_values, create_organization

MOST_ROWS = 10_000
REASON = "协会批量登记，核对主体和资质信息"
INVITATION = "entry-invitation"
INVITATION_DAYS = 60
# The columns of the list, by the name under which a row keeps them; the first five are needed.
COLUMNS = {
    "uscc": gettext_lazy("统一社会信用代码"),
    "name": gettext_lazy("机构名称"),
    "contact_name": gettext_lazy("联系人"),
    "phone": gettext_lazy("联系电话"),
    "services": gettext_lazy("承接的服务"),
    "email": gettext_lazy("电子邮箱"),
    "region": gettext_lazy("所在地"),
    "address": gettext_lazy("地址"),
    "legal_representative": gettext_lazy("法定代表人"),
}
NEEDED = ("uscc", "name", "contact_name", "phone", "services")
HEADINGS = {  # the list is Chinese whatever language the page has
    "uscc": "统一社会信用代码",
    "name": "机构名称",
    "contact_name": "联系人",
    "phone": "联系电话",
    "services": "承接的服务",
    "email": "电子邮箱",
    "region": "所在地",
    "address": "地址",
    "legal_representative": "法定代表人",
}


@transaction.atomic
def read_batch(*, association: str, file: Any, by: User, now: datetime) -> EntryBatch:
    """Read a list (xlsx or csv, at most MOST_ROWS rows) and check every row; nothing is entered before `run_batch`.

    Refuses: not_yours (403), association_missing, file_*, columns_missing, rows_missing, too_many_rows.
    """
    if not may_enter_batch(by):
        raise Forbidden("not_yours", _("批量登记供协会、园区等单位使用，请先登记您的单位。"))
    association = " ".join(association.split())
    if not 2 <= len(association) <= 120:
        raise Invalid("association_missing", _("请填写协会或园区的名称。"), field="association")
    names = {heading: key for key, heading in HEADINGS.items()}
    table = read_table(file, columns=list(names), needed=[HEADINGS[key] for key in NEEDED], most=MOST_ROWS)
    batch = EntryBatch.objects.create(
        user=by,
        association=association,
        file_name=str(file.name)[-120:],
        sha256=sha256_of(file),
        created_at=now,
    )
    checked = _Checker([row for _number, row in table])
    rows = []
    for number, line in table:
        values, problems = checked.row({names[heading]: text for heading, text in line.items()})
        status = EntryBatchRowStatus.WRONG if problems else EntryBatchRowStatus.READY
        rows.append(EntryBatchRow(batch=batch, number=number, values=values, problems=problems, status=status))
    EntryBatchRow.objects.bulk_create(rows, batch_size=500)
    return batch


@transaction.atomic
def run_batch(*, batch: EntryBatch, by: Any, now: datetime) -> EntryBatch:
    """Begin to enter the rows without problems; the worker goes through them. Refuses: not_yours, rows_missing, state_conflict."""
    batch = lock(batch)
    _check_owner(batch, by)
    ENTRY_BATCH.check(batch.status, EntryBatchStatus.RUNNING)
    if not batch.rows.filter(status=EntryBatchRowStatus.READY).exists():
        raise Invalid("rows_missing", _("没有可以办理的行，请改正后重新上传。"))
    batch.status = EntryBatchStatus.RUNNING
    batch.save(update_fields=["status"])
    return batch


@transaction.atomic
def discard_batch(*, batch: EntryBatch, by: Any) -> EntryBatch:
    """Give a list up before it runs. Refuses: not_yours (403), state_conflict."""
    batch = lock(batch)
    _check_owner(batch, by)
    ENTRY_BATCH.check(batch.status, EntryBatchStatus.DISCARDED)
    batch.status = EntryBatchStatus.DISCARDED
    batch.save(update_fields=["status"])
    return batch


def run_rows(*, batch: EntryBatch, now: datetime, most: int = 50) -> int:
    """Enter up to `most` rows of a running list, each in its own transaction; return how many; at the end close it.

    The worker's part. A run that breaks off goes on where it was; several workers may run. A library that takes its time
    gets one question a round. Call it outside of transactions.
    """
    rows = list(batch.rows.filter(status=EntryBatchRowStatus.READY).order_by("number")[:most])
    done, is_down = 0, False
    for row in rows:
        found = Found(code=row.values["uscc"], answer=Answer.DOWN)
        if not is_down:  # one silence is enough a round; the firm is held against the library later
            found = look_up(code=row.values["uscc"], by=None, reason=REASON, now=now)
        is_down = found.answer == Answer.DOWN
        done += _run_row(row, found, now)
        if found.is_slow and not is_down:
            break
    with transaction.atomic():
        batch = lock(batch)
        left = batch.rows.filter(status=EntryBatchRowStatus.READY).exists()
        if batch.status == EntryBatchStatus.RUNNING and not left:
            batch.status, batch.finished_at = EntryBatchStatus.DONE, now
            batch.save(update_fields=["status", "finished_at"])
    return done


def invitation(row: EntryBatchRow) -> str:
    """Return the signed word by which the contact of a listed firm comes to confirm it."""
    return signing.dumps(row.pk, salt=INVITATION)


def invited(word: str) -> EntryBatchRow:
    """Return the row that an invitation is for. Refuses: invitation_invalid, already_confirmed."""
    try:
        key = signing.loads(word, salt=INVITATION, max_age=INVITATION_DAYS * 24 * 3600)
        row = EntryBatchRow.objects.select_related("organization", "batch").get(pk=key)
    except (signing.BadSignature, EntryBatchRow.DoesNotExist) as wrong:
        message = _("这个邀请链接无效或者已过期。您可以直接填写统一社会信用代码办理入驻。")
        raise Refused("invitation_invalid", message, status=404) from wrong
    if row.status != EntryBatchRowStatus.ENTERED:
        raise Refused("already_confirmed", _("这家机构已经确认入驻，请直接登录。"))
    return row


def _run_row(row: EntryBatchRow, found: Found, now: datetime) -> bool:
    with transaction.atomic():
        row = lock(row)
        if row.status != EntryBatchRowStatus.READY:  # another worker was faster
            return False
        try:
            with transaction.atomic():
                row.organization = _list_firm(dict(row.values), found, now)
        except (Refused, IntegrityError) as refused:
            words = str(refused.message) if isinstance(refused, Refused) else _("这个代码刚刚已经登记。")
            _close(row, EntryBatchRowStatus.WRONG, now, [[getattr(refused, "field", None) or "uscc", words]])
            return True
        _close(row, EntryBatchRowStatus.ENTERED, now, [])
        record(
            row.organization.process,
            "organization_listed",
            by=row.batch.user,
            organization=row.organization,
            now=now,
            subject=row,
            data={
                "association": row.batch.association,
                "batch": row.batch_id,
                "row": row.number,
                "uscc": row.values["uscc"],
                "services": row.values["services"],
            },
        )
    return True


def _close(row: EntryBatchRow, status: str, now: datetime, problems: list[list[str]]) -> None:
    ENTRY_BATCH_ROW.check(row.status, status)
    row.status, row.done_at, row.problems = status, now, problems
    row.save()


def _list_firm(values: dict[str, Any], found: Found, now: datetime) -> Organization:
    """Write the firm as listed: it takes no business and stands in no list before its own people sign the letter."""
    code = values.pop("uscc")
    del values["services"]  # they are offered when the letter is signed
    if Organization.objects.filter(uscc=code).exists():
        raise Invalid("already_entered", _("这个代码刚刚已经登记。"), field="uscc")
    region = Region.objects.filter(code=values.pop("region", "")).first()
    fields = checked_values({**values, "region": region, "kind": kind_of(code)}, role="intermediary", found=found)
    return create_organization(role="intermediary", code=code, owner=0, now=now, values=fields)


def _check_owner(batch: EntryBatch, by: Any) -> None:
    if not (getattr(by, "pk", None) == batch.user_id or is_administrator(by)):
        raise Forbidden("not_yours", _("这份名单是别人上传的。"))


class _Checker:
    """Check rows against the catalogue and the codes entered so far, read once for the whole list."""

    def __init__(self, table: Iterable[Mapping[str, str]]) -> None:
        self.services = {}
        for service in ServiceCategory.objects.open():
            self.services[service.code.upper()] = self.services[service.name] = service.code
        self.regions = {}
        for region in Region.objects.exclude(level=Region.Level.PROVINCE):
            self.regions[region.code] = self.regions[region.name] = region.code
        codes = {normalise(row.get(HEADINGS["uscc"], "")) for row in table}
        self.entered = _entered(codes)
        self.seen: dict[str, int] = {}
        self.asked: dict[str, list[str]] = {}
        self.count = 0

    def row(self, line: Mapping[str, str]) -> tuple[dict[str, Any], list[list[str]]]:
        """Return a row's values in normal form, and its problems as [column, sentence]."""
        self.count += 1
        values: dict[str, Any] = {key: line.get(key, "") for key in COLUMNS}
        problems: list[list[str]] = []
        for key, check in (("uscc", self._code), ("name", check_name), ("phone", clean_phone)):
            try:
                values[key] = check(values[key])
            except Refused as refused:
                problems.append([key, str(refused.message)])
        if not values["contact_name"]:
            problems.append(["contact_name", _("请填写联系人姓名。")])
        if values["email"]:
            try:
                validate_email(values["email"])
            except ValidationError:
                problems.append(["email", _("邮箱地址不完整，例如 name@example.com。")])
        for key, most in (("contact_name", 60), ("legal_representative", 60), ("address", 200), ("email", 254)):
            if len(values[key]) > most:
                problems.append([key, _("最多 %(most)d 个字。") % {"most": most}])
        values["services"] = self._services(values["services"], problems)
        if values["region"]:
            region = self.regions.get(values["region"])
            if region is None:
                words = _("没有“%(region)s”这个所在地；市外的机构不填。") % {"region": values["region"]}
                problems.append(["region", words])
            values["region"] = region or values["region"]
        return values, problems

    def _code(self, text: str) -> str:
        code = check_uscc(text)
        if code in self.entered:
            raise Invalid("already_entered", _("这个代码已经登记。"), field="uscc")
        if before := self.seen.get(code):
            raise Invalid("twice", _("与前面第 %(number)d 家重复。") % {"number": before}, field="uscc")
        self.seen[code] = self.count
        return code

    def _services(self, text: str, problems: list[list[str]]) -> list[str]:
        words = [word.strip() for word in re.split(r"[、，,;；/\n]", text) if word.strip()]
        if not words:
            problems.append(["services", _("请填写至少一项服务的名称或编码，用顿号分开。")])
        found = set()
        for word in words:
            names = self._named(word)
            if len(names) == 1:
                found.add(self.services[names[0]])
            elif names:
                several = {"word": word, "names": "、".join(names[:5])}
                problems.append(["services", _("“%(word)s”有几项，请写全称：%(names)s。") % several])
            else:
                problems.append(["services", _("目录里没有“%(word)s”。") % {"word": word}])
        return sorted(found)

    def _named(self, word: str) -> list[str]:
        """Return the name or code that a word is, else the names that contain it."""
        if word not in self.asked:
            exact = [one for one in (word, word.upper()) if one in self.services][:1]
            self.asked[word] = exact or [name for name in self.services if len(word) > 1 and word in name]
        return self.asked[word]


def _entered(codes: set[str]) -> set[str]:
    """Return those of the codes that are entered already, asked a thousand at a time."""
    wanted, found = sorted(codes), set[str]()
    for start in range(0, len(wanted), 1000):
        rows = Organization.objects.filter(uscc__in=wanted[start : start + 1000])
        found |= {str(code) for code in rows.values_list("uscc", flat=True)}
    return found
