"""Say which key, id or address of the connection to Alipay is wrong: `manage.py alipay_check`; ends with 1 when one is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from payments import gateways
from payments.alipay.check import Setup, check
from payments.sandbox.keys import ensure_sandbox_keys

MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


class Command(BaseCommand):
    help = "检查与支付宝的连接：密钥、应用号、证书、地址、时钟，并问一个无害的问题。有错误时以 1 结束。"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        setup = read_settings()
        kind = "本地网关" if setup.is_local else "支付宝"
        self.stdout.write(f"检查{kind}：{setup.gateway_url}")
        findings = []
        for finding in check(setup, transport=gateways.transport()):
            findings.append(finding)
            line = f"{MARKS[finding.level]} {finding.sentence}"
            if finding.level != "ok":
                line = (self.style.ERROR if finding.level == "error" else self.style.WARNING)(line)
            self.stdout.write(line)
        errors = sum(finding.level == "error" for finding in findings)
        warnings = sum(finding.level == "warning" for finding in findings)
        self.stdout.write(f"共 {errors} 处错误，{warnings} 处提醒。")
        if errors:
            raise SystemExit(1)


def read_settings() -> Setup:
    """Return the settings as they stand; the local gateway's keys where none are given."""
    is_local = gateways.is_local() and not settings.PRODUCTION  # where no keys are a mistake
    pair = ensure_sandbox_keys(Path(settings.ALIPAY_SANDBOX_DIR)) if is_local else None
    return Setup(
        gateway_url=settings.ALIPAY_GATEWAY_URL,
        app_id=settings.ALIPAY_APP_ID,
        seller_id=settings.ALIPAY_SELLER_ID,
        private_key=pair.app_private if pair else settings.ALIPAY_APP_PRIVATE_KEY,
        public_key=pair.alipay_public if pair else settings.ALIPAY_PUBLIC_KEY,
        notify_url=gateways.notify_url(),
        is_local=is_local,
        app_cert=settings.ALIPAY_APP_CERT,
        alipay_cert=settings.ALIPAY_CERT,
        root_cert=settings.ALIPAY_ROOT_CERT,
    )
