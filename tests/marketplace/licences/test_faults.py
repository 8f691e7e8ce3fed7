"""A library that is down, slow or talks nonsense is one refusal, kept and told at /healthz; nothing from it is taken."""

import socket
import threading
import time

import pytest

from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.licences.library import changes_since, fetch, licences_of, verify
from marketplace.licences.models import LicenceReading
from marketplace.licences.sandbox.faults import NONSENSE
from tests.factories.licences import CODE, make_holder

pytestmark = pytest.mark.django_db


def ask(function, subject):
    return function(subject, reason="机构入驻核验", by=None, now=clock.now())


def unavailable(call):
    with pytest.raises(Refused) as refusal:
        call()
    assert (refusal.value.code, refusal.value.status) == ("library_unavailable", 503)
    assert "手工填写" in str(refusal.value)


def kept():
    return list(LicenceReading.objects.order_by("pk").values_list("outcome", "refusal"))


def nobody():
    """Give an address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_nobody_answers(settings):
    settings.LICENCE_LIBRARY_URL = nobody()
    unavailable(lambda: ask(licences_of, CODE))
    assert kept() == [("unavailable", "library_unavailable")]


def test_an_address_that_is_none(settings):
    settings.LICENCE_LIBRARY_URL = "http://127.0.0.1:port"
    unavailable(lambda: ask(licences_of, CODE))


def test_a_library_that_fails_and_comes_back(library):
    library.issue(make_holder())
    library.act("fault", name="fail", times=1)
    unavailable(lambda: ask(licences_of, CODE))
    assert len(ask(licences_of, CODE)) == 3
    assert kept() == [("unavailable", "library_unavailable"), ("answered", "")]


def test_a_slow_library_is_waited_for_so_long_and_no_longer(library, settings):
    settings.LICENCE_LIBRARY_TIMEOUT = 0.2
    library.act("fault", name="slow", seconds=60)
    began = time.monotonic()
    unavailable(lambda: ask(licences_of, CODE))
    assert time.monotonic() - began < 5


def test_a_library_that_trickles_is_cut_off(settings):
    """Each byte comes in time, the whole never does."""
    settings.LICENCE_LIBRARY_TIMEOUT = 0.3
    done = threading.Event()

    def trickle(listener):
        connection, _address = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not done.wait(0.05):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=trickle, args=(listener,))
        thread.start()
        settings.LICENCE_LIBRARY_URL = f"http://127.0.0.1:{listener.getsockname()[1]}"
        began = time.monotonic()
        unavailable(lambda: ask(licences_of, CODE))
        assert time.monotonic() - began < 5
        done.set()
        thread.join()


def test_a_key_that_is_not_the_library_s(library, settings):
    settings.LICENCE_LIBRARY_KEY = "another"
    unavailable(lambda: ask(licences_of, CODE))
    assert not library.library.store.readings()


def test_an_answer_signed_with_another_key_is_not_taken(library):
    library.issue(make_holder())
    library.act("fault", name="unsigned")
    unavailable(lambda: ask(licences_of, CODE))


@pytest.mark.parametrize("kind", sorted(set(NONSENSE) - {"file"}))
@pytest.mark.parametrize("function", [licences_of, verify])
def test_nonsense_is_not_taken(library, kind, function):
    identifier = library.issue(make_holder())[1]
    library.act("fault", name="nonsense", kind=kind)
    if (kind, function) == ("other", verify):
        with pytest.raises(Refused) as refusal:
            verify(identifier, reason="核验", by=None, holder_code=CODE, now=clock.now())
        assert refusal.value.code == "licence_other_holder"
        return
    unavailable(lambda: ask(function, CODE if function is licences_of else identifier))
    assert kept() == [("unavailable", "library_unavailable")]


def test_a_program_that_calls_itself_a_pdf_is_not_taken(library):
    identifier = library.issue(make_holder())[1]
    library.act("fault", name="nonsense", kind="file")
    unavailable(lambda: ask(fetch, identifier))


@pytest.mark.parametrize("kind", ["page", "cut"])
def test_an_unreadable_feed_is_not_taken(library, kind):
    library.issue(make_holder())
    library.act("fault", name="nonsense", kind=kind)
    unavailable(lambda: changes_since(0))


@pytest.mark.parametrize("kind", ["forged", "dates", "status", "long"])
def test_a_broken_licence_in_the_feed_does_not_hold_up_the_others(library, kind, monkeypatch, caplog):
    from marketplace.licences.sandbox import nonsense

    library.issue(make_holder())
    monkeypatch.setattr(nonsense, "_licences", lambda answer: [answer["changes"][1]["licence"]])
    library.act("fault", name="nonsense", kind=kind, times=1)
    assert [cursor for cursor, _licence in changes_since(0)] == [1, 3]
    assert "change 2 left out" in caplog.text
    assert [cursor for cursor, _licence in changes_since(0)] == [1, 2, 3]


def test_healthz_says_how_the_library_answered_last(client, library, settings):
    def said():
        response = client.get("/healthz")
        assert response.status_code == 200
        return response.json()["licence_library"]

    assert said() == {"connected": True, "answers": None}
    ask(licences_of, CODE)
    asked = len(library.library.store.readings())
    assert said()["answers"] is True
    library.act("fault", name="fail")
    unavailable(lambda: ask(licences_of, CODE))
    assert said()["answers"] is False
    assert said()["asked_at"]
    assert len(library.library.store.readings()) == asked
    settings.LICENCE_LIBRARY_URL = ""
    assert said() == {"connected": False}
