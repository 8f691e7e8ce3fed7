"""One pair of keys for all payment tests, and the gateway inside the test."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from payments import gateways
from payments.sandbox.keys import ensure_sandbox_keys
from payments.sandbox.robot import gateway_in_process


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alipay")
    ensure_sandbox_keys(folder)
    return folder


@pytest.fixture
def sandbox_dir(key_folder, tmp_path, settings):
    """Give a gateway folder of the test's own with the session's keys."""
    folder = tmp_path / "alipay_sandbox"
    shutil.copytree(key_folder / "keys", folder / "keys")
    settings.ALIPAY_SANDBOX_DIR = folder
    settings.ALIPAY_APP_PRIVATE_KEY = settings.ALIPAY_PUBLIC_KEY = ""
    return folder


@pytest.fixture
def gateway(sandbox_dir):
    with gateway_in_process(sandbox_dir) as running:
        yield running


@pytest.fixture
def silent(sandbox_dir):
    """Give a gateway whose notices are lost."""
    with gateway_in_process(sandbox_dir, take_notice=lambda raw, now: False) as running:
        yield running


@pytest.fixture
def merchant(sandbox_dir):
    return gateways.merchant()


APP = "2021000000000001"


def soon():
    return datetime.now(UTC) + timedelta(minutes=30)


def order(out_trade_no="py_1", fen=10_000, notify_url="http://127.0.0.1:1/n/", **other):
    """Return the cashier's address for an order."""
    values = {
        "out_trade_no": out_trade_no,
        "amount_fen": fen,
        "subject": "测绘",
        "body": "",
        "time_expire": soon(),
        "notify_url": notify_url,
        "return_url": "http://127.0.0.1:8000/back/?a=1",
    }
    return gateways.alipay().page_pay_url(**{**values, **other})
