"""Whom webhooks may reach: the matrix of addresses, names that resolve inward, names that change their mind, TLS."""

import datetime as dt
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from marketplace.core import clock
from marketplace.core.refusals import Invalid
from payments.actions import create_webhook_endpoint
from payments.models import WebhookDelivery
from payments.webhooks import targets
from payments.webhooks.courier import deliver_due
from payments.webhooks.post import Line
from tests.factories.payments import make_payment_intent

INWARD = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.170", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.1.1.1", "240.0.0.1", "255.255.255.255", "0.1.2.3",
    "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:93.184.216.34", "::127.0.0.1", "::93.184.216.34",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2002:5db8:d822::1", "2001:0:4136:e378::1",
    "100::1",
]  # fmt: skip
OUTWARD = ["93.184.216.34", "8.8.8.8", "223.5.5.5", "2606:4700::1111", "2400:3200::1", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INWARD)
def test_addresses_that_are_not_public(address):
    assert not targets.is_public(address)
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Invalid) as refused:
        targets.check_url(f"https://{host}/hook")
    assert (refused.value.code, refused.value.field) == ("webhook_url_invalid", "url")


@pytest.mark.parametrize("address", OUTWARD)
def test_addresses_that_are_public(address):
    assert targets.is_public(address)
    host = f"[{address}]" if ":" in address else address
    targets.check_url(f"https://{host}/hook")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1."]
)
def test_other_spellings_of_this_machine(host):
    with pytest.raises(Invalid):
        targets.check_url(f"https://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "", "hook", "//a.example/x", "https://", "https:///x", "https://?x", "ftp://a.example/", "file:///etc/passwd",
        "gopher://a.example/", "javascript:alert(1)", "http://a.example/", "https://user@a.example/", "https://u:p@a.example/",
        "https://@a.example/", "https://a.example/#part", "https://a.example:0/", "https://a.example:99999/",
        "https://a.example:x/", "https://a.example\\@10.0.0.1/", "https://a.example/\r\nX: y", "https://a b.example/",
        "https://a..example/", "https://-a.example/", "https://a.example/中文", "https://[::1%25eth0]/", "https://[fe80::1%eth0]/",
        "https://[::g]/", "https://[1.2.3.4]/", "https://a%2eexample/", "https://a.example/ ", "https://a,b/", "https://a.example/\x00",
        "https://a.example/" + "x" * 2048, "https://" + "a" * 254 + "/",
    ],
)  # fmt: skip
def test_addresses_that_are_malformed(url):
    with pytest.raises(Invalid) as refused:
        targets.check_url(url)
    assert refused.value.code == "webhook_url_invalid"


def test_a_name_that_nobody_knows_yet_may_be_registered():
    targets.check_url("https://hooks.invalid/a?b=c")
    target = targets.read("https://Hooks.Invalid:8443/a?b=c%20d")
    assert target == targets.Target("https", "hooks.invalid", 8443, "/a?b=c%20d")
    assert targets.read("https://财政.example/").host == "财政.example".encode("idna").decode()


