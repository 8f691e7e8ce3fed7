"""What every test stands on: no network but loopback, one word when Chromium is missing."""

import ipaddress
import os
import shutil
import socket
import sys
from pathlib import Path

import hypothesis
import pytest

from tests.databases import drop_migrated_postgres, migrated_postgres, migrated_sqlite

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "ops"))  # the throw-away servers are the same for `make` and for tests

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WITHOUT_CHROMIUM = "Browser tests are left out: no chromium on this machine (on Debian: apt-get install chromium)."

# A busy machine is no failure: how long a test takes is for the benchmarks to say.
hypothesis.settings.register_profile("calm", deadline=None)
hypothesis.settings.load_profile("calm")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host in ("localhost", "")


@pytest.fixture(scope="session", autouse=True)
def only_loopback():
    """Refuse a connection to anywhere but this machine: a test that needs the world is no test."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def check(sock, address):
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
            raise AssertionError(f"A test tried to reach {address[0]}; only loopback is allowed.")

    def guarded_connect(self, address):
        check(self, address)
        return connect(self, address)

    def guarded_connect_ex(self, address):
        check(self, address)
        return connect_ex(self, address)

    socket.socket.connect, socket.socket.connect_ex = guarded_connect, guarded_connect_ex
    yield
    socket.socket.connect, socket.socket.connect_ex = connect, connect_ex


# Files that take minutes come first, so that at the end no worker waits long for the other.
LONG = (
    "tests/browser/",
    "tests/faults/",
    "tests/payments/crashes/",
    "tests/marketplace/demo/",
    "tests/search/test_server",
)
ONCE = "It does not touch the database: once is enough, in the run with DB=sqlite."
WITH_DATABASE = {"db", "transactional_db", "demo_server", "market"}


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: not any(part in item.path.as_posix() for part in LONG))
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
        if item.get_closest_marker("browser") and CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason=WITHOUT_CHROMIUM))
        if item.get_closest_marker("postgres") and os.environ.get("DB") != "postgres":
            item.add_marker(pytest.mark.skip(reason="holds only on PostgreSQL: make test DB=postgres"))
        if os.environ.get("DB") == "postgres" and not touches_database(item):
            item.add_marker(pytest.mark.skip(reason=ONCE))


def touches_database(item):
    return item.get_closest_marker("django_db") is not None or not WITH_DATABASE.isdisjoint(item.fixturenames)


def pytest_terminal_summary(terminalreporter):
    if CHROMIUM is None:
        terminalreporter.write_line(WITHOUT_CHROMIUM)


def pytest_unconfigure(config):
    if os.environ.get("DB") == "postgres" and not hasattr(config, "workerinput"):
        drop_migrated_postgres(config._tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def redis_url():
    """Give the address of a throw-away Redis; skip with its sentence when the machine has none."""
    from redis_server import redis  # ops/redis_server.py
    from servers import Unavailable

    try:
        with redis() as environment:
            yield environment["REDIS_URL"]
    except Unavailable as problem:
        pytest.skip(str(problem))


@pytest.fixture(autouse=True)
def language():
    """Begin each test in the site's language: a request in English leaves its own behind in the thread."""
    from django.utils import translation

    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def pace():
    """Give everybody a full bucket of bids: accounts of one test have the numbers of another's."""
    from marketplace.bidding import pace

    pace.bids.forget()


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    """Give each test a data folder of its own: uploads and the search index of one say nothing to the next."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SAFE_DIR = tmp_path / "safe"
    settings.ALIPAY_SANDBOX_DIR = tmp_path / "alipay_sandbox"


@pytest.fixture(autouse=True)
def commits(request, monkeypatch):
    """Run what waits for a commit at once: a test's own transaction never commits.

    Tests that really commit (`transaction=True`) and those without a database keep Django's behaviour.
    """
    marker = request.node.get_closest_marker("django_db")
    if marker is None or marker.kwargs.get("transaction"):
        return
    from django.db import transaction

    monkeypatch.setattr(transaction, "on_commit", lambda function, using=None, robust=False: function())


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request, tmp_path_factory):
    """Begin with a copy of a migrated database.

    SQLite's is a file: threads meet there as in production, not over one shared memory.
    """
    from django.db import connection

    if connection.vendor == "sqlite":
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        shutil.copyfile(migrated_sqlite(request.config.cache), file)
        connection.settings_dict["TEST"]["NAME"] = str(file)
    else:
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_postgres(tmp_path_factory)
        request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb):
    """Let Django take the copied file as it is; it goes with the folder of the run."""
    return django_db_keepdb or os.environ.get("DB") != "postgres"


@pytest.fixture(scope="session", autouse=True)
def emptied_ledger():
    """Let the flush after a test that commits empty the ledger on SQLite, whose triggers else refuse to delete from it.

    PostgreSQL truncates, which asks no trigger.
    """
    from django.db.backends.sqlite3.base import DatabaseOperations

    from payments import triggers

    flush = DatabaseOperations.execute_sql_flush

    def flush_ledger_too(self, sql_list):
        with self.connection.cursor() as cursor:
            there = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            found = [(name, sql) for name, sql in cursor.execute(there).fetchall() if name in triggers.SQLITE]
        without = [f"DROP TRIGGER {name}" for name, _sql in found]
        return flush(self, [*without, *sql_list, *(sql for _name, sql in found)])

    DatabaseOperations.execute_sql_flush = flush_ledger_too
    yield
    DatabaseOperations.execute_sql_flush = flush


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End what still holds the test database before it is dropped: PostgreSQL's own vacuum, or a thread's idle session."""
    yield
    from django.db import connection

    if connection.vendor == "postgresql":
        others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
        )
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            cursor.execute(others, cursor.fetchone())
