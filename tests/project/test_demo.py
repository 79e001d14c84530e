"""`govseal demo`: up, again, on another port, and down with all its children, however it ends."""

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from govseal.adapters.localdb import LocalDatabase
from support.country import GOVSEAL, PROJECT, result
from support.ports import free_port
from support.waiting import PATIENCE, until

KINDS = {"worker": "govseal worker", "web": "granian", "chain": "anvil", "database": "postgres"}


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GOVSEAL_") and name != "DATABASE_URL"
    }
    return {**kept, "PYTHONPATH": str(PROJECT / "src"), "GOVSEAL_HOME": str(home), **more}


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Path]:
    """A data folder in which the demonstration has been once."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    first = once(folder, port)
    assert first.returncode == 0, first
    assert {check["outcome"] for check in result(first)["checks"]} == {"genuine"}
    yield folder
    database = LocalDatabase(folder / "database")
    with database:
        pass  # nobody else may run it any more
    database.remove()


def once(home: Path, port: int, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*GOVSEAL, "demo", "--once", "--json", "--port", str(port)],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


class Demo:
    """A running demonstration."""

    def __init__(self, process: subprocess.Popen[str], ready: dict[str, Any]) -> None:
        self.process = process
        self.ready = ready
        self.family = psutil.Process(process.pid).children(recursive=True)

    def child(self, kind: str) -> psutil.Process:
        """Return the oldest process of a kind; one that has ended meanwhile is none."""
        for one in self.family:
            with suppress(psutil.NoSuchProcess):
                if KINDS[kind] in " ".join(one.cmdline()):
                    return one
        raise LookupError(kind)

    def ends(self) -> tuple[int, str]:
        """Wait for its end; return status and last words. Nothing of it may live on."""
        out, err = self.process.communicate(timeout=PATIENCE)
        _, alive = psutil.wait_procs(self.family, timeout=PATIENCE)
        assert alive == []
        assert "Traceback" not in out + err
        return self.process.returncode, out + err


@contextmanager
def running(home: Path, port: int) -> Iterator[Demo]:
    with subprocess.Popen(
        [*GOVSEAL, "demo", "--json", "--port", str(port)],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            ready = json.loads(line) if line else {}
            assert "checks" in ready, (line, process.communicate()[1])
            yield Demo(process, ready)
        finally:
            process.kill()


@pytest.fixture
def demo(home: Path, port: int) -> Iterator[Demo]:
    with running(home, port) as started:
        yield started


def test_a_second_run_finds_everything_again(home: Path, port: int) -> None:
    with running(home, port) as demo:
        assert demo.ready["address"] == f"http://localhost:{port}"
        with urllib.request.urlopen(demo.ready["address"], timeout=PATIENCE) as answer:
            assert answer.status == 200
        links = {check["link"] for check in demo.ready["checks"]}
        assert all(link.startswith(f"{demo.ready['address']}/s#1") for link in links)
        second = subprocess.run(
            [*GOVSEAL, "verify", demo.ready["checks"][0]["file"]],
            env=environment(home),
            check=False,
            capture_output=True,
        )
        assert second.returncode == 0
        documents = dict.fromkeys(check["document"] for check in demo.ready["checks"])
        for command, document in zip(("revoke", "suspend"), documents, strict=False):
            tried = [*GOVSEAL, command, document, "--reason", "Tried out"]
            assert subprocess.run(tried, env=environment(home), check=False).returncode == 0
        again = once(home, port)
        assert again.returncode == 2
        assert "Another govseal runs over" in result(again)["error"]["message"]
        demo.process.send_signal(signal.SIGINT)
        assert demo.ends()[0] == 0


def test_every_child_ends_with_it_when_it_is_killed(demo: Demo) -> None:
    assert {kind for kind in KINDS if demo.child(kind)} == set(KINDS)
    assert len(demo.family) >= 5
    demo.process.kill()
    demo.ends()


def dies(demo: Demo, kind: str) -> None:
    """Kill a child and wait for the one that takes its place."""
    dead = demo.child(kind)
    dead.kill()

    def is_replaced() -> bool:
        assert demo.process.poll() is None, demo.ends()
        with suppress(LookupError, psutil.Error):
            demo.family = psutil.Process(demo.process.pid).children(recursive=True)
            return demo.child(kind).pid != dead.pid
        return False

    until(is_replaced, kind)


def test_a_child_that_dies_is_started_again_and_the_sheets_stay_genuine(home: Path, demo: Demo) -> None:
    for kind in KINDS:
        dies(demo, kind)
    file = demo.ready["checks"][0]["file"]

    def is_genuine() -> bool:
        assert demo.process.poll() is None, demo.ends()
        command = [*GOVSEAL, "verify", file]
        return subprocess.run(command, env=environment(home), check=False).returncode == 0

    until(is_genuine)
    demo.process.send_signal(signal.SIGINT)
    status, said = demo.ends()
    assert status == 0
    for kind in KINDS:
        assert f"The {'' if kind in {'web', 'worker'} else 'local '}{kind} ended unexpectedly" in said


@pytest.mark.parametrize(("kind", "ending"), [("parent", signal.SIGTERM), ("all", signal.SIGHUP)])
def test_what_was_killed_starts_again_at_once_on_the_same_port_and_ends_whole(
    home: Path, port: int, kind: str, ending: signal.Signals
) -> None:
    with running(home, port) as demo:
        server = demo.child("web")
        demo.process.kill()
        if kind == "all":
            server.kill()  # its own worker process is left with nobody
        demo.process.wait()
    with running(home, port) as again:
        assert again.ready["address"] == demo.ready["address"]
        _, alive = psutil.wait_procs(demo.family, timeout=PATIENCE)
        assert alive == []
        assert {kind for kind in KINDS if again.child(kind)} == set(KINDS)
        again.process.send_signal(ending)
        again.ends()


def test_after_all_that_another_port_gets_sheets_of_its_own_and_the_old_ones_stay_genuine(
    home: Path, port: int
) -> None:
    checks = result(once(home, port))["checks"]
    old = checks[0]
    numbers = [document[-4:] for document in dict.fromkeys(check["document"] for check in checks)]
    assert numbers == ["0002", "0002", *["0001"] * (len(numbers) - 2)], "one is revoked, one suspended"
    other = result(once(home, free_port()))["checks"][0]
    assert old["document"] != other["document"]
    assert old["link"].split("/s#")[0] != other["link"].split("/s#")[0]
    (home / "run" / "services.json").write_text(
        '{"database_url": "postgresql://nowhere/", "rpc_url": "http://x"}'
    )
    checked = subprocess.run([*GOVSEAL, "verify", old["file"]], env=environment(home), check=False)
    assert checked.returncode == 0


def test_a_port_in_use_is_named(home: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        done = subprocess.run(
            [*GOVSEAL, "demo", "--port", str(number)],
            env=environment(tmp_path / "new"),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert f"Port {number} is in use" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_missing_tool_is_named(home: Path, port: int, tmp_path: Path) -> None:
    done = once(home, port, GOVSEAL_NODE_MODULES=str(tmp_path))
    assert done.returncode == 2
    assert "make setup" in result(done)["error"]["message"]


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path, port: int) -> None:
    (tmp_path / "file").write_text("")
    done = once(tmp_path / "file", port)
    assert done.returncode == 2
    assert "GOVSEAL_HOME" in result(done)["error"]["message"]
