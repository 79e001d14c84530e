"""Answer a verifier from the index while it is fresh, and from the chain when it is not.

An index that lags must not turn "not yet read" into "no" (docs/protocol.md section 7, "could not check" is never
"false"). So:

    asked           fresh index says    answer
    anchor          issued              that, without the chain
    anchor          nothing             the chain's own
    revoked         revoked, or not     that, as of a moment no older than `lag`
    anything        stale, away, or does not follow the store: the chain's own

and when the chain is away where its answer is needed, `LedgerUnavailable`.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import Error as DatabaseError

from govseal.apps.evidence.selectors import Known, known
from govseal.core.ports import Anchor, EventKind, LedgerReader
from govseal.core.trustlist import StoreRef

_LOG = logging.getLogger(__name__)


class IndexedLedger:
    """`LedgerReader` over the index and a live reader.

    Args:
        live: reads the chain itself.
        lag: how long ago the index may have been complete and still answer.
        clock: tells the time, UTC.
    """

    def __init__(self, live: LedgerReader, *, lag: timedelta, clock: Callable[[], datetime]) -> None:
        self._live = live
        self._lag = lag
        self._clock = clock

    def anchor(self, store: StoreRef, root: bytes) -> Anchor | None:
        """Return where `root` is issued on `store`; only the chain says None. See `LedgerReader.anchor`."""
        fresh = self._fresh(store, EventKind.ISSUED, [root])
        block = fresh.found.get(root) if fresh is not None else None
        if fresh is None or block is None:
            return self._live.anchor(store, root)
        confirmations = max(1, fresh.head_number - block.number + 1)
        return Anchor(root, block.number, block.hash, block.time, confirmations)

    def revoked(self, store: StoreRef, hashes: Sequence[bytes]) -> list[bool]:
        """Say which of `hashes` `store` has revoked; see `LedgerReader.revoked`."""
        if not hashes:
            return []
        fresh = self._fresh(store, EventKind.REVOKED, hashes)
        if fresh is None:
            return self._live.revoked(store, hashes)
        return [value in fresh.found for value in hashes]

    def _fresh(self, store: StoreRef, kind: EventKind, values: Sequence[bytes]) -> Known | None:
        """Return what the index knows, if it may answer."""
        try:
            found = known(store, kind, values)
        except DatabaseError:
            _LOG.warning("The index of the ledger is away: asking the ledger itself.", exc_info=True)
            return None
        if found is None or found.complete_at is None:
            return None
        # A moment ahead of this machine's clock is as doubtful as one long past.
        return found if abs(self._clock() - found.complete_at) <= self._lag else None
