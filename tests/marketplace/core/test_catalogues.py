"""Catalogues: what is found in the sources, what is kept, and what the check refuses."""

import gettext

import pytest

from marketplace.core import catalogues

MODULE = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

TITLE = gettext_lazy("竞价")
def f(n):
    return [_("还有 %(minutes)s 分钟。"), ngettext("%(n)s 家机构", "%(n)s 家机构", n), pgettext("钱", "结算")]
"""
PAGE = """{% load i18n %}
<h1>{% translate "采购公告" %}</h1>
    {% if x %}
  <p title="{% trans "关闭" %}">it's "quoted" (</p>
{% endif %}
{% blocktranslate trimmed count n=firms|length %}
  {{ n }} 家入驻
{% plural %}
  {{ n }} 家入驻
{% endblocktranslate %}
{{ _("首页") }}{% translate "开标" context "时间" %}
"""
ENGLISH = {
    "竞价": "Auction",
    "还有 %(minutes)s 分钟。": "%(minutes)s minutes left.",
    "%(n)s 家机构": ("One firm", "%(n)s firms"),
    "结算": "Settlement",
    "采购公告": "Notice",
    "关闭": "Close",
    "%(n)s 家入驻": ("%(n)s firm", "%(n)s firms"),
    "首页": "Home",
    "开标": "Opening",
}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "marketplace").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "marketplace" / "views.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "templates" / "page.html").write_text(PAGE, encoding="utf-8")
    catalogues.update(tmp_path)
    translate(tmp_path, ENGLISH)
    return tmp_path


def translate(root, words):
    catalog = catalogues.read(root, "en")
    for message in catalog:
        if message.id and (text := words.get(catalogues.originals(message)[0])):
            message.string = text
    catalogues.write(root, "en", catalog)


def test_every_form_of_text_is_found(project):
    found = {catalogues.originals(message)[0] for message in catalogues.extracted(project) if message.id}
    assert found == set(ENGLISH)


def test_complete_catalogues_have_no_problems_and_compile(project):
    assert list(catalogues.problems(project)) == []
    written = catalogues.compile_all(project)
    assert [path.parent.parent.name for path in written] == ["en", "zh_Hans"]
    with written[0].open("rb") as file:
        english = gettext.GNUTranslations(file)
    assert english.gettext("竞价") == "Auction"
    assert english.pgettext("钱", "结算") == "Settlement"
    assert english.ngettext("%(n)s 家机构", "%(n)s 家机构", 3) == "%(n)s firms"
    with written[1].open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("竞价") == "竞价"


def test_update_keeps_translations_and_changes_nothing_without_need(project):
    path = catalogues.catalogue_path(project, "en")
    before = path.read_bytes()
    assert catalogues.update(project) == {"en": 0, "zh_Hans": 0}
    assert path.read_bytes() == before


def test_missing_stale_and_differing_texts_are_named(project):
    module = project / "marketplace" / "views.py"
    module.write_text(MODULE.replace("竞价", "报价"), encoding="utf-8")
    translate(project, {"还有 %(minutes)s 分钟。": "%(minute)s minutes left."})
    faults = "\n".join(catalogues.problems(project))
    assert "no text for '报价' (marketplace/views.py)" in faults
    assert "stale, no source uses it: '竞价'" in faults
    assert "placeholders differ in '%(minute)s minutes left.'" in faults


def test_fuzzy_is_refused(project):
    path = catalogues.catalogue_path(project, "en")
    path.write_text(path.read_text("utf-8").replace('msgid "竞价"', '#, fuzzy\nmsgid "竞价"'), encoding="utf-8")
    assert [line for line in catalogues.problems(project) if "fuzzy" in line]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{% translate "您好,请登录。" %}', "half-width punctuation"),
        ("<p>裸露的文字</p>", "Chinese outside a translate tag"),
        ('<p title="提示">{{ x }}</p>', "Chinese outside a translate tag"),
    ],
)
def test_page_text_is_linted(project, line, fault):
    (project / "templates" / "more.html").write_text("{% load i18n %}\n" + line, encoding="utf-8")
    assert [found for found in catalogues.problems(project) if fault in found]


def test_language_names_and_comments_may_stay_chinese(project):
    page = "{# 说明 #}\n<!-- 说明 -->\n<button>中文</button>{# as is #}\n{% comment %}\n说明\n{% endcomment %}"
    (project / "templates" / "more.html").write_text(page, encoding="utf-8")
    assert list(catalogues.problems(project)) == []


def test_a_page_in_both_languages_says_so_in_its_first_line(project):
    (project / "templates" / "500.html").write_text("{# as is #}\n<p>出错了 Error</p>\n<p>回首页</p>", encoding="utf-8")
    assert list(catalogues.problems(project)) == []