def answers(monkeypatch, *rounds):
    """Let the resolver give these addresses, one round after the other, the last for ever."""
    left = list(rounds)
    asked = []
    really = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **kwargs):
        if host[0].isdigit():  # an address: nothing to resolve
            return really(host, port, *args, **kwargs)
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(targets.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_one_inward_address_among_others_refuses_the_name(monkeypatch):
    answers(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(Invalid):
        targets.check_url("https://mixed.example/")


def test_http_only_where_it_is_a_demonstration_or_listed(settings):
    for name in ("DEBUG", "DEMO"):
        setattr(settings, name, True)
        targets.check_url("http://93.184.216.34/")
        with pytest.raises(Invalid):  # this machine still has to be listed
            targets.check_url("http://127.0.0.1/")
        setattr(settings, name, False)
    settings.PAYMENTS_WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1:8080", "finance.intra", "[::1]:8080"]
    for listed in ("http://127.0.0.1:8080/", "http://FINANCE.intra:99/", "http://[::1]:8080/"):
        targets.check_url(listed)
    for other in ("http://127.0.0.1/", "http://127.0.0.1:8081/", "http://127.0.0.2:8080/", "http://a.finance.intra/"):
        with pytest.raises(Invalid):
            targets.check_url(other)


@pytest.mark.django_db
def test_a_name_that_turns_inward_after_it_was_registered_is_not_reached(monkeypatch, make_receiver, settings):
    """DNS rebinding: public when registered, this machine when sent to. Nothing arrives."""
    receiver = make_receiver()
    settings.PAYMENTS_WEBHOOK_PRIVATE_HOSTS = []
    settings.DEMO = True
    answers(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    create_webhook_endpoint(url=f"http://rebind.example:{receiver.port}/", enabled_events=["*"])
    make_payment_intent()
    assert deliver_due(clock.now()) == 1
    assert receiver.taken == []
    delivery = WebhookDelivery.objects.get()
    assert (delivery.last_status, delivery.last_error) == (None, "这个地址在内部网络或保留网段，不能推送。")


@pytest.mark.django_db
def test_the_address_judged_is_the_address_connected_to(monkeypatch, make_receiver):
    """The resolver is asked once for a connection: what it would say next does not matter."""
    receiver = make_receiver(host="once.example")
    asked = answers(monkeypatch, ["127.0.0.1"], ["127.0.0.1"], ["203.0.113.9"])
    create_webhook_endpoint(url=f"http://once.example:{receiver.port}/x", enabled_events=["*"])
    make_payment_intent()
    make_payment_intent()
    assert deliver_due(clock.now()) == 2
    assert asked == ["once.example"] * 2  # when registered, and for the connection that both share
    assert [headers["Host"] for _path, headers, _body in receiver.taken] == [f"once.example:{receiver.port}"] * 2


@pytest.mark.django_db
def test_a_listed_host_that_is_taken_from_the_list_is_reached_no_more(receiver, endpoint, settings):
    settings.PAYMENTS_WEBHOOK_PRIVATE_HOSTS = []
    make_payment_intent()
    deliver_due(clock.now())
    assert receiver.taken == []
    assert WebhookDelivery.objects.get().last_error == "只能推送到 https 地址。"


@pytest.fixture
def certificate(tmp_path):
    """Make a certificate for hooks.example and the context of a server that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "hooks.pem"
    pem.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    names = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    return pem, context, names


def test_tls_is_checked_against_the_name_and_the_name_is_asked_for(monkeypatch, make_receiver, certificate):
    pem, context, names = certificate
    receiver = make_receiver(context, host="hooks.example")
    answers(monkeypatch, ["127.0.0.1"])
    url = f"https://hooks.example:{receiver.port}/a"
    with Line() as line:
        answer = line.post(url, b"{}", {})
    assert answer.status is None
    assert "CERTIFICATE_VERIFY_FAILED" in answer.error
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with Line() as line:
        assert line.post(url, b"{}", {}).status == 200
        assert line.post(url, b"{}", {}).status == 200
    assert names == ["hooks.example"] * 2  # the refused handshake, and one connection for two bodies
    assert {headers["Host"] for _path, headers, _body in receiver.taken} == {f"hooks.example:{receiver.port}"}


def test_tls_of_another_name_is_refused(monkeypatch, make_receiver, certificate):
    pem, context, _names = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    receiver = make_receiver(context, host="other.example")
    answers(monkeypatch, ["127.0.0.1"])
    with Line() as line:
        answer = line.post(f"https://other.example:{receiver.port}/", b"{}", {})
    assert answer.status is None
    assert "Hostname mismatch" in answer.error
    assert receiver.taken == []


def test_proxies_of_the_environment_are_not_used(monkeypatch, receiver, make_receiver):
    other = make_receiver()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{other.port}")
    with Line() as line:
        assert line.post(receiver.url, b"{}", {}).status == 200
    assert other.taken == []
