"""`govseal worker` that kills itself, as a power cut would, at one point of a batch's way.

    dying_worker.py before-send|after-send|after-revoke INSTITUTION

The production code knows nothing of it: the ledger adapter is wrapped where the process begins.
"""

import os
import signal
import sys
from typing import Any

from govseal.adapters.evm import EvmLedger
from govseal.core.ports import EventKind, SignedTransaction
from govseal.project.cli import main


def die_at(kind: EventKind, institution: str, *, before: bool) -> None:
    """End the process before or after one institution sends a transaction of that kind."""
    prepare, send = EvmLedger.prepare, EvmLedger.send
    marked: set[bytes] = set()

    def note(self: EvmLedger, store: Any, of: EventKind, value: bytes, **named: Any) -> SignedTransaction:
        signed = prepare(self, store, of, value, **named)
        if of is kind and named["account"] == institution:
            marked.add(signed.raw)
        return signed

    def die(self: EvmLedger, raw: bytes, *, account: str) -> None:
        if raw in marked and before:
            os.kill(os.getpid(), signal.SIGKILL)
        send(self, raw, account=account)
        if raw in marked:
            os.kill(os.getpid(), signal.SIGKILL)

    EvmLedger.prepare, EvmLedger.send = note, die  # type: ignore[method-assign]


if __name__ == "__main__":
    point, office = sys.argv[1:]
    moment, step = point.split("-")
    kind = {"send": EventKind.ISSUED, "revoke": EventKind.REVOKED}[step]
    die_at(kind, office, before=moment == "before")
    sys.argv[1:] = ["worker"]
    main()
