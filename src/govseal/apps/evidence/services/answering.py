"""Answer a verifier from the index while it is fresh, and from the chain when it is not.

An index that lags must not turn "not yet read" into "no" (docs/protocol.md section 7, "could not check" is never
"false"). So:

    asked           fresh index says    answer
    anchor          issued              that, without the chain
    anchor          nothing             the chain's own
    revoked         revoked, or not     that, as of a moment no older than `lag`
    anything        stale, away, or does not follow the store: the chain's own

and when the chain is away where its answer is needed, `LedgerUnavailable`. Many questions take one statement and at
most one request to the chain.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from django.db import Error as DatabaseError

from govseal.apps.evidence.selectors import Known, StoreKey, known
from govseal.core.errors import LedgerUnavailable
from govseal.core.ports import Anchor, EventKind, LedgerFacts, LedgerQuestion, LedgerReader
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

    def facts(self, questions: Sequence[LedgerQuestion]) -> list[LedgerFacts]:
        """Answer the questions of many verifications at once; see `LedgerReader.facts`."""
        fresh = self._fresh(
            [one.store for one in questions],
            [one.hashes[-1] for one in questions],
            [value for one in questions for value in one.hashes],
        )
        found = [_told(one, fresh.get(one.store.key)) for one in questions]
        open_questions = [place for place, one in enumerate(found) if one is None or one.anchor is None]
        answers = self._live.facts([questions[place] for place in open_questions]) if open_questions else []
        for place, live in zip(open_questions, answers, strict=True):
            found[place] = _completed(live, found[place])
        return [one for one in found if one is not None]

    def anchor(self, store: StoreRef, root: bytes) -> Anchor | None:
        """Return where `root` is issued on `store`; only the chain says None. See `LedgerReader.anchor`."""
        fresh = self._fresh([store], [root], []).get(store.key)
        return (_anchor(fresh, root) if fresh else None) or self._live.anchor(store, root)

    def revoked(self, store: StoreRef, hashes: Sequence[bytes]) -> list[bool]:
        """Say which of `hashes` `store` has revoked; see `LedgerReader.revoked`."""
        if not hashes:
            return []
        fresh = self._fresh([store], [], hashes).get(store.key)
        if fresh is None:
            return self._live.revoked(store, hashes)
        return [(EventKind.REVOKED, value) in fresh.found for value in hashes]

    def _fresh(
        self, stores: Collection[StoreRef], issued: Collection[bytes], revoked: Collection[bytes]
    ) -> dict[StoreKey, Known]:
        """Return what the index knows of those stores for which it may answer."""
        try:
            found = known(stores, issued, revoked)
        except DatabaseError:
            _LOG.warning("The index of the ledger is away: asking the ledger itself.", exc_info=True)
            return {}
        now = self._clock()
        # A moment ahead of this machine's clock is as doubtful as one long past.
        return {
            key: one
            for key, one in found.items()
            if one.complete_at is not None and abs(now - one.complete_at) <= self._lag
        }


def _anchor(fresh: Known, root: bytes) -> Anchor | None:
    block = fresh.found.get((EventKind.ISSUED, root))
    if block is None:
        return None
    return Anchor(root, block.number, block.hash, block.time, max(1, fresh.head_number - block.number + 1))


def _told(question: LedgerQuestion, fresh: Known | None) -> LedgerFacts | None:
    """Return what a fresh index says; an anchor that it does not hold is for the chain to tell."""
    if fresh is None:
        return None
    revoked = any((EventKind.REVOKED, value) in fresh.found for value in question.hashes)
    return LedgerFacts(_anchor(fresh, question.hashes[-1]), revoked)


def _completed(live: LedgerFacts, told: LedgerFacts | None) -> LedgerFacts:
    """Return the chain's answer; where it is away, what the index told of revocation still stands."""
    if told is None or not isinstance(live.revoked, LedgerUnavailable):
        return live
    return LedgerFacts(live.anchor, told.revoked)
