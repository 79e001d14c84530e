"""One country on a real PostgreSQL and a real chain, reached as a person or a program reaches it: by processes.

Nothing here loads Django into the test's own process. What needs the office's Python calls runs in one of its
worker processes (`Country.office`), named as a function of `support.officework`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from govseal.adapters.localchain import LocalChain
from govseal.core.trustlist import StoreRef
from support import officework, waiting
from support.nodes import rpc
from support.waiting import PATIENCE

PROJECT = Path(__file__).resolve().parents[2]
GOVSEAL = [sys.executable, "-m", "govseal"]
DYING_WORKER = [sys.executable, str(PROJECT / "tests" / "support" / "dying_worker.py")]
COMMANDS = [sys.executable, str(PROJECT / "tests" / "support" / "commands.py")]
_CODES = count(1)


class Country:
    """A platform's data folder, database and chain.

    Attributes:
        home: the data folder.
        environment: what its processes are started with.
        chain: the chain it anchors on.
    """

    def __init__(self, home: Path, database_url: str, chain: LocalChain) -> None:
        self.home = home
        self.chain = chain
        self._database_url = database_url
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GOVSEAL_")},
            "PYTHONPATH": str(PROJECT / "src"),
            "GOVSEAL_HOME": str(home),
            "DATABASE_URL": database_url,
            "GOVSEAL_RPC_URL": chain.rpc_url,
            "GOVSEAL_CHAIN_ID": str(chain.chain_id),
            "GOVSEAL_GENESIS": chain.genesis,
            "GOVSEAL_BATCH_AGE": "1",
        }
        self._pool: ProcessPoolExecutor | None = None
        self._sessions: dict[int, str] = {}

    # --- processes ------------------------------------------------------------------------------------

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `govseal` to its end."""
        return subprocess.run(
            [*GOVSEAL, *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def run_each(self, commands: Sequence[Sequence[str]]) -> list[subprocess.CompletedProcess[str]]:
        """Run `govseal` to its end with each of several lists of arguments, at the cost of one start."""
        done = subprocess.run(
            COMMANDS,
            input=json.dumps([list(one) for one in commands]),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        return [
            subprocess.CompletedProcess(list(one), *said) for one, said in zip(commands, told, strict=True)
        ]

    def migrate(self) -> None:
        """Give the database its tables."""
        done = self.run("migrate")
        assert done.returncode == 0, done.stderr

    def start(self, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        """Start a process of this country; its output goes to the log of that name."""
        name = f"process {uuid4().hex}"
        with (self.home / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env={**self.environment, **environment, "PGAPPNAME": name},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._sessions[process.pid] = name
        return process

    def end(self, process: subprocess.Popen[bytes]) -> int:
        """Wait until a process that was started has ended, and its database's sessions with it; return its status."""
        status = process.wait(PATIENCE)
        self.until_nobody_is(self._sessions[process.pid])
        return status

    def until_nobody_is(self, application: str) -> None:
        """Wait until no session of that name is left: PostgreSQL takes note of a process's end in its own time.

        Until then the session holds its locks, and whoever comes next finds somebody at work.
        """
        self.until(
            lambda: not self.rows("SELECT 1 FROM pg_stat_activity WHERE application_name = %s", application)
        )

    @contextmanager
    def worker(self, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run the real anchoring worker."""
        process = self.start([*GOVSEAL, "worker"], **environment)
        try:
            yield process
        finally:
            process.terminate()
            self.end(process)

    def worker_that_dies(self, at: str, institution: str) -> None:
        """Run a worker until it kills itself at a point; see `support/dying_worker.py`."""
        assert self.end(self.start([*DYING_WORKER, at, institution])) == -9, self.log()

    def office(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call `function(office, *arguments)` in a process of the office and return its result."""
        return self.office_later(function, *arguments).result(PATIENCE)

    def office_later(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """As `office`, without waiting; two calls run at once."""
        if self._pool is None:
            # Spawned, not forked: a process of the office shares nothing with the test's.
            self._pool = ProcessPoolExecutor(
                2, get_context("spawn"), initializer=officework.begin, initargs=(self.environment,)
            )
        return self._pool.submit(officework.call, function, *arguments)

    def close(self) -> None:
        """End the office's processes."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None  # a later call starts them anew

    def log(self) -> str:
        """Return what the processes said."""
        file = self.home / "processes.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    # --- making ---------------------------------------------------------------------------------------

    def institution(self) -> str:
        """Add an institution of its own for a test; return its code."""
        code = f"office-{next(_CODES)}"
        self.office(officework.add_institution, code)
        return code

    # --- looking --------------------------------------------------------------------------------------

    @property
    def database(self) -> str:
        """The name of its database."""
        return str(conninfo_to_dict(self._database_url)["dbname"])

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return what a query of the database finds."""
        with psycopg.connect(self._database_url) as connection:
            return connection.execute(query, values).fetchall()

    def states(self, institution: str) -> dict[str, int]:
        """Return how many of an institution's documents are in each state."""
        return dict(
            self.rows(
                "SELECT d.state, count(*) FROM issuance_document d JOIN registry_institution i"
                " ON i.id = d.institution_id WHERE i.code = %s GROUP BY 1",
                institution,
            )
        )

    def batches(self, institution: str) -> list[tuple[bytes, int]]:
        """Return (root, size) of each batch, in order."""
        return [
            (bytes(root), size)
            for root, size in self.rows(
                "SELECT b.root, b.size FROM issuance_batch b JOIN registry_institution i"
                " ON i.id = b.institution_id WHERE i.code = %s ORDER BY b.id",
                institution,
            )
        ]

    def store(self, institution: str) -> StoreRef:
        """Return an institution's document store."""
        query = "SELECT chain_id, genesis, store_address FROM registry_institution WHERE code = %s"
        return StoreRef(*self.rows(query, institution)[0])

    def events(self, institution: str, name: str = "DocumentIssued") -> list[bytes]:
        """Return the hashes that an institution's store has issued or revoked, in the chain's order."""
        topic = "0x" + officework.topic(f"{name}(bytes32)").hex()
        logs = self.rpc(
            "eth_getLogs",
            {"fromBlock": "0x0", "address": self.store(institution).address, "topics": [topic]},
        )
        return [bytes.fromhex(log["topics"][1][2:]) for log in logs]

    def rpc(self, method: str, *params: Any) -> Any:
        """Ask the chain's node."""
        return rpc(self.chain.rpc_url, method, *params)

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds; the processes' log tells why it does not."""
        waiting.until(holds, lambda: self.log()[-3000:], pause=0.1)

    def until_anchored(self, institution: str, number: int) -> None:
        """Wait until so many of an institution's documents are anchored."""
        self.until(lambda: self.states(institution) == {"anchored": number})


def new_country(home: Path, server_url: str, chain: LocalChain, template: str = "template1") -> Country:
    """Return a country with a database of its own: empty, or a copy of another one on the same server."""
    name = f"country_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(make.format(sql.Identifier(name), sql.Identifier(template)))
    return Country(home, server_url.replace("@/govseal?", f"@/{name}?"), chain)


@pytest.fixture(scope="session")
def _first_country(tmp_path_factory: pytest.TempPathFactory, database_url: str, chain: LocalChain) -> Country:
    """A country with its keys, its list and an institution, of which the others are copies; nobody uses it."""
    first = new_country(tmp_path_factory.mktemp("country"), database_url, chain)
    first.migrate()
    first.institution()  # the first one makes the country's keys and its list
    first.close()
    # A database in use cannot be copied.
    waiting.until(
        lambda: not sessions_of(first.database, database_url), "somebody holds on to the first country"
    )
    return first


def sessions_of(database: str, server_url: str) -> int:
    """Return how many sessions a database has, asked of another one on the same server."""
    with psycopg.connect(server_url) as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
        ((found,),) = connection.execute(asked, [database])
    return int(found)


@contextmanager
def _copy(first: Country, home: Path, server_url: str) -> Iterator[Country]:
    shutil.copytree(first.home, home)
    copy = new_country(home, server_url, first.chain, first.database)
    yield copy
    copy.close()
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(copy.database)))


@pytest.fixture(scope="module")
def country(
    tmp_path_factory: pytest.TempPathFactory, database_url: str, _first_country: Country
) -> Iterator[Country]:
    """A country of this file's own, which has begun to work; a test takes an institution of its own."""
    with _copy(_first_country, tmp_path_factory.mktemp("country") / "home", database_url) as copy:
        yield copy


@pytest.fixture(scope="session")
def lasting_country(
    tmp_path_factory: pytest.TempPathFactory, database_url: str, _first_country: Country
) -> Iterator[Country]:
    """A country for the whole run, which no test may change."""
    with _copy(_first_country, tmp_path_factory.mktemp("country") / "home", database_url) as copy:
        yield copy


def result(done: subprocess.CompletedProcess[str]) -> Any:
    """Return the JSON that a command wrote, with `--json`, alone on standard output."""
    lines = done.stdout.splitlines()
    assert len(lines) == 1, done
    return json.loads(lines[0])
