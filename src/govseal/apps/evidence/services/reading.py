"""Read one range of blocks into the index: the newest first, then what stores that came later still lack.

A range is replaced as a whole, so reading it twice changes nothing, and a mistake in it does not outlive the next
reading. The network is asked outside the transaction; the transaction takes place only if the cursor has stood
still meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from govseal.apps.evidence.models import Event, FollowedStore, KeptBlock
from govseal.apps.evidence.services.looking import Look, chain_locked
from govseal.core.errors import LedgerMoved
from govseal.core.ports import LedgerBlock, LedgerEvent, LedgerEvents

_COPY = (
    f"COPY {Event._meta.db_table} (chain_id, store_id, kind, value, block_number, block_hash, block_time, log_index)"  # noqa: SLF001 - _meta is Django's documented interface
    " FROM STDIN"
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is read next.

    Attributes:
        stores: whose events; all have been read up to `first`.
        first: the lowest block of the range.
        last: the highest, counted.
        at_front: whether the chain's own cursor moves, and not that of stores that are behind.
    """

    stores: Sequence[FollowedStore]
    first: int
    last: int
    at_front: bool

    @property
    def blocks(self) -> int:
        """How many blocks the range has."""
        return self.last - self.first + 1


def stretch_next(look: Look, blocks: int) -> Stretch | None:
    """Choose the next range, of at most `blocks` blocks; None when all is read.

    The front comes first: a new store's long history keeps nobody's news waiting. Stores that are behind are
    taken from the last one on, each joined by those whose place it comes to.
    """
    chain, head = look.chain, look.head.number
    stores = list(chain.stores.select_related("chain"))
    if chain.next_block <= head:
        joined = [store for store in stores if store.next_block is None]
        return Stretch(joined, chain.next_block, min(head, chain.next_block + blocks - 1), at_front=True)
    places = sorted({store.next_block for store in stores if store.next_block is not None})
    if not places:
        return None
    first, ahead, *_ = [*places, chain.next_block]
    group = [store for store in stores if store.next_block == first]
    return Stretch(group, first, min(ahead - 1, first + blocks - 1), at_front=False)


def stretch_read(*, look: Look, stretch: Stretch, ledger: LedgerEvents, depth: int) -> int:
    """Read a range and keep it; return how many events it had.

    The range's last block is asked for before and after its events, and the tip after: if they are the same, so
    were all blocks before them, all the while.

    Raises:
        LedgerMoved: the chain or the cursor moved meanwhile; nothing was kept.
        LedgerRangeRefused: more than the endpoint answers for.
        LedgerUnavailable: the chain is away.
    """
    kept_from = min(stretch.last, max(stretch.first, look.head.number - depth + 1))
    before = ledger.blocks(range(kept_from, stretch.last + 1))
    events = ledger.events([store.ref for store in stretch.stores], stretch.first, stretch.last)
    tip, last = ledger.blocks([look.chain.next_block - 1, stretch.last])
    newest = [block for block in before if block is not None]
    hashes = {block.number: block.hash for block in newest}
    if (
        (tip is None or tip.hash != bytes(look.chain.tip_hash))
        or (last is None or last.hash != hashes.get(last.number))
        or any(hashes.get(event.block_number, event.block_hash) != event.block_hash for event in events)
    ):
        raise LedgerMoved("The ledger changed while it was read.", first=stretch.first, last=stretch.last)
    _keep(look, stretch, events, newest, depth)
    return len(events)


def _keep(
    look: Look, stretch: Stretch, events: Sequence[LedgerEvent], newest: Sequence[LedgerBlock], depth: int
) -> None:
    with chain_locked(look.chain) as row:
        _replace_events(row.pk, stretch, events)
        if not stretch.at_front:
            following = stretch.last + 1 if stretch.last + 1 < row.next_block else None
            pks = [store.pk for store in stretch.stores]
            row.stores.filter(pk__in=pks, next_block=stretch.first).update(next_block=following)
            return
        KeptBlock.objects.bulk_create(
            [KeptBlock(chain=row, number=block.number, hash=block.hash) for block in newest]
        )
        row.kept_blocks.filter(number__lte=stretch.last - depth).delete()
        row.next_block = stretch.last + 1
        row.tip_hash, row.tip_time = newest[-1].hash, newest[-1].time
        if stretch.last >= look.head.number:
            row.complete_at = look.at
        row.save()


def _replace_events(chain_pk: int, stretch: Stretch, events: Sequence[LedgerEvent]) -> None:
    stores = {store.address: store.pk for store in stretch.stores}
    Event.objects.filter(
        chain_id=chain_pk, store__in=stores.values(), block_number__range=(stretch.first, stretch.last)
    ).delete()
    # Several times as fast as the ORM's INSERT, and what a rebuild spends its time on.
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for event in events:
            copy.write_row(
                (
                    chain_pk,
                    stores[event.store.address.lower()],
                    event.kind.value,
                    event.value,
                    event.block_number,
                    event.block_hash,
                    event.block_time,
                    event.log_index,
                )
            )
