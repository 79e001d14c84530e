"""`govseal worker` that kills itself, as a power cut would, at one point of a batch's way.

    dying_worker.py before-send|after-send|after-revoke INSTITUTION

The production code knows nothing of it: the ledger adapter is wrapped where the process begins.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from govseal.adapters.evm import EvmLedger
from govseal.project.cli import main


def _dying(method: Callable[..., Any], institution: str, *, before: bool) -> Callable[..., Any]:
    """Return `method`, ending the process before or after its call for one institution."""

    def call(*arguments: Any, account: str, **named: Any) -> Any:
        ours = account == institution
        if ours and before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = method(*arguments, account=account, **named)
        if ours:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return call


if __name__ == "__main__":
    point, office = sys.argv[1:]
    moment, step = point.split("-")
    name = {"send": "issue", "revoke": "revoke"}[step]
    setattr(EvmLedger, name, _dying(getattr(EvmLedger, name), office, before=moment == "before"))
    sys.argv[1:] = ["worker"]
    main()
