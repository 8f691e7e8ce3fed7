"""Print who one can be in the demo, and which codes one can enter with."""

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.accounts.models import User
from marketplace.demo.people import PASSWORD
from marketplace.licences.sandbox.invented import newcomers

ROLES = {
    "owner1": "项目业主：发布需求、签约、付款、验收、评价",
    "firm1": "中介机构一：报名、竞价、签约、提交成果",
    "firm2": "中介机构二：与机构一同场竞价",
    "expert1": "评审专家（expert2、expert3 同）：综合评分",
    "admin": "平台管理员：后台 /admin/",
    "supervisor": "监督员（只读）：后台 /admin/",
}


class Command(BaseCommand):
    help = "列出演示账号。"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        known = set(User.objects.filter(username__in=ROLES).values_list("username", flat=True))
        for username, words in ROLES.items():
            if username in known:
                self.stdout.write(f"  {username:<11} {PASSWORD}   {words}")
        self.stdout.write("  还没有入驻、证照库已有资料的单位（可用来试“入驻”）：")
        for newcomer in newcomers():
            self.stdout.write(f"  {newcomer.code}   {newcomer.name}：{newcomer.note}")
