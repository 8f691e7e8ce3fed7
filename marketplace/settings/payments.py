"""Settings of payments: which Alipay we talk to, the platform's fee, and what the payment interface allows."""

from __future__ import annotations

from .environment import DATA_DIR, env

__all__ = [
    "ALIPAY_APP_CERT",
    "ALIPAY_APP_ID",
    "ALIPAY_APP_PRIVATE_KEY",
    "ALIPAY_CERT",
    "ALIPAY_GATEWAY_URL",
    "ALIPAY_NOTIFY_BASE_URL",
    "ALIPAY_PUBLIC_KEY",
    "ALIPAY_ROOT_CERT",
    "ALIPAY_SANDBOX_DIR",
    "ALIPAY_SELLER_ID",
    "PAYMENTS_API_REQUESTS_PER_SECOND",
    "PAYMENTS_PLATFORM_FEE_BASIS_POINTS",
    "PAYMENTS_PROVIDER_FEE_BASIS_POINTS",
    "PAYMENTS_RECONCILE_HOUR",
    "PAYMENTS_WEBHOOK_PRIVATE_HOSTS",
]

ALIPAY_GATEWAY_URL = env("ALIPAY_GATEWAY_URL", "http://127.0.0.1:8001/gateway.do")
# Where Alipay sends its notices, when that differs from the address that people use.
ALIPAY_NOTIFY_BASE_URL = env("ALIPAY_NOTIFY_BASE_URL").rstrip("/")
ALIPAY_APP_ID = env("ALIPAY_APP_ID", "2021000000000001")
ALIPAY_SELLER_ID = env("ALIPAY_SELLER_ID", "2088000000000001")
ALIPAY_APP_PRIVATE_KEY = env("ALIPAY_APP_PRIVATE_KEY")
ALIPAY_PUBLIC_KEY = env("ALIPAY_PUBLIC_KEY")
ALIPAY_SANDBOX_DIR = DATA_DIR / "alipay_sandbox"
# Certificate mode (transfers need it): our certificate, Alipay's and its root, as PEM texts or paths. All three or none.
ALIPAY_APP_CERT, ALIPAY_CERT, ALIPAY_ROOT_CERT = env("ALIPAY_APP_CERT"), env("ALIPAY_CERT"), env("ALIPAY_ROOT_CERT")

# What the platform keeps of a settlement, in hundredths of a percent; the marketplace takes nothing.
PAYMENTS_PLATFORM_FEE_BASIS_POINTS = int(env("PAYMENTS_PLATFORM_FEE_BASIS_POINTS", "0"))
# What the provider keeps of a payment by its contract, in the same unit; empty leaves the fees on bills unchecked.
PAYMENTS_PROVIDER_FEE_BASIS_POINTS = int(env("PAYMENTS_PROVIDER_FEE_BASIS_POINTS", "60") or -1)
PAYMENTS_RECONCILE_HOUR = int(env("PAYMENTS_RECONCILE_HOUR", "9"))  # China time; yesterday's bills are ready about nine
PAYMENTS_API_REQUESTS_PER_SECOND = float(env("PAYMENTS_API_REQUESTS_PER_SECOND", "100"))  # of one key
# Hosts (host or host:port) that webhooks may reach although their address is private.
PAYMENTS_WEBHOOK_PRIVATE_HOSTS = [host for host in env("PAYMENTS_WEBHOOK_PRIVATE_HOSTS").split(",") if host]
