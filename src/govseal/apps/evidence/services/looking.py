"""Look at the chain: its head, whether it still holds what was read, and where it forked if not.

A look comes before every range. It costs two requests, and it alone decides what the index may call complete.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Least

from govseal.apps.evidence.models import Event, FollowedChain, KeptBlock
from govseal.core.errors import LedgerMoved, LedgerUnavailable
from govseal.core.ports import LedgerBlock, LedgerEvents


@dataclass(frozen=True, slots=True)
class Look:
    """What was found, all of it later than `at`.

    Attributes:
        chain: the row, whose `tip_hash` the chain holds.
        head: the chain's newest block.
        at: the moment before anything was asked.
    """

    chain: FollowedChain
    head: LedgerBlock
    at: datetime


def chain_look(*, chain_pk: int, ledger: LedgerEvents, clock: Callable[[], datetime]) -> Look:
    """Ask for the head, and roll back what the chain no longer holds.

    Raises:
        LedgerMoved: something was rolled back, or another worker was faster: look again.
        LedgerUnavailable: the chain is away.
    """
    at = clock()
    chain = FollowedChain.objects.get(pk=chain_pk)
    head = ledger.head()
    (tip,) = ledger.blocks([chain.next_block - 1])
    if tip is None or tip.hash != bytes(chain.tip_hash):
        fork = _last_common_block(chain, ledger)
        chain_roll_back(chain=chain, to=fork, forked=True)
        raise LedgerMoved("The ledger has other blocks than those read: rolled back.", block=fork.number)
    with chain_locked(chain) as row:
        row.head_number, row.looked_at = head.number, at
        # A node that stands below what was read lags behind, or has forgotten: what follows, it cannot know.
        if row.next_block == head.number + 1:
            row.complete_at = at
        row.save(update_fields=["head_number", "looked_at", "complete_at"])
    return Look(row, head, at)


@contextmanager
def chain_locked(seen: FollowedChain) -> Iterator[FollowedChain]:
    """Yield the row, locked in a transaction, if its cursor is still what was seen.

    Raises:
        LedgerMoved: another worker has moved it; nothing was written.
    """
    with transaction.atomic():
        row = FollowedChain.objects.select_for_update().get(pk=seen.pk)
        if (row.next_block, bytes(row.tip_hash)) != (seen.next_block, bytes(seen.tip_hash)):
            raise LedgerMoved("Another worker has moved the index meanwhile.")
        yield row


def chain_roll_back(*, chain: FollowedChain, to: LedgerBlock, forked: bool) -> None:
    """Forget everything above the block `to`, to be read again; the index is not complete until then.

    Args:
        chain: the row as it was seen.
        to: a block that the chain holds now.
        forked: whether the blocks above it may be others now; stores may then begin at any of them.

    Raises:
        LedgerMoved: another worker has moved the index.
    """
    following = to.number + 1
    with chain_locked(chain) as row:
        Event.objects.filter(chain=row, block_number__gt=to.number).delete()
        row.kept_blocks.filter(number__gte=to.number).delete()
        KeptBlock.objects.create(chain=row, number=to.number, hash=to.hash)
        # A store that was behind goes on with the others when they come to where it was.
        row.stores.filter(next_block__gte=following).update(next_block=None)
        if forked:
            row.stores.update(first_block=Least("first_block", following))
        row.next_block, row.tip_hash, row.tip_time = following, to.hash, to.time
        row.complete_at = None
        row.save()


def _last_common_block(chain: FollowedChain, ledger: LedgerEvents) -> LedgerBlock:
    """Return the highest known block that the chain still holds; at worst block 0, by which it is known.

    First among the kept hashes; below them among the blocks of events, in strides that double, so that a fork of
    any depth costs few requests.
    """
    kept = dict(chain.kept_blocks.order_by("-number").values_list("number", "hash"))
    if common := _first_held(kept, ledger):
        return common
    bound, stride = min(kept, default=chain.next_block) - 1, 1
    events = Event.objects.filter(chain=chain).order_by("-block_number")
    while bound > 0:
        event = events.filter(block_number__lte=bound).values_list("block_number", "block_hash").first()
        if event is None:
            break
        if common := _first_held(dict([event]), ledger):
            return common
        bound, stride = event[0] - stride, 2 * stride
    (zero,) = ledger.blocks([0])
    if zero is None:
        raise LedgerUnavailable("The ledger does not hold its own first block.")
    return zero


def _first_held(hashes: dict[int, bytes], ledger: LedgerEvents) -> LedgerBlock | None:
    """Return the first of some blocks, by height, that the chain holds under the same hash."""
    for block in ledger.blocks(list(hashes)):
        if block is not None and block.hash == bytes(hashes[block.number]):
            return block
    return None
