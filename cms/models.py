"""Pages that editors write, and the words about the site that its frame shows."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import StreamField
from wagtail.models import Page

from .blocks import Words

ON_A_PAGE = 15


def is_english() -> bool:
    """Tell whether the reader reads English."""
    return (get_language() or "").startswith("en")


class Worded(models.Model):
    """Carry a page's summary in both languages, its English title, and its body in Chinese."""

    title_en = models.CharField(_("英文标题"), max_length=200, blank=True)
    summary = models.CharField(_("摘要"), max_length=300, blank=True, help_text=_("一两句话，显示在标题下和列表里。"))
    summary_en = models.TextField(_("英文摘要"), blank=True, help_text=_("英文读者看到它，正文保持中文。"))
    body = StreamField(Words(), verbose_name=_("正文"), blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.title)  # type: ignore[attr-defined]

    @property
    def label(self) -> str:
        """Give the title in the reader's language."""
        return str((is_english() and self.title_en) or self.title)  # type: ignore[attr-defined]

    @property
    def lead(self) -> str:
        """Give the summary in the reader's language."""
        return (is_english() and self.summary_en) or self.summary


WORDS = [
    FieldPanel("title_en"),
    MultiFieldPanel([FieldPanel("summary"), FieldPanel("summary_en")], heading=_("摘要")),
    FieldPanel("body"),
]


class HomePage(Page):
    """Be the front page: its promise is written here, all else on it the template reads live through `{% front_page %}`."""

    promise_title = models.CharField(_("大标题"), max_length=60, default="公开选中介，价格当面竞")
    promise_title_en = models.CharField(_("大标题（英文）"), max_length=100, blank=True)
    promise = models.CharField(_("承诺"), max_length=120)
    promise_en = models.CharField(_("承诺（英文）"), max_length=240, blank=True)

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("promise_title"), FieldPanel("promise")], heading=_("承诺")),
        MultiFieldPanel([FieldPanel("promise_title_en"), FieldPanel("promise_en")], heading=_("承诺（英文）")),
    ]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.StandardPage", "cms.HelpIndexPage", "cms.NewsIndexPage"]
    max_count = 1
    template = "cms/home.html"

    class Meta:
        verbose_name = _("首页")
        verbose_name_plural = _("首页")

    @property
    def hero(self) -> dict[str, str]:
        """Give the promise in the reader's language."""
        if is_english() and self.promise_title_en:
            return {"title": self.promise_title_en, "promise": self.promise_en}
        return {"title": self.promise_title, "promise": self.promise}


class StandardPage(Worded, Page):  # type: ignore[django-manager-missing]
    """Be a page of plain words."""

    content_panels = [*Page.content_panels, *WORDS]
    parent_page_types = ["cms.HomePage", "cms.StandardPage"]
    subpage_types = ["cms.StandardPage"]
    template = "cms/standard.html"

    class Meta:
        verbose_name = _("普通页面")
        verbose_name_plural = _("普通页面")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the pages beside and below."""
        parent = self.get_parent().specific
        top = parent if isinstance(parent, StandardPage) else self
        beside = StandardPage.objects.child_of(top).live()
        return {**super().get_context(request, *args, **kwargs), "top": top, "beside": [top, *beside]}


class HelpIndexPage(Worded, Page):  # type: ignore[django-manager-missing]
    """Be the list of help pages, by whom they help."""

    content_panels = [*Page.content_panels, *WORDS]
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.HelpPage"]
    max_count = 1
    template = "cms/help_index.html"

    class Meta:
        verbose_name = _("办事指南")
        verbose_name_plural = _("办事指南")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the pages, by audience."""
        pages = list(HelpPage.objects.child_of(self).live())
        groups = [
            (label, [page for page in pages if page.audience == value]) for value, label in HelpPage.Audience.choices
        ]
        return {**super().get_context(request, *args, **kwargs), "groups": [group for group in groups if group[1]]}


class HelpPage(Worded, Page):  # type: ignore[django-manager-missing]
    """Be a help page: how one thing is done."""

    class Audience(models.TextChoices):
        FIRM = "firm", _("中介机构")
        BUYER = "buyer", _("项目业主")
        PUBLIC = "public", _("社会公众")

    audience = models.CharField(_("给谁看"), max_length=8, choices=Audience.choices, default=Audience.PUBLIC)

    content_panels = [*Page.content_panels, FieldPanel("audience"), *WORDS]
    parent_page_types = ["cms.HelpIndexPage"]
    subpage_types: list[str] = []
    template = "cms/help.html"

    class Meta:
        verbose_name = _("帮助页面")
        verbose_name_plural = _("帮助页面")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the pages for the same audience."""
        beside = HelpPage.objects.sibling_of(self).live().filter(audience=self.audience)
        return {**super().get_context(request, *args, **kwargs), "index": self.get_parent().specific, "beside": beside}


class NewsIndexPage(Worded, Page):  # type: ignore[django-manager-missing]
    """Be the list of announcements, the newest first."""

    content_panels = [*Page.content_panels, *WORDS]
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.NewsPage"]
    max_count = 1
    template = "cms/news_index.html"

    class Meta:
        verbose_name = _("通知公告")
        verbose_name_plural = _("通知公告")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add one page of announcements."""
        news = NewsPage.objects.child_of(self).live().order_by("-date", "-pk")
        page = Paginator(news, ON_A_PAGE).get_page(request.GET.get("page"))
        return {**super().get_context(request, *args, **kwargs), "news": page}


class NewsPage(Worded, Page):  # type: ignore[django-manager-missing]
    """Be an announcement 通知公告 of a day."""

    date = models.DateField(_("日期"), default=timezone.localdate)
    source = models.CharField(_("发布单位"), max_length=80, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("date"), FieldPanel("source"), *WORDS]
    parent_page_types = ["cms.NewsIndexPage"]
    subpage_types: list[str] = []
    template = "cms/news.html"

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the index and the announcements before and after this one."""
        beside = NewsPage.objects.sibling_of(self, inclusive=False).live().order_by("-date", "-pk")[:5]
        return {**super().get_context(request, *args, **kwargs), "index": self.get_parent().specific, "beside": beside}


@register_setting(icon="site")
class SiteSettings(BaseGenericSetting):
    """Hold what the frame says about the site: organiser, telephones, filings."""

    organiser = models.CharField(_("主办单位"), max_length=120, blank=True)
    organiser_en = models.CharField(_("主办单位（英文）"), max_length=200, blank=True)
    complaint_phone = models.CharField(_("监督电话"), max_length=20, blank=True)
    service_phone = models.CharField(_("咨询电话"), max_length=20, blank=True)
    email = models.EmailField(_("电子邮箱"), blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    hours = models.CharField(_("服务时间"), max_length=120, blank=True)
    icp = models.CharField(_("ICP 备案号"), max_length=80, blank=True)
    icp_en = models.CharField(_("ICP 备案号（英文）"), max_length=120, blank=True)
    security_filing = models.CharField(_("公安联网备案号"), max_length=80, blank=True)
    site_code = models.CharField(_("网站标识码"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("网站信息")
        verbose_name_plural = _("网站信息")

    @property
    def organiser_label(self) -> str:
        """Name the organiser in the reader's language."""
        return (is_english() and self.organiser_en) or self.organiser

    @property
    def filings(self) -> list[str]:
        """Give the filings that there are, in the reader's language."""
        icp = (is_english() and self.icp_en) or self.icp
        return [filing for filing in (icp, self.security_filing, self.site_code) if filing]
