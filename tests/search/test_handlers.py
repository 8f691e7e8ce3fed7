"""What happens in the marketplace becomes findable, and what is withdrawn does not stay so."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from wagtail.models import Locale, Page, Site

from marketplace.core.models import Event
from marketplace.core.proofs import PROOFS
from marketplace.parties.models import Organization
from marketplace.tenders.actions import publish_tender
from search import handlers
from search.embedded import Embedded
from search.engine import Query
from tests.factories.catalog import make_region, make_service
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def found(text: str) -> list[str]:
    return [hit.title for hit in Embedded().search(Query(text)).hits]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("search", *arguments, stdout=out)
    return out.getvalue()


def test_a_firm_that_entered_is_found_by_name_service_and_pinyin() -> None:
    make_firm(name="鹰潭丹霞勘测有限公司", services=[make_service(name="宗地价格评估")])
    for text in ("丹霞", "宗地评估", "宗地价格评估", "dxkc", "danxia"):
        assert found(text) == ["鹰潭丹霞勘测有限公司"], text


def test_an_owner_is_no_firm() -> None:
    make_buyer(name="月湖区教育体育局")
    assert found("月湖区") == []


def test_a_draft_is_not_found_until_it_is_published() -> None:
    buyer = make_buyer()
    draft = make_tender(status="draft", buyer=buyer, title="图书馆环境影响评价")
    assert found("图书馆") == []
    publish_tender(tender=draft, by=buyer.memberships.get().user)
    assert found("图书馆 环评") == ["图书馆环境影响评价"]
    (hit,) = Embedded().search(Query("图书馆")).hits
    assert (hit.status, hit.money_fen, hit.url) == ("open", draft.ceiling_fen, draft.get_absolute_url())


def test_a_place_holds_the_places_in_it() -> None:
    district = make_region(name="月湖区")
    town = make_region(name="童家镇", level="township", parent=district)
    make_tender(title="污水管网监理", region=town)
    for code in (town.code, district.code):
        assert Embedded().search(Query(chosen={"region": (code,)})).total == 1


def test_replaying_events_changes_nothing_and_reads_the_present() -> None:
    firm = make_firm(name="鹰潭丹霞勘测有限公司")
    events = list(Event.objects.filter(process=firm.process).order_by("pk"))
    Organization.objects.filter(pk=firm.pk).update(status="suspended")
    for event in reversed(events):
        if event.name in handlers.FIRM_EVENTS:
            handlers.firm_may_have_changed(event)
    assert found("丹霞") == []
    for event in events:
        if event.name in handlers.FIRM_EVENTS:
            handlers.firm_may_have_changed(event)
    assert found("丹霞") == []


def home() -> Page:
    """Return the page below the root; tests that really commit leave a database without the ones that migrations made."""
    Locale.objects.get_or_create(language_code="zh-hans")
    root = Page.objects.filter(depth=1).first() or Page.add_root(instance=Page(title="Root", slug="root"))
    first = root.get_children().first() or root.add_child(instance=Page(title="Home", slug="home"))
    Site.objects.get_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": first})
    return first


def test_a_page_is_found_while_it_is_published() -> None:
    page = home().add_child(
        instance=Page(title="入驻须知", slug="entry-words", live=False, search_description="承诺书")
    )
    assert found("入驻须知") == []
    page.save_revision().publish()
    assert found("承诺书") == ["入驻须知"]
    page.refresh_from_db()
    page.unpublish()
    assert found("入驻须知") == []


def test_rebuild_check_and_status() -> None:
    make_tender(title="图书馆环境影响评价", buyer=make_buyer())
    firm = make_firm(name="鹰潭丹霞勘测有限公司")
    run("rebuild")
    assert "一致" in run("check")
    assert list(PROOFS["search"]()) == []
    Organization.objects.filter(pk=firm.pk).update(name="鹰潭青石勘测有限公司")
    Embedded().delete("tender:1", 10**9)
    gone = Embedded().search(Query("图书馆")).total == 0
    with pytest.raises(CommandError, match="不一致"):
        run("check")
    assert any(f"firm:{firm.pk}" in sentence for sentence in PROOFS["search"]())
    assert "已修复" in run("check", "--repair")
    assert "一致" in run("check")
    assert found("青石") == ["鹰潭青石勘测有限公司"]
    assert found("图书馆") == ["图书馆环境影响评价"]
    assert gone or found("图书馆")
    assert "采购公告  1" in run("status")


def test_rebuild_forgets_what_is_no_longer_public() -> None:
    firm = make_firm(name="鹰潭丹霞勘测有限公司")
    Organization.objects.filter(pk=firm.pk).update(status="removed")
    assert found("丹霞")
    run("rebuild")
    assert found("丹霞") == []
    assert (Path(Embedded().status().place)).exists()


def test_documents_do_not_depend_on_the_readers_language() -> None:
    tender = make_tender(title="图书馆环境影响评价", buyer=make_buyer())
    run("rebuild")
    assert list(PROOFS["search"]()) == []
    with translation.override("en"):
        assert list(PROOFS["search"]()) == []
        handlers.put_tender(tender.pk, 10**6)
    assert list(PROOFS["search"]()) == []
