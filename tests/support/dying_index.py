"""A rebuild of the ledger's index that kills itself, as a power cut would, at one point of its second range.

    dying_index.py before-reading | before-commit | after-commit   RPC_URL CHAIN_ID GENESIS RANGE_BLOCKS

The production code knows nothing of it: its parts are wrapped where the process begins.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from govseal.project.cli.running import setup_django
from support.waiting import PATIENCE


def _dies_at(call: int, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return `method`, except that its process dies at that call of it."""
    calls = iter(range(1, call + 1))

    def counted(*arguments: Any, **named: Any) -> Any:
        if next(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*arguments, **named)

    return counted


if __name__ == "__main__":
    point, rpc_url, chain_id, genesis, blocks = sys.argv[1:]
    setup_django()
    from govseal.adapters.evm import EvmEvents
    from govseal.apps.evidence import services
    from govseal.apps.evidence.services import reading
    from support.evidencework import now

    progress: Callable[[Any], None] = lambda _: None  # noqa: E731 - replaced below
    if point == "before-reading":
        EvmEvents.events = _dies_at(2, EvmEvents.events)  # type: ignore[method-assign]
    elif point == "before-commit":
        reading.KeptBlock.objects.bulk_create = _dies_at(2, reading.KeptBlock.objects.bulk_create)
    elif point == "after-commit":
        progress = _dies_at(2, progress)
    else:
        raise SystemExit(f"no such point: {point}")
    services.index_rebuild(
        ledger=EvmEvents(rpc_url, int(chain_id), genesis, timeout=PATIENCE),
        policy=services.IndexPolicy(range_blocks=int(blocks)),
        clock=now,
        progress=progress,
    )
