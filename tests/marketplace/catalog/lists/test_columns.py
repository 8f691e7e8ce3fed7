"""Cells of a column with choices: words in both languages and codes are read, and a refusal lists the reader's words."""

import pytest
from django.utils.translation import gettext_lazy, override

from marketplace.catalog.lists.columns import Wrong, choice
from marketplace.catalog.models import ServiceCategory

ENTRUSTED = ServiceCategory.Entrusting


def column():
    return choice("由谁委托", "entrusted_by", ENTRUSTED.choices)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_words_of_both_languages_and_codes_are_read_whatever_the_reader_speaks(language):
    with override("en"):
        english = str(ENTRUSTED.APPLICANT.label)
    assert english != "申请人委托"
    with override(language):
        for cell in ("申请人委托", english, english.upper(), "applicant", "APPLICANT"):
            assert column().read(cell) == "applicant"
        assert column().read("") == ""


def test_files_carry_chinese_words_whatever_the_reader_speaks():
    with override("en"):
        assert column().show("department") == "审批部门委托"


def test_a_refusal_lists_the_words_in_the_readers_language():
    made = column()  # once, for readers of either language
    for language in ("zh-hans", "en"):
        with override(language), pytest.raises(Wrong) as refused:
            made.read("别的")
        with override(language):
            for label in ENTRUSTED.labels:
                assert str(label) in str(refused.value)
        with override("zh-hans" if language == "en" else "en"):
            assert str(gettext_lazy("申请人委托")) not in str(refused.value)
