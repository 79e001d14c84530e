"""`govseal serve` killed with SIGKILL, whole, in part, by its head: it starts at once, and everything is anchored once.

Nine kills, one of each kind; with GOVSEAL_SOAK, ten minutes of them.
"""

import json
import os
import random
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from govseal.adapters.evm import EvmReader
from govseal.adapters.localdb import LocalDatabase
from support.country import GOVSEAL, PROJECT
from support.officework import blank_pdf, topic
from support.ports import free_port
from support.waiting import PATIENCE, until

SOAK_SECONDS = 600.0
SWEEP_SECONDS = 5.0
OFFICE = "soak"
PARTS = {"worker": "govseal worker", "web": "granian", "chain": "anvil", "database": "postgres"}
LEFT_ALONE = {"worker", "web", "chain", "database", "web worker", "backend"}
"""Kills that the supervisor survives, and mends."""

KINDS = sorted(LEFT_ALONE | {"whole tree", "head", "head and web"})


class Installation:
    """One `govseal serve` after another over one folder, and letters that come in meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.port = free_port()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GOVSEAL_") and name != "DATABASE_URL"
        }
        batches = {"GOVSEAL_BATCH_AGE": "0", "GOVSEAL_BATCH_SIZE": "2"}
        own = {"PYTHONPATH": str(PROJECT / "src"), "GOVSEAL_HOME": str(self.home)}
        self.environment = {**kept, **own, **batches}
        self.seen: list[psutil.Process] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command; what it says goes to a file."""
        with (self.folder / "said.log").open("a") as log:
            return subprocess.Popen(
                [*GOVSEAL, *arguments, "--json"],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                text=True,
            )

    def run(self, *arguments: str) -> Any:
        """Run a command to its end and return what it wrote."""
        done = subprocess.run(
            [*GOVSEAL, *arguments, "--json"],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return json.loads(done.stdout)

    def serve(self) -> None:
        """Start the platform at once, whatever was killed a moment ago."""
        self.head = self.start("serve", "--port", str(self.port))
        self.wait_for_pages()

    def wait_for_pages(self) -> None:
        """Wait until the web server answers; the supervisor must live meanwhile."""
        self.until(lambda: self.head.poll() is not None or self.answers(), "no page")
        assert self.head.poll() is None, self.said()

    def answers(self) -> bool:
        """Say whether the first page is served."""
        with suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://localhost:{self.port}/", timeout=5).close()
            return True
        return False

    def family(self) -> list[psutil.Process]:
        """Return every process of the platform, the head first."""
        head = psutil.Process(self.head.pid)
        found = [head, *head.children(recursive=True)]
        self.seen += found
        return found

    def kill(self, kind: str) -> None:
        """Kill as `kind` says; a process that ended meanwhile is no error."""
        family = self.family()
        for process in _victims(kind, family):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if kind not in LEFT_ALONE:
            self.head.wait()

    def until(self, holds: Callable[[], bool], why: str) -> None:
        """Wait until something holds."""
        until(holds, lambda: (why, self.said()), pause=0.2)

    def said(self) -> str:
        """Return the last words of every command."""
        return (self.folder / "said.log").read_text()[-3000:]

    def services(self) -> dict[str, Any]:
        """Return where the database and the chain are."""
        return json.loads((self.home / "run" / "services.json").read_text())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(self.services()["database_url"]) as connection:
            return connection.execute(query).fetchall()

    def events(self, name: str) -> list[bytes]:
        """Return the hashes that the stores issued or revoked, in the chain's order."""
        services = self.services()
        asked = {"fromBlock": "0x0", "topics": ["0x" + topic(f"{name}(bytes32)").hex()]}
        with closing(EvmReader(services["rpc_url"], services["chain_id"], services["genesis"])) as reader:
            return [bytes.fromhex(log["topics"][1][2:]) for log in reader._rpc.result("eth_getLogs", asked)]

    def remove(self) -> None:
        """End everything and delete the database."""
        if self.head.poll() is None:
            self.head.terminate()
            self.head.wait(PATIENCE)
        database = LocalDatabase(self.home / "database")
        database.start()
        database.remove()


def _victims(kind: str, family: list[psutil.Process]) -> list[psutil.Process]:
    head, *children = family
    commands = {child: _command(child) for child in children}
    if kind == "whole tree":
        return family
    if kind == "head":
        return [head]
    if kind == "backend":
        return [child for child in children if commands[child].startswith("postgres:")][-1:]
    servers = [child for child in children if "granian" in commands[child]]
    if kind == "head and web":
        return [head, *servers[:1]]
    if kind == "web worker":
        return [child for child in children if "multiprocessing" in commands[child]][-1:] or servers[1:]
    return [child for child in children if PARTS[kind] in commands[child]][:1]


def _command(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    names = ("--name", "en=Soak", "--name", "km=សាកល្បង", "--domain", "soak.example", "--type", "letter")
    assert made.run("institution", "add", OFFICE, *names)["code"] == OFFICE
    made.serve()
    yield made
    made.remove()


def kinds(dice: random.Random) -> Iterator[str]:
    """Yield how to kill next."""
    end = time.monotonic() + SOAK_SECONDS
    yield from dice.sample(KINDS, len(KINDS))
    while os.environ.get("GOVSEAL_SOAK") and time.monotonic() < end:
        yield dice.choice(KINDS)


@pytest.mark.timeout(2400)
def test_whatever_part_of_it_is_killed_it_starts_at_once_and_everything_is_anchored_once(
    installation: Installation,
) -> None:
    dice = random.Random(20261122)
    numbers: list[str] = []
    for count, kind in enumerate(kinds(dice)):
        new = [f"N-{count}-{one}" for one in range(2)]
        for number in new:
            (installation.folder / f"{number}.pdf").write_bytes(blank_pdf())
        numbers += new
        files = [f"{number}.pdf" for number in new]
        sealing = installation.start("seal", *files, "--institution", OFFICE, "--out", "sealed")
        time.sleep(dice.uniform(0.0, 6.0))
        installation.kill(kind)
        if kind in LEFT_ALONE:
            installation.wait_for_pages()
            sealing.wait(PATIENCE)
        else:
            sealing.kill()  # a command that finds nothing running starts database, chain and worker itself
            sealing.wait()
            installation.serve()
    time.sleep(2 * SWEEP_SECONDS)  # what the chain lost last is looked for, and sent again
    installation.until(
        lambda: not installation.rows("SELECT 1 FROM issuance_batch WHERE state <> 'anchored'"),
        "a batch is not anchored",
    )
    # What was killed on its way to the database is sealed again under its number, and only that.
    again = [f"{number}.pdf" for number in numbers]
    results = installation.run("seal", *again, "--institution", OFFICE, "--out", "sealed")["documents"]
    assert [one.get("error") for one in results] == [None] * len(numbers)
    installation.run("revoke", results[0]["id"], "--reason", "Made in error")
    installation.until(
        lambda: not installation.rows("SELECT 1 FROM issuance_revocation WHERE state <> 'confirmed'"),
        "a revocation is not confirmed",
    )
    rows = installation.rows("SELECT number, state FROM issuance_document ORDER BY number")
    assert sorted(rows) == sorted((number, "released") for number in numbers)
    roots = [bytes(root) for (root,) in installation.rows("SELECT root FROM issuance_batch")]
    assert sorted(installation.events("DocumentIssued")) == sorted(roots)
    assert len(installation.events("DocumentRevoked")) == 1
    assert "Traceback" not in (installation.folder / "said.log").read_text()
    installation.head.terminate()
    installation.head.wait(PATIENCE)
    left = psutil.wait_procs(installation.seen, timeout=PATIENCE)[1]
    assert [_command(process) for process in left] == []
