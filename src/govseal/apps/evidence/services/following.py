"""Follow a chain to its head, and rebuild its index from nothing: look, read a range, look again.

Everything is in the rows (`models`): killed anywhere, the next run goes on; two workers at once waste requests,
nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from govseal.apps.evidence.models import FollowedChain
from govseal.apps.evidence.selectors import Position, position
from govseal.apps.evidence.services.looking import Look, chain_look, chain_roll_back
from govseal.apps.evidence.services.ranges import IndexPolicy, RangeSize
from govseal.apps.evidence.services.reading import stretch_next, stretch_read
from govseal.core.errors import LedgerMoved, LedgerRangeRefused, LedgerUnavailable, OperatorError
from govseal.core.ports import LedgerEvents

_MOVES = 8
"""Looks in a row that find something moved, before the run gives up until the next one."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How a run is getting on, after each range.

    Attributes:
        block: the highest block of the range just read.
        head: the chain's newest block.
        events: events read by this run.
        seconds: since this run began.
    """

    block: int
    head: int
    events: int
    seconds: float


def index_follow(
    *,
    ledger: LedgerEvents,
    policy: IndexPolicy,
    clock: Callable[[], datetime],
    progress: Callable[[Progress], None] = lambda _: None,
    max_ranges: int | None = None,
) -> Position:
    """Read what the chain has said since the last run, and what new stores still lack.

    Args:
        ledger: the chain.
        policy: depth and range.
        clock: tells the time, UTC.
        progress: called after each range.
        max_ranges: ends the run after so many ranges, so that a job does not last for hours; None: at the head.

    Returns:
        How far the index is now.

    Raises:
        OperatorError: no store of that chain is followed.
        LedgerUnavailable: the chain is away, or does not stand still; run again later, nothing is lost.
    """
    chain, size, began = _chain_of(ledger), RangeSize(policy.range_blocks), clock()
    moves = ranges = events = 0
    while max_ranges is None or ranges < max_ranges:
        try:
            look = chain_look(chain_pk=chain.pk, ledger=ledger, clock=clock)
            read = _read_next(look, ledger, policy, size)
        except LedgerMoved:
            moves += 1
            if moves >= _MOVES:
                raise
            continue
        if read is None:
            break
        moves, ranges, events = 0, ranges + 1, events + read[1]
        progress(Progress(read[0], look.head.number, events, (clock() - began).total_seconds()))
    found = position(ledger.chain_id, ledger.genesis)
    return found if found is not None else _not_followed(ledger)


def index_rebuild(
    *,
    ledger: LedgerEvents,
    policy: IndexPolicy,
    clock: Callable[[], datetime],
    progress: Callable[[Progress], None] = lambda _: None,
) -> Position:
    """Forget every event of the chain and read all again; killed in between, `index_follow` goes on.

    Meanwhile the index is not complete, so whoever asks it is sent to the chain.

    Raises:
        OperatorError, LedgerUnavailable: as `index_follow`; away at the start, nothing was forgotten.
    """
    chain = _chain_of(ledger)
    first = min(chain.stores.values_list("first_block", flat=True))
    (base,) = ledger.blocks([first - 1])
    if base is None:
        raise LedgerUnavailable("The ledger ends before the first store that is followed.")
    chain_roll_back(chain=chain, to=base, forked=False)
    return index_follow(ledger=ledger, policy=policy, clock=clock, progress=progress)


def _read_next(
    look: Look, ledger: LedgerEvents, policy: IndexPolicy, size: RangeSize
) -> tuple[int, int] | None:
    """Read the next range, as large as the endpoint allows; return its last block and its events."""
    while (stretch := stretch_next(look, size.blocks)) is not None:
        try:
            events = stretch_read(look=look, stretch=stretch, ledger=ledger, depth=policy.depth)
        except LedgerRangeRefused:
            size.refused(stretch.blocks)
        else:
            size.answered()
            return stretch.last, events
    return None


def _chain_of(ledger: LedgerEvents) -> FollowedChain:
    chain = FollowedChain.objects.filter(chain_id=ledger.chain_id, genesis=ledger.genesis).first()
    return chain if chain is not None else _not_followed(ledger)


def _not_followed(ledger: LedgerEvents) -> NoReturn:
    raise OperatorError(
        "No store of this chain is followed yet: add an institution first.",
        code="NOTHING_FOLLOWED",
        chain_id=ledger.chain_id,
    )
