"""Load the first pages, settings and groups of a new installation; what editors changed stays."""

from typing import Any

from django.core.management.base import BaseCommand
from wagtail.models import Page

from cms.seed import seed_groups, seed_pages
from marketplace.core import clock
from search.actions import load_synonyms


class Command(BaseCommand):
    help = "载入首批页面（帮助、通知、关于）、同义词和后台用户组；编辑过的保持不变。"

    def handle(self, *args: Any, **options: Any) -> None:
        seed_pages(now=clock.now())
        seed_groups()
        load_synonyms(now=clock.now())
        self.stdout.write(self.style.SUCCESS(f"{Page.objects.count()} pages"))
