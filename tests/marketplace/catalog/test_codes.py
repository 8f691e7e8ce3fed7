"""Codes of matters: real lengths, the layout of 18 and 13, and nothing made up."""

import pytest
from django.core.exceptions import ValidationError

from marketplace.catalog.codes import check_catalog_code, check_handle_item, check_task_code
from marketplace.catalog.models import ServiceMatter
from marketplace.core.refusals import Invalid

TASK = "11370800MB285591843370117002011"  # a published one: department, level 3, basic code 370117002011


def code_of(call, *given, **known):
    with pytest.raises(Invalid) as refused:
        call(*given, **known)
    return refused.value.code


def test_codes_come_in_the_form_that_tables_hold():
    assert check_catalog_code(" 370117002011 ") == "370117002011"
    assert check_task_code("11370800mb28559184 3370117002011") == TASK
    assert check_handle_item(TASK + "01", task_code=TASK) == TASK + "01"
    assert check_task_code("YT360600-0001") == "YT3606000001"
    assert check_catalog_code("") == check_task_code("") == check_handle_item("") == ""


@pytest.mark.parametrize("text", ["37011700201", "3701170020111", "37011700201A", "３７"])
def test_a_basic_code_has_twelve_digits(text):
    assert code_of(check_catalog_code, text) == "catalog_code_form"


def test_the_parts_of_an_implementing_code_are_checked():
    assert code_of(check_task_code, "1" * 37) == "task_code_form"
    assert code_of(check_task_code, TASK[:17] + "5" + TASK[18:]) == "task_code_department"
    assert code_of(check_task_code, TASK[:18] + "A" + TASK[19:]) == "task_code_form"
    assert code_of(check_task_code, TASK, catalog_code="370117002012") == "task_code_catalog"
    assert code_of(check_task_code, TASK, department_code="11100000000013338W") == "task_code_department"
    assert check_task_code(TASK, catalog_code="370117002011", department_code=TASK[:18]) == TASK


def test_a_handle_item_is_the_implementing_code_and_two_digits():
    assert code_of(check_handle_item, TASK) == "handle_item_form"
    assert code_of(check_handle_item, TASK + "0A") == "handle_item_form"
    assert code_of(check_handle_item, TASK + "01", task_code=TASK[:-1] + "2") == "handle_item_task"


def test_a_matter_brings_its_codes_into_form_and_says_at_which_field_one_is_wrong():
    matter = ServiceMatter(
        code="T-1", name="事项", department="发改委", task_code=TASK.lower(), catalog_code="370117002011"
    )
    matter.clean()
    assert matter.task_code == TASK
    matter.department_code, matter.task_handle_item = "11100000000013338X", "1"
    with pytest.raises(ValidationError) as refused:
        matter.clean()
    assert set(refused.value.message_dict) == {"department_code", "task_handle_item"}
