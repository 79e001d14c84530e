"""Reads of the index: how far it is, and what it knows of a store's hashes.

What an answer is worth depends on `complete_at`; judging that is `services.answering`'s.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Count, FilteredRelation, Min, Q

from govseal.apps.evidence.models import Event, FollowedChain, FollowedStore
from govseal.core.ports import EventKind, LedgerBlock
from govseal.core.trustlist import StoreRef

StoreKey = tuple[int, str, str]
"""Chain id, genesis hash and lower-case address: `StoreRef.key`."""

_COLUMNS = (
    *(
        "chain__chain_id",
        "chain__genesis",
        "address",
        "next_block",
        "chain__complete_at",
        "chain__head_number",
    ),
    *("found__kind", "found__value", "found__block_number", "found__block_hash", "found__block_time"),
)


@dataclass(frozen=True, slots=True)
class Position:
    """How far the index of one chain has come.

    Attributes:
        next_block: the lowest block not yet read.
        head_number: the chain's newest block when last looked.
        looked_at: when that was.
        complete_at: when nothing was left to read of the joined stores; None when never, or not since a fork.
        tip_time: time of the newest block read.
        stores: how many are followed.
        stores_behind: how many of them are still being back-filled.
        lowest_block: the lowest block that any store has still to be read from.
    """

    next_block: int
    head_number: int
    looked_at: datetime
    complete_at: datetime | None
    tip_time: datetime
    stores: int
    stores_behind: int
    lowest_block: int

    @property
    def blocks_behind(self) -> int:
        """Blocks from the store that is furthest behind to the head last seen."""
        return max(0, self.head_number + 1 - self.lowest_block)

    def seconds_behind(self, now: datetime) -> float:
        """Seconds since the index was complete; while it never was, since the newest block that it has read."""
        return max(0.0, (now - (self.complete_at or self.tip_time)).total_seconds())


@dataclass(frozen=True, slots=True)
class Known:
    """What the index knows of some hashes of one store.

    Attributes:
        complete_at: as of when it is complete; None when it is not.
        head_number: the chain's newest block when last looked.
        found: where each hash that it holds was issued or revoked, by kind and hash.
    """

    complete_at: datetime | None
    head_number: int
    found: dict[tuple[EventKind, bytes], LedgerBlock]


def position(chain_id: int, genesis: str) -> Position | None:
    """Return how far the index of a chain is, or None when it follows no store there."""
    chain = (
        FollowedChain.objects.filter(chain_id=chain_id, genesis=genesis)
        .annotate(
            count=Count("stores"),
            behind=Count("stores", filter=Q(stores__next_block__isnull=False)),
            lowest=Min("stores__next_block"),
        )
        .first()
    )
    if chain is None:
        return None
    return Position(
        next_block=chain.next_block,
        head_number=chain.head_number,
        looked_at=chain.looked_at,
        complete_at=chain.complete_at,
        tip_time=chain.tip_time,
        stores=chain.count,
        stores_behind=chain.behind,
        lowest_block=chain.next_block if chain.lowest is None else chain.lowest,
    )


def known(
    stores: Collection[StoreRef], issued: Collection[bytes], revoked: Collection[bytes]
) -> dict[StoreKey, Known]:
    """Return what the index knows of the stores that it follows, by `StoreRef.key`.

    One statement reads both the events and how complete they are: a roll-back cannot come in between.

    Args:
        stores: of one chain or several.
        issued: hashes whose issue is asked for, 32 bytes each, in whichever of the stores.
        revoked: hashes whose revocation is asked for.
    """
    keys = {store.key for store in stores}
    chains = {(chain_id, genesis) for chain_id, genesis, _ in keys}
    of_chains = reduce(
        or_, (Q(chain__chain_id=number, chain__genesis=genesis) for number, genesis in chains), Q()
    )
    asked = Q(events__kind=EventKind.ISSUED.value, events__value__in=list(issued))
    asked |= Q(events__kind=EventKind.REVOKED.value, events__value__in=list(revoked))
    rows = (
        FollowedStore.objects.filter(of_chains, address__in={address for *_, address in keys})
        .annotate(found=FilteredRelation("events", condition=asked))
        .order_by("-found__block_number", "-found__log_index")  # the first of several comes last, and stays
        .values_list(*_COLUMNS)
    )
    found: dict[StoreKey, Known] = {}
    for chain_id, genesis, address, behind, complete_at, head, kind, value, *block in rows:
        of_store = found.setdefault(
            (chain_id, genesis, address), Known(complete_at if behind is None else None, head, {})
        )
        if value is not None:
            number, block_hash, time = block
            of_store.found[EventKind(kind), bytes(value)] = LedgerBlock(number, bytes(block_hash), time)
    return found


@dataclass(frozen=True, slots=True)
class RevocationEvent:
    """A revocation that a store has told of.

    Attributes:
        pk: key of the event; one that was read later has a higher one.
        store: who said so.
        value: what is revoked, 32 bytes: a document's hash, an inner node or a root.
        block_number: in which block.
        block_time: when.
        head_number: the chain's newest block when last looked.
    """

    pk: int
    store: StoreRef
    value: bytes
    block_number: int
    block_time: datetime
    head_number: int

    @property
    def confirmations(self) -> int:
        """Blocks from its own to the head, its own counted."""
        return self.head_number - self.block_number + 1


def chains() -> list[FollowedChain]:
    """Return the chains that are followed."""
    return list(FollowedChain.objects.order_by("pk"))


def revocations_after(chain: FollowedChain, event_pk: int, at_most: int) -> list[RevocationEvent]:
    """Return the revocations of a chain that were read after an event, in the order of their keys.

    One statement reads the events and the head: a roll-back cannot come in between.
    """
    events = Event.objects.filter(chain=chain, kind=EventKind.REVOKED.value, pk__gt=event_pk).order_by("pk")
    rows = events.values_list(
        "pk", "store__address", "value", "block_number", "block_time", "chain__head_number"
    )
    return [
        RevocationEvent(
            pk, StoreRef(chain.chain_id, chain.genesis, address), bytes(value), number, time, head
        )
        for pk, address, value, number, time, head in rows[:at_most]
    ]
