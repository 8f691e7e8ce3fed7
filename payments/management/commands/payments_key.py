"""Keys of /v1: `payments_key create NAME [--restricted charges=read …] [--publishable]`, `list`, `revoke ID`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime

from marketplace.core.refusals import Refused
from payments.actions.keys import create_api_key, revoke_api_key
from payments.models import ApiKey


class Command(BaseCommand):
    help = "建立（create）、查看（list）、停用（revoke）支付接口的密钥。密钥只在建立时显示一次。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=("create", "list", "revoke"))
        parser.add_argument("what", nargs="?", default="", help="create: 名称；revoke: 编号")
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--publishable", action="store_true", help="只能凭 client_secret 查询一笔付款")
        kind.add_argument(
            "--restricted", nargs="+", metavar="对象=read|write", help="如 payment_intents=write charges=read"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except Refused as refused:
            raise CommandError(str(refused)) from refused

    def _create(self, options: dict[str, Any]) -> None:
        kind, scopes = ApiKey.Kind.SECRET, {}
        if options["publishable"]:
            kind = ApiKey.Kind.PUBLISHABLE
        elif options["restricted"]:
            kind = ApiKey.Kind.RESTRICTED
            scopes = {
                resource: right for resource, _sign, right in (one.partition("=") for one in options["restricted"])
            }
        _key, secret = create_api_key(name=options["what"], kind=kind, scopes=scopes)
        self.stdout.write(secret)

    def _list(self, _options: dict[str, Any]) -> None:
        for key in ApiKey.objects.all():
            scopes = " ".join(f"{resource}={right}" for resource, right in sorted(key.scopes.items()))
            used = f"{localtime(key.last_used_at):%Y-%m-%d %H:%M}" if key.last_used_at else "从未使用"
            state = "已停用" if key.revoked_at else used
            self.stdout.write(f"{key.pk} {key.prefix}…{key.last_four} {key.name} {state} {scopes}".rstrip())

    def _revoke(self, options: dict[str, Any]) -> None:
        key = ApiKey.objects.filter(pk=int(options["what"])).first() if options["what"].isdigit() else None
        if key is None:
            raise CommandError(f"没有编号为 {options['what']} 的密钥。")
        self.stdout.write(f"已停用：{revoke_api_key(key=key)}")
