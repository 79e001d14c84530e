"""What runs inside a process of the office for tests of a chain of several validators: each takes the office first."""

# ruff: noqa: PLC0415 - Django is set up before anything of ours is imported

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office


def create_account(office: "Office", code: str) -> str:
    """Make an institution's ledger account before the institution; return its address."""
    from govseal.project.wiring.accounts import Accounts
    from govseal.project.wiring.keyfolders import ledger_keys

    ledger_keys(office.configuration).create(code, by="Sok Dara")
    return Accounts(office.configuration)[code].address


def look(_office: "Office", institution: str) -> None:
    """Run an institution's outbox once with the worker's own ports, when no worker does; it has then seen the chain."""
    from govseal.apps.issuance import services
    from govseal.apps.issuance.services.outbox import only_worker_of
    from govseal.apps.registry.models import Institution
    from govseal.project.wiring import shared, worker

    ledger, published, policy = worker.outbox_ports()
    pk = Institution.objects.get(code=institution).pk
    while True:
        # The lock is the session's, so that the outbox takes it once more.
        with only_worker_of(pk) as alone:
            if alone:
                services.outbox_run(
                    institution_id=pk,
                    ledger=ledger,
                    published=published,
                    policy=policy,
                    clock=shared.utc_now,
                )
                return
        time.sleep(0.01)
