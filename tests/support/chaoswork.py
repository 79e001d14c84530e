"""What runs inside a process of the office for tests of faults: each function takes the office first."""

# ruff: noqa: PLC0415 - Django is set up before anything of ours is imported

import os
import resource
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from govseal.adapters.evm import EvmLedger
    from govseal.project.wiring.office import Office


def run_outbox(
    office: "Office",
    institution: str,
    rpc_url: str,
    finality: int = 1,
    replace_after: float = 3600.0,
    at: datetime | None = None,
) -> float | None:
    """Run an institution's outbox once over another way to the chain; `at` is what its clock shows, if not the time."""
    return _run(office, institution, _ledger(office, rpc_url), finality, replace_after, at)


def run_outbox_losing_the_lock(office: "Office", institution: str) -> str:
    """Run an outbox whose database session is ended while it signs; return the error's name."""
    from django.db import connection

    ledger = _ledger(office, office.configuration.rpc_url or "")
    prepare = ledger.prepare

    def lose(*arguments: Any, **named: Any) -> Any:
        with psycopg.connect(os.environ["DATABASE_URL"]) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        return prepare(*arguments, **named)

    ledger.prepare = lose  # type: ignore[method-assign]
    try:
        _run(office, institution, ledger, 1, 3600.0)
    except Exception as error:  # noqa: BLE001 - which one it is, is the test's to judge
        return type(error).__name__
    return "none"


def send_of_its_own(office: "Office", institution: str, rpc_url: str) -> bytes:
    """Send a transaction with the institution's account beside the outbox; return its hash."""
    from govseal.apps.registry.models import Institution
    from govseal.apps.registry.selectors import store_of

    store = store_of(Institution.objects.get(code=institution))
    return _ledger(office, rpc_url).issue(store, os.urandom(32), account=institution)


def revoke_of_its_own(office: "Office", institution: str, rpc_url: str, target: bytes) -> bytes:
    """Revoke a hash with the institution's account beside the outbox; return the transaction's hash."""
    from govseal.apps.registry.models import Institution
    from govseal.apps.registry.selectors import store_of

    store = store_of(Institution.objects.get(code=institution))
    return _ledger(office, rpc_url).revoke(store, target, account=institution)


def publish_something_else(office: "Office", document_id: str) -> None:
    """Have other bytes lie where a document is to be published."""
    office.published.put(f"d/{document_id}", b"something else")


def outbox_error(office: "Office", institution: str, rpc_url: str) -> str:
    """Run an outbox that fails; return the error's code."""
    from govseal.core.errors import GovsealError

    try:
        run_outbox(office, institution, rpc_url)
    except GovsealError as error:
        return error.code
    return "none"


def run_outbox_on_a_full_disk(office: "Office", institution: str) -> float | None:
    """Run an outbox while this process can write to no file."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        return run_outbox(office, institution, office.configuration.rpc_url or "")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def account(office: "Office", institution: str) -> str:
    """Return the address of an institution's ledger account."""
    from govseal.project.wiring.accounts import Accounts

    return Accounts(office.configuration)[institution].address


def _ledger(office: "Office", rpc_url: str) -> "EvmLedger":
    from govseal.project.wiring import worker

    return worker.ledger(replace(office.configuration, rpc_url=rpc_url))


def _run(
    office: "Office",
    institution: str,
    ledger: "EvmLedger",
    finality: int,
    replace_after: float,
    at: datetime | None = None,
) -> float | None:
    from govseal.apps.issuance import services
    from govseal.apps.registry.models import Institution

    return services.outbox_run(
        institution_id=Institution.objects.get(code=institution).pk,
        ledger=ledger,
        published=office.published,
        policy=services.OutboxPolicy(100, 0.0, finality, replace_after),
        clock=lambda: at or datetime.now(UTC),
    )
