"""Events: gapless, chained, delivered at least once."""

from datetime import timedelta

import pytest

from marketplace.core import clock, events
from marketplace.core.events import broken_links, deliver_pending, record
from marketplace.core.models import Delivery, DeliveryStatus, Event, Process
from marketplace.core.worker import run_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def process() -> Process:
    return Process.objects.create(ocid="ocds-test-1", kind="operation", title="试验", created_at=clock.now())


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, events.Handler]]:
    registry: dict[str, dict[str, events.Handler]] = {"thing_happened": {}}
    monkeypatch.setattr(events, "_handlers", registry)
    return registry


def test_numbers_are_gapless_and_hashes_chain(process: Process) -> None:
    rows = [record(process, "thing_happened", now=clock.now(), data={"step": step}) for step in range(3)]
    assert [row.number for row in rows] == [1, 2, 3]
    assert [row.previous_hash for row in rows] == ["", rows[0].hash, rows[1].hash]
    assert broken_links(process) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"data": {"step": 9}}, "content does not match"),
        ({"at": clock.now() - timedelta(days=1)}, "content does not match"),
        ({"visibility": "private"}, "content does not match"),
    ],
)
def test_a_changed_event_is_found(process: Process, change: dict[str, object], says: str) -> None:
    for step in range(3):
        record(process, "thing_happened", now=clock.now(), data={"step": step})
    Event.objects.filter(process=process, number=2).update(**change)
    process.refresh_from_db()
    assert any(says in sentence for sentence in broken_links(process))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_missing_event_is_found(process: Process, number: int) -> None:
    for step in range(3):
        record(process, "thing_happened", now=clock.now(), data={"step": step})
    Event.objects.filter(process=process, number=number).delete()
    says = "chain ends at 2" if number == 3 else f"event {number} is missing"
    assert any(says in sentence for sentence in broken_links(process))


@pytest.mark.parametrize(
    "head", [{"head_number": 2}, {"head_number": 4}, {"head_number": 0, "head_hash": ""}, {"head_hash": "0" * 64}]
)
def test_a_wrong_head_is_found(process: Process, head: dict[str, object]) -> None:
    for step in range(3):
        record(process, "thing_happened", now=clock.now(), data={"step": step})
    Process.objects.filter(pk=process.pk).update(**head)
    assert len(broken_links(process)) == 1


@pytest.mark.parametrize("moment", ["before the events", "after the events"])
def test_events_that_come_while_one_looks_are_no_fault(
    process: Process, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = Process.objects.get(pk=process.pk)  # as a page or a loop over processes holds it
    for step in range(3):
        record(process, "thing_happened", now=clock.now(), data={"step": step})
    read, reads = events._head, []

    def read_beside_a_writer(asked: Process) -> tuple[int, str]:
        reads.append(asked.pk)
        if moment == "after the events" and len(reads) == 2:
            record(process, "thing_happened", now=clock.now(), data={"step": 3})
        head = read(asked)
        if moment == "before the events" and len(reads) == 1:
            record(process, "thing_happened", now=clock.now(), data={"step": 3})
        return head

    monkeypatch.setattr(events, "_head", read_beside_a_writer)
    assert broken_links(stale) == []
    assert process.events.count() == 4
    assert len(reads) == 2


def test_a_failing_handler_is_retried(process: Process, handlers: dict[str, dict[str, events.Handler]]) -> None:
    calls: list[int] = []

    def unsteady(event: Event) -> None:
        calls.append(event.number)
        if len(calls) == 1:
            raise ConnectionError("the neighbour is away")

    handlers["thing_happened"]["unsteady"] = unsteady
    now = clock.now()
    record(process, "thing_happened", now=now)
    owed = Delivery.objects.get()
    assert (owed.status, owed.attempts) == (DeliveryStatus.PENDING, 1)
    assert "the neighbour is away" in owed.error
    assert deliver_pending(now) == 0  # not before its time
    assert run_round(now + timedelta(hours=2))["deliveries"] == 1
    owed.refresh_from_db()
    assert owed.status == DeliveryStatus.DONE
    assert calls == [1, 1]


def test_a_handler_that_never_works_is_given_up(
    process: Process, handlers: dict[str, dict[str, events.Handler]]
) -> None:
    def broken(event: Event) -> None:
        raise ValueError("never")

    handlers["thing_happened"]["broken"] = broken
    now = clock.now()
    record(process, "thing_happened", now=now)
    for _round in range(events.MAX_ATTEMPTS):
        now += timedelta(hours=2)
        deliver_pending(now)
    assert Delivery.objects.get().status == DeliveryStatus.DEAD


def test_a_failing_listener_stops_nothing(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def broken(_told: list[Event]) -> None:
        raise RuntimeError("socket gone")

    monkeypatch.setattr(events, "_listeners", [broken, lambda told: heard.extend(event.name for event in told)])
    record(process, "thing_happened", now=clock.now())
    assert heard == ["thing_happened"]
