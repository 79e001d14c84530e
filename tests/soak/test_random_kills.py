"""Worker, chain and database killed at random moments while letters come in: everything is anchored once.

Three kills of a fixed seed; with GOVSEAL_SOAK, ten minutes of them.
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psycopg
import pytest

from govseal.adapters.localchain import LocalChain
from govseal.adapters.localdb import LocalDatabase
from support.country import GOVSEAL, PATIENCE, Country
from support.officework import prepare, revoke
from support.ports import free_port

SOAK_SECONDS = 600.0
LEFT_BY_THE_DEAD = """SELECT count(*) FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
    WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - interval '30 seconds')"""


class Machine:
    """A country whose every part may be killed, and is started anew as its supervisor would."""

    def __init__(self, folder: Path) -> None:
        self.database = LocalDatabase(folder / "database", durable=False)
        self.chain = LocalChain(folder / "chain", free_port())
        self.chain.start()
        self.country = Country(folder, self.database.start(), self.chain)
        self.country.environment["GOVSEAL_BATCH_AGE"] = "0"
        self.country.environment["GOVSEAL_BATCH_SIZE"] = "2"
        self.country.migrate()
        self.worker = self._new_worker()

    def _new_worker(self) -> subprocess.Popen[bytes]:
        return self.country.start([*GOVSEAL, "worker"])

    def kill(self, part: str) -> None:
        """Kill one part with SIGKILL and start it anew."""
        if part == "worker":
            self.worker.kill()
            self.worker.wait()
        else:
            engine = self.chain if part == "chain" else self.database
            assert engine.pid is not None
            os.kill(engine.pid, signal.SIGKILL)
            while engine.running:  # one that is dying still counts as started
                time.sleep(0.01)
            engine.start()
        self.watch()

    def watch(self) -> None:
        """Start the worker anew when it has ended."""
        if self.worker.poll() is not None:
            self.worker = self._new_worker()

    def until(self, query: str, expected: list[tuple[Any, ...]]) -> None:
        """Wait until a query finds what is expected, keeping the worker alive, as long as there is progress."""
        deadline, before = time.monotonic() + PATIENCE, None
        while True:
            self.watch()
            try:
                found = self.country.rows(query)
            except psycopg.OperationalError:
                found = []
            if found == expected:
                return
            if found != before:
                deadline, before = time.monotonic() + PATIENCE, found
            assert time.monotonic() < deadline, (found, self.country.log()[-3000:])
            time.sleep(0.2)

    def close(self) -> None:
        """End everything."""
        self.worker.terminate()
        self.worker.wait(PATIENCE)
        self.country.close()
        self.chain.stop()
        self.database.remove()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.close()


def moments(rounds: random.Random) -> Iterator[tuple[str, float]]:
    """Yield which part dies and after how many seconds."""
    if not os.environ.get("GOVSEAL_SOAK"):
        yield from ((part, rounds.uniform(0.2, 1.5)) for part in ("chain", "database", "worker"))
        return
    end = time.monotonic() + SOAK_SECONDS
    while time.monotonic() < end:
        yield rounds.choice(["chain", "database", "worker"]), rounds.uniform(0.05, 3.0)


def documents_of(order: Future[list[str]]) -> list[str]:
    """Return the letters that were prepared; an office whose database died has prepared none or some."""
    try:
        return order.result(PATIENCE)
    except Exception as error:
        if "OperationalError" in type(error).__name__ or "InterfaceError" in type(error).__name__:
            return []
        raise


@pytest.mark.timeout(1500)
def test_whatever_dies_at_whatever_moment_everything_is_anchored_once(machine: Machine) -> None:
    country, institution = machine.country, machine.country.institution()
    kills = 0
    for kills, (part, seconds) in enumerate(moments(random.Random(20261122)), start=1):
        order = country.office_later(prepare, institution, [f"{kills}-{one}" for one in range(3)])
        if part == "database":
            for document in documents_of(order)[:1]:
                country.office(revoke, document)
        time.sleep(seconds)
        machine.kill(part)
        documents_of(order)
    machine.until("SELECT count(*) FROM issuance_document WHERE state <> 'anchored'", [(0,)])
    machine.until("SELECT count(*) FROM issuance_revocation WHERE state <> 'confirmed'", [(0,)])
    time.sleep(6)  # one sweep more: what the chain has lost since is sent again
    machine.until("SELECT count(*) FROM issuance_batch WHERE state <> 'anchored'", [(0,)])
    assert country.rows("SELECT count(*) FROM issuance_document")[0][0] >= 3
    roots = [root for root, _ in country.batches(institution)]
    assert sorted(country.events(institution)) == sorted(roots)
    revoked = country.rows(
        "SELECT d.target_hash FROM issuance_revocation r JOIN issuance_document d ON d.id = r.document_id"
    )
    assert sorted(country.events(institution, "DocumentRevoked")) == sorted(bytes(one) for (one,) in revoked)
    machine.until(LEFT_BY_THE_DEAD, [(0,)])
