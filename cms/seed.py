"""The site's first pages and the groups of people who look after them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Locale, Page, Site

from .models import HelpIndexPage, HelpPage, HomePage, NewsIndexPage, NewsPage, SiteSettings, StandardPage
from .wording import Wording, wordings

ORGANISER = "鹰潭市网上中介服务超市（演示）"
ADMINISTRATORS, SUPERVISORS = "管理员", "监督员（只读）"
SETTINGS = {
    "organiser": ORGANISER,
    "organiser_en": "Yingtan Online Intermediary Service Marketplace (demonstration)",
    "complaint_phone": "0701-0000100",
    "service_phone": "0701-0000200",
    "email": "service@market.invalid",
    "address": "鹰潭市示范大道 1 号（虚构地址）",
    "hours": "工作日 9:00 至 12:00，13:30 至 17:00",
    "icp": "演示站点，未作 ICP 备案",
    "icp_en": "Demonstration site, without an ICP filing",
}
HOME = {
    "title": "首页",
    "promise_title": "公开选中介，价格当面竞",
    "promise_title_en": "Choose in the open, watch the price fall",
    "promise": "机构入驻无门槛，报价和结果人人可查，款项验收后才结算。",
    "promise_en": "Every qualified firm may enter, every bid and result is public, and money moves only after acceptance.",
}
KINDS: dict[str, type[Page]] = {"about": StandardPage, "help": HelpPage, "news": NewsPage}
INDEXES: dict[str, type[Page]] = {"about": StandardPage, "help": HelpIndexPage, "news": NewsIndexPage}


@transaction.atomic
def seed_pages(*, now: datetime) -> HomePage:
    """Create the site, the front page and every page of `words/` that is missing; what editors changed stays.

    A second run changes nothing. Dates of announcements are counted back from `now`.
    """
    home = _home(now)
    if not SiteSettings.objects.exists():
        SiteSettings.objects.create(**SETTINGS)
    sections: dict[str, Page] = {}
    for wording in sorted(wordings(), key=lambda one: (one.section, one.slug != one.section)):
        if wording.slug == wording.section:
            sections[wording.section] = _page(home, INDEXES[wording.section], wording, now)
        else:
            _page(sections[wording.section], KINDS[wording.section], wording, now)
    return home


def _home(now: datetime) -> HomePage:
    """Return the front page under the root, taking the place of the one that a fresh installation shows."""
    home = HomePage.objects.first()
    if home is None:
        Locale.objects.get_or_create(language_code="zh-hans")
        root = Page.get_first_root_node() or Page.add_root(title="根", slug="root")
        welcome = Page.objects.child_of(root).exact_type(Page).filter(slug="home")
        home = HomePage(slug="front", live=True, first_published_at=now, last_published_at=now, **HOME)
        root.add_child(instance=home)
        Site.objects.filter(root_page__in=welcome).update(root_page=home)
        for page in welcome:
            page.delete()
        home.refresh_from_db()
        home.slug = "home"
        home.save()
    if not Site.objects.filter(is_default_site=True).exists():
        Site.objects.create(hostname="localhost", port=80, root_page=home, is_default_site=True, site_name=ORGANISER)
    Site.objects.filter(is_default_site=True).exclude(root_page=home).update(root_page=home)
    Site.clear_site_root_paths_cache()
    return home


def _page(parent: Page, kind: type[Page], wording: Wording, now: datetime) -> Page:
    known = Page.objects.child_of(parent).filter(slug=wording.slug).first()
    if known is not None:
        return known
    head = wording.head
    at = now - timedelta(days=int(head.get("days_ago", 30)))
    values: dict[str, Any] = {
        "title": head["title"],
        "slug": wording.slug,
        "title_en": head["title_en"],
        "summary": head["summary"],
        "summary_en": head["summary_en"],
        "search_description": head["summary"],
        "body": wording.body,
        "live": True,
        "first_published_at": at,
        "last_published_at": at,
    }
    if kind is HelpPage:
        values["audience"] = head["audience"]
    if kind is NewsPage:
        values |= {"date": timezone.localdate(at), "source": ORGANISER}
    page = kind(**values)
    parent.refresh_from_db()
    return parent.add_child(instance=page)


@transaction.atomic
def seed_groups() -> dict[str, Group]:
    """Create the two groups of the desks: administrators change words and catalogue, supervisors read.

    Who decides (qualifications, objections, cancellations) is `is_staff` besides: the actions ask for it. A supervisor
    has no `is_staff`, so that no action lets one through.
    """
    administrators, _made = Group.objects.get_or_create(name=ADMINISTRATORS)
    supervisors, _made = Group.objects.get_or_create(name=SUPERVISORS)
    access = Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    desks = Q(content_type__in=ContentType.objects.get_for_models(*_desk_models()).values())
    words = Q(content_type__app_label__in=("cms", "wagtailimages", "wagtaildocs", "wagtailredirects"))
    administrators.permissions.set([access, *Permission.objects.filter(desks | words)])
    supervisors.permissions.set([access, *Permission.objects.filter(desks, codename__startswith="view_")])
    root = Page.get_first_root_node()
    if root is not None:
        for permission in Permission.objects.filter(
            content_type__app_label="wagtailcore",
            content_type__model="page",
            codename__in=("add_page", "change_page", "publish_page"),
        ):
            GroupPagePermission.objects.get_or_create(group=administrators, page=root, permission=permission)
    collection = Collection.get_first_root_node()
    if collection is not None:
        files = Q(content_type__app_label="wagtailimages", codename__in=("add_image", "change_image", "choose_image"))
        files |= Q(
            content_type__app_label="wagtaildocs", codename__in=("add_document", "change_document", "choose_document")
        )
        for permission in Permission.objects.filter(files):
            GroupCollectionPermission.objects.get_or_create(
                group=administrators, collection=collection, permission=permission
            )
    return {"administrators": administrators, "supervisors": supervisors}


def _desk_models() -> list[Any]:
    from .viewsets import DESKS

    return [desk.model for desk in DESKS]
