"""A payment in certificate mode from its beginning to its end: paid, held, settled by a transfer; and with an answer lost."""

import pytest

from payments import gateways
from payments.actions import create_transfer
from payments.alipay import keys
from payments.handlers import ask_about_transfers
from payments.sandbox.certificates import distinguished_name, ensure_sandbox_certificates, issue_certificate
from payments.sandbox.keys import ensure_sandbox_keys
from tests.factories.payments import make_paid_intent
from tests.payments import test_payment
from tests.payments.conftest import APP

pytestmark = pytest.mark.django_db


@pytest.fixture
def certified(gateway, sandbox_dir, settings):
    """Give a gateway that is asked as `alipay_sandbox --certificates` says: three paths and nothing else."""
    files = ensure_sandbox_certificates(sandbox_dir, app_id=APP)
    settings.ALIPAY_APP_CERT, settings.ALIPAY_CERT = str(files.app_cert), str(files.alipay_cert)
    settings.ALIPAY_ROOT_CERT = str(files.root_cert)
    assert gateways.merchant().certificates
    assert gateways.is_local()
    return gateway


def test_pay_hold_settle(certified):
    test_payment.test_pay_hold_settle(certified)


def test_a_transfer_whose_answer_names_another_certificate_waits_and_is_asked_about(certified, settings, sandbox_dir):
    intent = make_paid_intent(certified)
    good = settings.ALIPAY_CERT, settings.ALIPAY_ROOT_CERT
    settings.ALIPAY_CERT = renewed(sandbox_dir)
    transfer = create_transfer(intent=intent, destination=intent.payee, key="m1")
    transfer.refresh_from_db()
    assert (transfer.status, transfer.attempts) == ("pending", 1)
    settings.ALIPAY_CERT, settings.ALIPAY_ROOT_CERT = good
    ask_about_transfers(now=transfer.next_attempt_at)
    transfer.refresh_from_db()
    assert transfer.status == "paid"
    sent = certified.sandbox.store.all("SELECT amount_fen FROM transfer")
    assert [row["amount_fen"] for row in sent] == [transfer.amount_fen]
    test_payment.assert_books()


def renewed(sandbox_dir):
    """Return a certificate of Alipay's key with another number, as after a renewal that we have not heard of."""
    key = keys.private_key(ensure_sandbox_keys(sandbox_dir).alipay_private)
    return issue_certificate(distinguished_name("Local Alipay"), key, distinguished_name("Nobody"), key)
