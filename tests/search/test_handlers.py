"""What happens in the marketplace becomes findable, and what is withdrawn does not stay so."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from wagtail.models import Locale, Page, Site

from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.models import Event
from marketplace.core.proofs import PROOFS
from marketplace.parties.models import Organization
from marketplace.tenders.actions import publish_tender
from search import changes, handlers, sources
from search.actions import register
from search.documents import Document
from search.embedded import Embedded
from search.engine import Query
from search.management.commands.search import Command
from tests.factories.catalog import make_region, make_service
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender
from tests.search.saving import make_saved

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


def snapshot() -> dict[str, str]:
    """Return what is in the index, without the services: a factory makes them, which no event announces."""
    return {key: value for key, value in Embedded().fingerprints().items() if not key.startswith("service:")}


def test_any_order_of_events_ends_in_the_same_index() -> None:
    """Deliver everything that happened in many orders, with repetitions, into an empty index: the end is always the present."""
    firm, gone = make_firm(name="鹰潭丹霞勘测有限公司"), make_firm(name="鹰潭青石勘测有限公司")
    make_tender(title="图书馆环境影响评价", buyer=make_buyer())
    Organization.objects.filter(pk=gone.pk).update(status="removed")
    Organization.objects.filter(pk=firm.pk).update(name="鹰潭丹霞测绘有限公司")
    events = list(Event.objects.filter(name__in=changes.EVENTS).order_by("pk"))
    assert {event.name for event in events} >= {"organization_entered", "tender_published"}
    run("rebuild")
    expected = snapshot()
    assert f"firm:{gone.pk}" not in expected
    for seed in range(6):
        index = Embedded()
        name = index.begin()
        index.swap(name)
        assert snapshot() == {}
        order = events * 2
        random.Random(seed).shuffle(order)
        for event in order:
            for handler in handlers_of(event):
                handler(event)
        assert snapshot() == expected
        assert f"firm:{gone.pk}" not in snapshot()


def handlers_of(event: Event) -> list[Callable[[Event], None]]:
    by_names = {
        changes.TENDER_EVENTS: handlers.tender_may_have_changed,
        changes.FIRM_EVENTS: handlers.firm_may_have_changed,
        changes.CATALOG_EVENTS: handlers.services_were_loaded,
        changes.SERVICE_EVENTS: handlers.service_changed,
        changes.REVIEW_EVENTS: handlers.credit_may_have_changed,
    }
    return [handler for names, handler in by_names.items() if event.name in names]


def test_a_deleted_document_is_not_brought_back_by_an_older_event() -> None:
    firm = make_firm(name="鹰潭丹霞勘测有限公司")
    newest = Event.objects.order_by("-pk")[0].pk
    Organization.objects.filter(pk=firm.pk).update(status="removed")
    handlers.put_firm(firm.pk, newest + 2)
    Organization.objects.filter(pk=firm.pk).update(status="active")
    handlers.put_firm(firm.pk, newest + 1)
    assert found("丹霞") == []
    handlers.put_firm(firm.pk, newest + 2)
    assert found("丹霞") == [firm.name]


def test_a_rebuild_replays_what_happened_while_it_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change a firm, a need and pages after their documents were read: the new index has them all the same."""
    service, buyer = make_service(name="环境影响评价"), make_buyer()
    firm = make_firm(name="鹰潭丹霞勘测有限公司", services=[service])
    page = home().add_child(instance=Page(title="入驻须知", slug="entry-words"))
    kept = home().add_child(instance=Page(title="办事指南", slug="guide", live=False))
    page.save_revision().publish()
    read = list(sources.documents(sources.newest_event()))

    def slowly(version: int) -> Iterator[Document]:
        yield from read
        Organization.objects.filter(pk=firm.pk).update(name="鹰潭青石勘测有限公司")
        record(firm.process, "organization_changed", now=clock.now(), subject=firm)
        make_tender(title="图书馆环境影响评价", buyer=buyer, service=service)
        page.unpublish()
        kept.save_revision().publish()

    with monkeypatch.context() as patched:
        patched.setattr(sources, "documents", slowly)
        assert "补记" in run("rebuild")
    assert found("青石") == ["鹰潭青石勘测有限公司"]
    assert found("图书馆") == ["图书馆环境影响评价"]
    assert found("入驻须知") == []
    assert found("办事指南") == ["办事指南"]
    assert "一致" in run("check")


def test_the_index_is_rolled_back_and_brought_up_to_date() -> None:
    service = make_service(name="岩土工程勘察")
    make_firm(name="鹰潭丹霞勘测有限公司", services=[service])
    run("rebuild")
    before = Embedded().status().place
    run("rebuild")
    make_firm(name="鹰潭青石勘测有限公司", services=[service])
    words = run("rollback")
    assert "已修复 1 处" in words
    assert Embedded().status().place == before
    assert found("勘测") != []
    assert found("青石") == ["鹰潭青石勘测有限公司"]
    with pytest.raises(CommandError, match="没有可以退回"):
        run("rollback")


def test_a_rebuild_that_lost_too_much_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    Embedded().index([Document("firm", 1000 + at, 1, f"旧机构{at}", "", "/") for at in range(40)])
    with pytest.raises(CommandError, match="--force"):
        run("rebuild")
    assert len(found("旧机构")) == 20
    run("rebuild", "--force")
    assert found("旧机构") == []


def test_progress_is_a_line_each_tenth_in_a_log_and_one_that_renews_itself_on_a_terminal() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    def shown(out: StringIO) -> list[str]:
        show = Command(stdout=out).progress(50)
        for count in (10, 12, 30, 50):
            show(count)
        return out.getvalue().splitlines()

    assert shown(StringIO()) == ["10 / 50  20 %", "30 / 50  60 %", "50 / 50  100 %"]
    assert [line for line in shown(Terminal()) if line] == [
        "10 / 50  20 %", "12 / 50  24 %", "30 / 50  60 %", "50 / 50  100 %",
    ]  # fmt: skip


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


def test_check_brings_saved_searches_into_step() -> None:
    search = make_saved("q=图书馆")
    register(number=search.pk)
    assert "一致" in run("check")
    Embedded().unwatch(search.pk)
    Embedded().watch(search.pk + 1, Query("图书馆"))
    with pytest.raises(CommandError, match="2 处不一致"):
        run("check")
    assert [sentence.split()[2] for sentence in PROOFS["search"]()] == [str(search.pk), str(search.pk + 1)]
    assert f"已存的搜索 {search.pk} " in run("check", "--repair")
    assert Embedded().watched() == {search.pk}
    assert "一致" in run("check")


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
