"""`govseal doctor`: what an installation needs, looked at, each failure with its mend; `--deep` reads the whole ledger."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import typer

from govseal.core.errors import GovsealError
from govseal.project.cli.outbox import troubles_now
from govseal.project.cli.output import OUTPUT, Exit, plain
from govseal.project.cli.running import installation

if TYPE_CHECKING:  # at run time, imported once Django is set up
    from govseal.project.configuration import Configuration
    from govseal.project.wiring.office import Office

_WORKER_SILENT = "60 seconds"
_WORKER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        name: what.
        well: whether it is as it must be.
        found: what was found, one sentence.
        mend: what to do about it; empty when well.
    """

    name: str
    well: bool
    found: str
    mend: str = ""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    deep: bool = typer.Option(
        False, "--deep", help="Compare the ledger's index with the chain, event by event."
    ),
) -> int:
    """Look at database, chain, trust list, worker, queue and index. Exit status: 0 all well, 2 otherwise."""
    with installation() as (office, _):
        findings = [_look(name, look) for name, look in _looks(office, deep=deep)]
    lines = [
        f"{'[green]✓[/]' if one.well else '[red]✗[/]'} {one.name}: {plain(one.found)}"
        + (f"\n    {plain(one.mend)}" if one.mend else "")
        for one in findings
    ]
    well = all(one.well for one in findings)
    OUTPUT.result({"well": well, "findings": [asdict(one) for one in findings]}, "\n".join(lines))
    return Exit.DONE if well else Exit.COULD_NOT_CHECK


def _look(name: str, look: Callable[[], Finding]) -> Finding:
    """Look at one thing; what keeps us from looking is a finding too."""
    try:
        return look()
    except GovsealError as error:
        return Finding(name, False, error.message, "Mend this first, then look again.")


def _looks(office: "Office", *, deep: bool) -> Iterator[tuple[str, Callable[[], Finding]]]:
    configuration = office.configuration
    yield "database", _database
    yield "chain", lambda: _chain(configuration)
    yield "trust list", lambda: _trust_list(office)
    yield "worker", _worker
    yield "queue", _queue
    yield "index", lambda: _index(configuration)
    if deep:
        yield "index against chain", _compare


def _database() -> Finding:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return Finding(
            "database", False, f"{len(missing)} changes of its tables are missing.", "govseal migrate"
        )
    return Finding("database", True, f"PostgreSQL {connection.pg_version // 10_000}, tables up to date.")


def _chain(configuration: "Configuration") -> Finding:
    from govseal.project.wiring import worker

    head = worker.ledger_events().head()
    return Finding("chain", True, f"chain {configuration.chain_id} at block {head.number}.")


def _trust_list(office: "Office") -> Finding:
    from govseal.project.wiring import shared

    lists = shared.TrustLists(office.configuration, office.published)()
    if not lists:
        return Finding(
            "trust list",
            False,
            "None can be believed now.",
            "govseal serve, or add an institution: it is made anew.",
        )
    trust = lists[0]
    institutions = len(trust.institutions)
    return Finding(
        "trust list",
        True,
        f"number {trust.sequence}, {institutions} institutions, until {trust.next_update:%Y-%m-%d}.",
    )


def _worker() -> Finding:
    """Count the workers that live; one that was started with us is given time to say so."""
    deadline = time.monotonic() + _WORKER_SECONDS
    while not (count := _workers_alive()):
        if time.monotonic() > deadline:
            return Finding("worker", False, "None has given a sign of life.", "govseal worker")
        time.sleep(0.2)
    return Finding("worker", True, f"{count} at work.")


def _workers_alive() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - %s::interval",
            [_WORKER_SILENT],
        )
        return int(cursor.fetchone()[0])


def _queue() -> Finding:
    from govseal.apps.issuance import selectors

    waiting = len(selectors.institutions_with_work())
    troubles = troubles_now()
    if troubles:
        first = troubles[0]
        return Finding(
            "queue",
            False,
            f"{len(troubles)} batches or revocations cannot go on, the first: {first.institution}, {first.what}:"
            f" {first.why}",
            "govseal outbox names them all; mend the cause, then: govseal outbox --retry",
        )
    return Finding("queue", True, f"{waiting} institutions have work under way.")


def _index(configuration: "Configuration") -> Finding:
    from govseal.apps.evidence import selectors
    from govseal.project.wiring.shared import utc_now

    position = selectors.position(configuration.chain_id, configuration.genesis)
    if position is None:
        return Finding("index", True, "Follows no store yet; the chain itself is asked.")
    behind = position.blocks_behind
    seconds = position.seconds_behind(utc_now())
    return Finding("index", True, f"{position.stores} stores, {behind} blocks and {seconds:.0f} s behind.")


def _compare() -> Finding:
    from govseal.apps.evidence.services import IndexPolicy, index_compare
    from govseal.project.wiring import worker

    compared = index_compare(ledger=worker.ledger_events(), policy=IndexPolicy())
    if compared.differing:
        first = compared.differences[0]
        return Finding(
            "index against chain",
            False,
            f"{compared.differing} events stand on one side only, the first: {first}.",
            "Report it, with this output; the chain itself is asked meanwhile where the index is stale.",
        )
    return Finding(
        "index against chain", True, f"{compared.events} events agree, up to block {compared.last}."
    )
