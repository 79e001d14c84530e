"""Compare the index with the chain, event by event, for `govseal doctor --deep`.

Nothing is changed. What differs is read once more on both sides before it is listed, since a chain and an index
that are in use move while they are compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from govseal.apps.evidence.models import Event, FollowedChain, FollowedStore
from govseal.apps.evidence.services.ranges import IndexPolicy, RangeSize
from govseal.core.errors import LedgerRangeRefused
from govseal.core.ports import EventKind, LedgerEvent, LedgerEvents

LISTED = 100
"""Differences that are listed; more are counted."""


class Side(StrEnum):
    """Where an event stands that stands in one place only."""

    CHAIN = "chain"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Difference:
    """An event that one side has and the other has not.

    Attributes:
        only_on: the side that has it.
        event: what that side says.
    """

    only_on: Side
    event: LedgerEvent


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison found.

    Attributes:
        first: the lowest block compared.
        last: the highest; less than `first` when the index holds nothing there.
        events: events that both sides have.
        differing: how many stand on one side only.
        differences: the first of those, at most `LISTED`, by block.
    """

    first: int
    last: int
    events: int
    differing: int
    differences: Sequence[Difference]


def index_compare(
    *, ledger: LedgerEvents, policy: IndexPolicy, first: int = 1, last: int | None = None
) -> Comparison:
    """Compare what joined stores have said in a range of blocks, as far as the index has read.

    Args:
        ledger: the chain.
        policy: how many blocks to ask for at once.
        first: the lowest block.
        last: the highest, counted; None: as far as the index has read.

    Raises:
        LedgerUnavailable: the chain is away.
    """
    chain = FollowedChain.objects.filter(chain_id=ledger.chain_id, genesis=ledger.genesis).first()
    read = chain.next_block - 1 if chain else 0
    end = read if last is None else min(last, read)
    stores = list(FollowedStore.objects.filter(chain=chain, next_block=None).select_related("chain"))
    size = RangeSize(policy.range_blocks)
    start, same, differing, listed = first, 0, 0, list[Difference]()
    while start <= end:
        upto = min(end, start + size.blocks - 1)
        try:
            both, different = _compare(ledger, stores, start, upto)
        except LedgerRangeRefused:
            size.refused(upto - start + 1)
            continue
        size.answered()
        same, differing, start = same + both, differing + len(different), upto + 1
        listed += different[: LISTED - len(listed)]
    return Comparison(first, end, same, differing, tuple(listed))


def _compare(
    ledger: LedgerEvents, stores: Sequence[FollowedStore], first: int, last: int
) -> tuple[int, list[Difference]]:
    """Return how many events both sides have in a range, and what twice stood on one side only."""
    both, different = _compare_once(ledger, stores, first, last)
    if not different:
        return both, different
    both, again = _compare_once(ledger, stores, first, last)
    lasting = set(different) & set(again)
    return both, [one for one in again if one in lasting]


def _compare_once(
    ledger: LedgerEvents, stores: Sequence[FollowedStore], first: int, last: int
) -> tuple[int, list[Difference]]:
    by_pk = {store.pk: store.ref for store in stores}
    rows = Event.objects.filter(store__in=by_pk, block_number__range=(first, last))
    index = {
        LedgerEvent(
            by_pk[row.store_id],
            EventKind(row.kind),
            bytes(row.value),
            row.block_number,
            bytes(row.block_hash),
            row.block_time,
            row.log_index,
        )
        for row in rows.iterator()
    }
    chain = set(ledger.events(list(by_pk.values()), first, last))
    different = [
        *(Difference(Side.CHAIN, event) for event in chain - index),
        *(Difference(Side.INDEX, event) for event in index - chain),
    ]
    different.sort(key=lambda one: (one.event.block_number, one.event.log_index, one.only_on))
    return len(chain & index), different
