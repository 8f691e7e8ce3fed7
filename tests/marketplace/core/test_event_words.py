"""Words for events and for the labels in them."""

import pytest
from django.utils import translation

from marketplace.core.event_words import describe, label_words
from marketplace.core.models import Event


@pytest.mark.parametrize(("label", "words"), [("53号", "53号"), ("赤岩测绘有限公司", "赤岩测绘有限公司"), ("", "")])
def test_labels_and_names_in_chinese(label, words):
    assert label_words(label) == words


def test_a_label_in_another_language(monkeypatch):
    monkeypatch.setattr("marketplace.core.event_words.gettext", {"%(number)s号": "No. %(number)s"}.__getitem__)
    assert label_words("53号") == "No. 53"
    assert label_words("赤岩53号院") == "赤岩53号院"


def test_the_reason_of_a_return_is_the_parties_own():
    with translation.override("zh-hans"):
        said = describe(Event(name="deliverable_returned", data={"number": 2, "title": "成果通过验收"}))
    assert said == "节点2成果被退回修改"
