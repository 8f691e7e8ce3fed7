"""Codes of government service matters: what their signs mean and how long they really are (GB/T 39554.1-2020).

A code that nobody has given stays empty: none is ever made here.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from marketplace.core.refusals import Invalid
from marketplace.core.uscc import LENGTH as USCC_LENGTH
from marketplace.core.uscc import check_uscc, normalise

CATALOG_LENGTH = 12  # 基本编码: area 2, kind 2, department 2, main item 3, sub-item 3
TASK_LENGTH = USCC_LENGTH + 1 + CATALOG_LENGTH  # 实施编码: department, level, basic code
TASK_MAX = 36  # of the national exchange table; local codes of other layouts fit into it
HANDLE_LENGTH = TASK_LENGTH + 2  # 业务办理项编码: the implementing code and a number


def check_catalog_code(text: str, *, field: str = "catalog_code") -> str:
    """Return a basic code 基本编码 as 12 digits, "" for none. Refuses: catalog_code_form."""
    code = normalise(text)
    if code and not (len(code) == CATALOG_LENGTH and code.isascii() and code.isdigit()):
        raise Invalid(
            "catalog_code_form",
            _("基本编码是 12 位数字，“%(code)s”不是。") % {"code": text.strip()},
            field=field,
        )
    return code


def check_task_code(text: str, *, catalog_code: str = "", department_code: str = "", field: str = "task_code") -> str:
    """Return an implementing code 实施编码 in its normal form, "" for none.

    One of 31 signs is read as 18 (the department's 统一社会信用代码), 1 (level) and 12 (basic code), and each part is
    checked, against `catalog_code` and `department_code` too where those are known; other layouts have up to 36 letters
    and digits. Refuses: task_code_form, task_code_department, task_code_catalog.
    """
    code = normalise(text)
    if not code:
        return ""
    if len(code) > TASK_MAX or not (code.isascii() and code.isalnum()):
        raise Invalid(
            "task_code_form",
            _("实施编码最多 36 位，只有数字和字母；您填了 %(length)d 位。") % {"length": len(code)},
            field=field,
        )
    if len(code) != TASK_LENGTH:
        return code
    department, level, basic = code[:USCC_LENGTH], code[USCC_LENGTH], code[USCC_LENGTH + 1 :]
    try:
        check_uscc(department)
    except Invalid as wrong:
        raise Invalid(
            "task_code_department",
            _("31 位实施编码的前 18 位是实施主体的统一社会信用代码。%(why)s") % {"why": wrong.message},
            field=field,
        ) from wrong
    if not (level.isdigit() and basic.isdigit()):
        raise Invalid(
            "task_code_form",
            _("31 位实施编码的后 13 位是 1 位层级和 12 位基本编码，都是数字。"),
            field=field,
        )
    if department_code and department != department_code:
        raise Invalid("task_code_department", _("实施编码的前 18 位与实施主体编码不一致。"), field=field)
    if catalog_code and basic != catalog_code:
        raise Invalid("task_code_catalog", _("实施编码的后 12 位与基本编码不一致。"), field=field)
    return code


def check_handle_item(text: str, *, task_code: str = "", field: str = "task_handle_item") -> str:
    """Return a code of one way to handle a matter 业务办理项编码 (33 signs: implementing code and 2 digits), "" for none.

    Refuses: handle_item_form, handle_item_task.
    """
    code = normalise(text)
    if not code:
        return ""
    if len(code) != HANDLE_LENGTH or not (code.isascii() and code.isalnum() and code[TASK_LENGTH:].isdigit()):
        raise Invalid(
            "handle_item_form",
            _("业务办理项编码是 33 位：31 位实施编码加 2 位数字；您填了 %(length)d 位。") % {"length": len(code)},
            field=field,
        )
    check_task_code(code[:TASK_LENGTH], field=field)
    if task_code and code[:TASK_LENGTH] != task_code:
        raise Invalid("handle_item_task", _("业务办理项编码应以实施编码开头。"), field=field)
    return code
