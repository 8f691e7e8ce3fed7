"""Every program of the demo listens on a port of its own, counted from PORT unless told otherwise."""

import socket

import pytest
from preparation import Failure, Plan  # ops/preparation.py

NAMES = ("HOST", "PORT", "ALIPAY_PORT", "APPROVAL_PORT", "LICENCE_PORT")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_ports_follow_the_first(monkeypatch):
    monkeypatch.setenv("PORT", "8200")
    plan = Plan.read()
    assert plan.licence_port == 8203
    assert plan.environment()["LICENCE_LIBRARY_URL"] == "http://127.0.0.1:8203"
    assert len(set(plan.ports().values())) == len(plan.ports())


def test_one_port_for_two_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setenv("LICENCE_PORT", "8001")
    with pytest.raises(Failure, match=r"LICENCE_PORT.* must be different ports"):
        Plan.read()


def test_a_port_that_is_taken_is_named_with_another_to_choose(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("LICENCE_PORT", str(taken.getsockname()[1]))
        for name in NAMES[1:4]:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                monkeypatch.setenv(name, str(probe.getsockname()[1]))
        with pytest.raises(Failure, match=r"is taken: choose another with `make demo LICENCE_PORT=\d+`"):
            Plan.read().check_ports()
