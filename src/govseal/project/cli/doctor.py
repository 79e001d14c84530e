"""`govseal doctor`: what an installation needs, looked at, each failure with its mend; `--deep` reads the whole ledger."""

import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from govseal.core.errors import GovsealError
from govseal.project.cli import looks_lists, looks_machine
from govseal.project.cli.findings import Finding, Look
from govseal.project.cli.outbox import troubles_now
from govseal.project.cli.output import EPILOG, OUTPUT, Exit, Panel, plain
from govseal.project.cli.running import installation

if TYPE_CHECKING:  # at run time, imported once Django is set up
    from govseal.project.configuration import Configuration
    from govseal.project.wiring.office import Office

_WORKER_SILENT = "60 seconds"
_WORKER_SECONDS = 10.0
_INDEX_SECONDS = 600.0
_BLOCK_AHEAD_SECONDS = 15.0  # how far a validator's clock may run ahead
_JOBS = """
    SELECT count(*) FILTER (WHERE job.status = 'failed'),
           count(*) FILTER (WHERE job.status = 'doing' AND (worker.id IS NULL
               OR worker.last_heartbeat < now() - %s::interval)),
           count(*) FILTER (WHERE job.status = 'todo')
    FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=EPILOG, rich_help_panel=Panel.OPERATE)(doctor)


def doctor(
    deep: bool = typer.Option(
        False, "--deep", help="Compare the ledger's index with the chain, event by event."
    ),
) -> int:
    """Look at machine, database, chain, keys, lists, worker and index, and say what mends each lack.

    Exit status: 2 unless all is well.
    """
    from govseal.project.configuration import Configuration

    findings = [_look(one) for one in looks_machine.looks(Configuration.load(os.environ))]
    try:
        with installation() as (office, _):
            findings += [_look(one) for one in _looks(office, deep=deep)]
    except GovsealError as error:
        findings.append(Finding("installation", False, error.message, "Mend this first, then look again."))
    lines = [
        f"{'[green]✓[/]' if one.well else '[red]✗[/]'} {one.name}: {plain(one.found)}"
        + (f"\n    {plain(one.mend)}" if one.mend else "")
        for one in findings
    ]
    well = all(one.well for one in findings)
    OUTPUT.result({"well": well, "findings": [asdict(one) for one in findings]}, "\n".join(lines))
    return Exit.DONE if well else Exit.COULD_NOT_CHECK


def _look(look: Look) -> Finding:
    """Look at one thing; what keeps us from looking is a finding too."""
    name, look_at = look
    try:
        return look_at()
    except (GovsealError, OSError) as error:
        return Finding(name, False, str(error), "Mend this first, then look again.")


def _looks(office: "Office", *, deep: bool) -> Iterator[Look]:
    from govseal.project.wiring.shared import utc_now

    configuration = office.configuration
    yield "database", _database
    yield "database clock", _database_clock
    yield "chain", lambda: _chain(configuration)
    yield from looks_lists.looks(office, utc_now())
    yield "worker", _worker
    yield "jobs", _jobs
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


def _database_clock() -> Finding:
    from django.db import connection

    from govseal.project.wiring.shared import utc_now

    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        ahead = (utc_now() - cursor.fetchone()[0]).total_seconds()
    return looks_machine.clock_finding("database clock", "the database", ahead)


def _chain(configuration: "Configuration") -> Finding:
    """Ask the chain, which must be the configured one; its newest block is never younger than now."""
    from govseal.project.wiring import worker
    from govseal.project.wiring.shared import utc_now

    head = worker.ledger_events().head()
    age = (utc_now() - head.time).total_seconds()
    if age < -_BLOCK_AHEAD_SECONDS:
        return looks_machine.clock_finding("chain", "the chain's newest block", age)
    place = f"chain {configuration.chain_id}, block 0 {configuration.genesis[:10]}…"
    return Finding("chain", True, f"{place}, at block {head.number}, {max(0.0, age):.0f} s old.")


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


def _jobs() -> Finding:
    """No job failed for good, and none is held by a worker that is gone; the sweep takes those up again."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_JOBS, [_WORKER_SILENT])
        failed, stalled, waiting = cursor.fetchone()
    found = f"{waiting} wait, {failed} failed, {stalled} stalled."
    if failed or stalled:
        return Finding(
            "jobs", False, found, "See the worker's log, and that a worker runs: it takes them up again."
        )
    return Finding("jobs", True, found)


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

    deadline = time.monotonic() + _WORKER_SECONDS
    while True:
        position = selectors.position(configuration.chain_id, configuration.genesis)
        if position is None:
            return Finding("index", True, "Follows no store yet; the chain itself is asked.")
        seconds = position.seconds_behind(utc_now())
        if seconds < _INDEX_SECONDS or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    found = f"{position.stores} stores, {position.blocks_behind} blocks and {seconds:.0f} s behind."
    if seconds < _INDEX_SECONDS:
        return Finding("index", True, found)
    return Finding(
        "index", False, found, "See that a worker runs and reaches the chain; the chain is asked meanwhile."
    )


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
            "Report it, with this output; then read the ledger again: govseal index --rebuild",
        )
    return Finding(
        "index against chain", True, f"{compared.events} events agree, up to block {compared.last}."
    )
