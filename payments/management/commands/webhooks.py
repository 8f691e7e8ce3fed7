"""Look after webhooks: `manage.py webhooks` lists what is not delivered; `resend` owes again; `send` sends what is due."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime

from marketplace.core import clock
from marketplace.core.refusals import Refused
from payments.actions import resend_event
from payments.models import PaymentEvent, WebhookDelivery, WebhookEndpoint
from payments.states import WebhookDeliveryStatus
from payments.webhooks.courier import deliver_due


class Command(BaseCommand):
    help = "查看没有送达的支付事件（list），重新推送（resend），立即推送到期的（send）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", nargs="?", choices=("list", "resend", "send"), default="list")
        parser.add_argument("events", nargs="*", help="resend: 事件编号 evt_…；不写则为 --endpoint 已放弃的全部事件")
        parser.add_argument("--endpoint", help="只看或只推送到这个地址 we_…")

    def handle(self, *args: Any, **options: Any) -> None:
        endpoint = self._endpoint(options["endpoint"])
        if options["events"] and options["verb"] != "resend":
            raise CommandError("事件编号只用于 resend。")
        if options["verb"] == "send":
            self.stdout.write(f"推送了 {deliver_due(clock.now())} 次。")
        elif options["verb"] == "resend":
            self._resend(options["events"], endpoint)
        else:
            self._list(endpoint)

    def _endpoint(self, name: str | None) -> WebhookEndpoint | None:
        if name is None:
            return None
        endpoint = WebhookEndpoint.objects.filter(pk=name).first()
        if endpoint is None:
            raise CommandError(f"没有推送地址 {name}。")
        return endpoint

    def _undelivered(self, endpoint: WebhookEndpoint | None) -> Any:
        rows = WebhookDelivery.objects.exclude(status=WebhookDeliveryStatus.DONE).select_related("event", "endpoint")
        return rows.filter(endpoint=endpoint) if endpoint else rows

    def _list(self, endpoint: WebhookEndpoint | None) -> None:
        rows = self._undelivered(endpoint).order_by("endpoint", "owed_at", "pk")
        for row in rows.iterator():
            when = f"，下次 {localtime(row.next_attempt_at):%Y-%m-%d %H:%M:%S}" if row.next_attempt_at else ""
            self.stdout.write(
                f"{row.event_id} {row.event.type} → {row.endpoint_id} {row.endpoint.url} "
                f"{row.get_status_display()}，试过 {row.attempts} 次{when} {row.last_error}".rstrip()
            )
        self.stdout.write(f"共 {rows.count()} 条没有送达。")

    def _resend(self, names: list[str], endpoint: WebhookEndpoint | None) -> None:
        if not names and endpoint is None:
            raise CommandError("请写明事件编号，或用 --endpoint 指定推送地址。")
        if not names:
            given_up = self._undelivered(endpoint).filter(status=WebhookDeliveryStatus.DEAD).order_by("owed_at", "pk")
            names = list(given_up.values_list("event", flat=True))
        owed = 0
        for name in names:
            event = PaymentEvent.objects.filter(pk=name).first()
            if event is None:
                raise CommandError(f"没有事件 {name}。")
            try:
                owed += len(resend_event(event=event, endpoint=endpoint))
            except Refused as refused:
                raise CommandError(f"{name}：{refused}") from refused
        self.stdout.write(f"已排入 {owed} 次推送，由 worker 发出。")
