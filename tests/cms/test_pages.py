"""Every page of words: it renders in both languages, is complete, and links nowhere in vain."""

import re

import pytest
from wagtail.models import Page, Site

from cms.models import HelpPage, NewsPage, SiteSettings
from cms.queries import public_pages
from cms.seed import seed_pages
from cms.wording import block, wordings
from marketplace.core import clock

ALL = wordings()


@pytest.mark.parametrize("wording", ALL, ids=lambda one: f"{one.section}/{one.slug}")
def test_wording_is_complete(wording):
    for key in ("slug", "title", "title_en", "summary", "summary_en", "days_ago"):
        assert wording.head.get(key), key
    assert len(wording.head["summary"]) <= 300
    if wording.section == "help" and wording.slug != "help":
        assert wording.head["audience"] in HelpPage.Audience.values


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_renders(client, site, language):
    pages = Page.objects.live().filter(depth__gt=1).specific()
    assert pages.count() >= 30
    for page in pages:
        answer = client.get(page.url, headers={"accept-language": language})
        assert answer.status_code == 200, page.url
        text = answer.content.decode()
        assert "style=" not in text
        if language == "en" and hasattr(page, "summary_en"):
            assert page.title_en.replace("'", "&#x27;") in text


def test_links_between_pages_lead_somewhere(client, site):
    found = set()
    for page in public_pages():
        found |= set(re.findall(r'href="(/(?:help|news|about)/[^"]*)"', client.get(page.url).content.decode()))
    for address in found:
        assert client.get(address).status_code == 200, address


def test_seeding_twice_changes_nothing_and_keeps_what_editors_wrote(site):
    page = NewsPage.objects.get(slug="opening")
    page.title = "改过的标题"
    page.save()
    before = Page.objects.count()
    seed_pages(now=clock.now())
    assert Page.objects.count() == before
    assert NewsPage.objects.get(slug="opening").title == "改过的标题"
    assert Site.objects.get(is_default_site=True).root_page_id == site.pk
    assert SiteSettings.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_seeding_begins_from_an_empty_tree(client):
    Page.objects.all().delete()
    seed_pages(now=clock.now())
    assert client.get("/help/bidding/").status_code == 200


def test_footer_names_the_organiser(client, site):
    text = client.get("/help/").content.decode()
    assert SiteSettings.objects.get().organiser in text


def test_news_lists_at_the_same_cost(client, site, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    news = list(NewsPage.objects.order_by("-date"))
    for page in news[1:]:
        page.unpublish()
    client.get("/news/")
    with CaptureQueriesContext(connection) as one:
        client.get("/news/")
    for page in news[1:3]:
        page.live = True
        page.save()
    with CaptureQueriesContext(connection) as three:
        client.get("/news/")
    assert len(one) == len(three)


def test_words_are_escaped():
    assert block("<script>x</script> **强** [链接](/help/)") == (
        "paragraph",
        '<p>&lt;script&gt;x&lt;/script&gt; <b>强</b> <a href="/help/">链接</a></p>',
    )
