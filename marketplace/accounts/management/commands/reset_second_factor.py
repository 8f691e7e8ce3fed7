"""Take the second factors of an account away when its owner has lost them: `manage.py reset_second_factor NAME --reason …`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.accounts.actions import reset_second_factor
from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Refused


class Command(BaseCommand):
    help = "停用一个账号的全部第二步验证。请先用别的办法核对是本人。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, help="依据，例如：手机遗失，已当面核对身份证")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username__iexact=options["username"]).first()
        if user is None:
            raise CommandError("没有这个账号。")
        try:
            reset_second_factor(user=user, reason=options["reason"], now=clock.now())
        except Refused as refused:
            raise CommandError(str(refused.message)) from refused
        self.stdout.write(self.style.SUCCESS(f"{user.username}：第二步验证已停用"))
