"""Start a throw-away search server from Maven Central's jars: `ops/search_server.py [opensearch] run -- command…`.

The command sees ELASTICSEARCH_TEST_URL. Maven keeps what it fetches outside the sources; what a server needs is laid out once
under `var/services/`, which other processes of this machine use as well.
"""

import fcntl
import hashlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from servers import Unavailable, child, free_port, is_listening, main, scratch

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "tests" / "services"
START_SECONDS = 90
FETCH_SECONDS = 300
JAVA = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
RUNNER_PORTS = range(9201, 9299)  # codelibs' runner takes no port outside of these


def _tool(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Unavailable(f"no {name} on the path. On Debian: apt-get install {package}")
    return found


def prepared(name: str) -> Path:
    """Return the folder with the jars of a server; let Maven lay it out when it is not there yet.

    Raises Unavailable when Java or Maven is missing, or Maven cannot reach its registry.
    """
    _tool("java", "openjdk-17-jdk-headless")
    sources = SOURCES / name
    files = sorted(path for path in sources.rglob("*") if path.suffix in {".xml", ".java"})
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    folder = ROOT / "var" / "services" / f"{name}-{digest}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _tool("javac", "openjdk-17-jdk-headless")
            maven = _tool("mvn", "maven")
            command = [maven, "-B", "-q", "-f", str(sources / "pom.xml"), f"-Doutput={folder}", "compile"]
            try:
                done = subprocess.run(
                    command,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=FETCH_SECONDS,
                )
            except subprocess.TimeoutExpired:
                raise Unavailable(f"Maven did not fetch the jars of {name} in {FETCH_SECONDS} s.") from None
            if done.returncode:
                said = [line for line in done.stdout.splitlines() if "ERROR" in line]
                raise Unavailable(f"Maven could not lay out {name}: {(said or ['no reason given'])[0][:400]}")
            for description in folder.glob("description/META-INF/es-plugins/*/*.properties"):
                shutil.copy(description, folder / "modules" / description.parent.name)
            (folder / "ready").touch()
    return folder


def _wait(process: subprocess.Popen, port: int, folder: Path, name: str) -> None:
    """Return when the server says that it is well; raise Unavailable with its last words when it died or stays silent."""
    deadline = time.monotonic() + START_SECONDS
    health = f"http://127.0.0.1:{port}/_cluster/health?wait_for_status=yellow&timeout=5s"
    while time.monotonic() < deadline and process.poll() is None:
        if is_listening(port):
            try:
                with urllib.request.urlopen(health, timeout=10) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
        time.sleep(0.1)
    tail = (folder / "log").read_text(encoding="utf-8", errors="replace")[-1500:].strip()
    raise Unavailable(f"{name} did not start on port {port}: {tail}")


def _runner_port() -> int:
    for port in RUNNER_PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Unavailable(f"OpenSearch needs a free port from {RUNNER_PORTS.start} to {RUNNER_PORTS.stop - 1}.")


@contextmanager
def elasticsearch(port: int = 0, home: Path | None = None) -> Iterator[dict[str, str]]:
    """Give the address of a running Elasticsearch, by default on a free port and with nothing in it.

    `home` keeps its documents for the next start; it belongs to the caller.
    """
    jars = prepared("elasticsearch")
    with scratch("marketplace-elasticsearch-", {}) as folder:
        port = port or free_port()
        command = [
            _tool("java", "openjdk-17-jdk-headless"), *JAVA, f"-Djava.io.tmpdir={folder}",
            "--module-path", str(jars / "lib"), "--add-modules", "ALL-MODULE-PATH", "-cp", str(jars / "classes"),
            "SearchNode", str(home or folder), str(jars / "modules"), str(port),
        ]  # fmt: skip
        with child(command, folder=folder, who={}, end=signal.SIGTERM) as process:
            _wait(process, port, folder, "Elasticsearch")
            yield {"ELASTICSEARCH_TEST_URL": f"http://127.0.0.1:{port}"}


@contextmanager
def opensearch() -> Iterator[dict[str, str]]:
    """Give the address of a running OpenSearch with nothing in it."""
    jars = prepared("opensearch")
    with scratch("marketplace-opensearch-", {}) as folder:
        port = _runner_port()
        command = [
            _tool("java", "openjdk-17-jdk-headless"), *JAVA, f"-Djava.io.tmpdir={folder}",
            f"-Dlog4j.configurationFile={SOURCES / 'opensearch' / 'log4j2.properties'}", "-cp", f"{jars / 'lib'}/*",
            "org.codelibs.opensearch.runner.OpenSearchRunner", "-numOfNode", "1", "-basePath", str(folder / "node"),
            "-baseHttpPort", str(port - 1), "-clusterName", "marketplace-tests", "-disableESLogger", "-useLogger",
        ]  # fmt: skip
        with child(command, folder=folder, who={}, end=signal.SIGTERM) as process:
            _wait(process, port, folder, "OpenSearch")
            yield {"ELASTICSEARCH_TEST_URL": f"opensearch+http://127.0.0.1:{port}"}


@contextmanager
def shared(folder: Path, server: Callable) -> Iterator[str]:
    """Give the address of one server that all processes of a run share through `folder`.

    The first to come starts it; at the end it waits until the others have let go, and stops it.
    """
    name = server.__name__
    address = folder / f"{name}.address"
    with (folder / f"{name}.use").open("a") as use, (folder / f"{name}.start").open("a") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        try:
            if address.exists():
                fcntl.flock(use, fcntl.LOCK_SH)
                fcntl.flock(start, fcntl.LOCK_UN)
                yield address.read_text()
                return
            with server() as environment:
                address.write_text(environment["ELASTICSEARCH_TEST_URL"])
                fcntl.flock(start, fcntl.LOCK_UN)
                try:
                    yield environment["ELASTICSEARCH_TEST_URL"]
                finally:
                    _let_go(use, start)
                    address.unlink()
        finally:
            fcntl.flock(start, fcntl.LOCK_UN)


def _let_go(use: object, start: object) -> None:
    """Return with `start` locked when nobody else uses the server; who comes next starts another."""
    while True:
        fcntl.flock(start, fcntl.LOCK_EX)
        try:
            fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(start, fcntl.LOCK_UN)
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    servers = {"elasticsearch": elasticsearch, "opensearch": opensearch}
    which = servers[sys.argv.pop(1)] if sys.argv[1:2] and sys.argv[1] in servers else elasticsearch
    main(which.__name__, which, "ops/search_server.py [elasticsearch|opensearch] run -- command…")
