"""The sealed box opens for its key, its context and its unchanged message, and for nothing else."""

import pytest

from marketplace.core.sealing import OVERHEAD, Unopenable, new_key, seal, unseal

CONTEXT = b"YT2026-000001|11\xe5\x8f\xb7|1"


def test_what_goes_in_comes_out() -> None:
    private, public = new_key()
    assert (len(private), len(public)) == (32, 64)
    for content in (b"", b"8,800,000", "报价".encode() * 1000):
        sealed = seal(public, content, CONTEXT)
        assert len(sealed) == len(content) + OVERHEAD
        assert unseal(private, sealed, CONTEXT) == content


def test_the_same_content_never_looks_the_same() -> None:
    _private, public = new_key()
    first, second = seal(public, b"8800000", CONTEXT), seal(public, b"8800000", CONTEXT)
    assert first != second
    assert b"8800000" not in first


def test_another_key_does_not_open() -> None:
    _private, public = new_key()
    other, _public = new_key()
    with pytest.raises(Unopenable):
        unseal(other, seal(public, b"8800000", CONTEXT), CONTEXT)


@pytest.mark.parametrize("context", [b"", CONTEXT + b" ", b"YT2026-000002|11\xe5\x8f\xb7|1"])
def test_another_context_does_not_open(context: bytes) -> None:
    private, public = new_key()
    with pytest.raises(Unopenable):
        unseal(private, seal(public, b"8800000", CONTEXT), context)


def test_a_change_of_any_byte_is_noticed() -> None:
    private, public = new_key()
    sealed = seal(public, b"8800000", CONTEXT)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Unopenable):
            unseal(private, bytes(changed), CONTEXT)


@pytest.mark.parametrize("cut", [0, 1, 32, 33, 40, -1])
def test_a_message_cut_short_is_noticed(cut: int) -> None:
    private, public = new_key()
    with pytest.raises(Unopenable):
        unseal(private, seal(public, b"8800000", CONTEXT)[:cut], CONTEXT)


def test_a_key_without_a_secret_is_noticed() -> None:
    private, _public = new_key()
    with pytest.raises(Unopenable):
        unseal(private, b"\x01" + bytes(32) + bytes(40), CONTEXT)
