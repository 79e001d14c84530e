"""Begin to follow stores, each from the block that brought it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from govseal.apps.evidence.models import FollowedChain, FollowedStore, KeptBlock
from govseal.core.errors import LedgerMoved
from govseal.core.ports import LedgerBlock, LedgerEvents
from govseal.core.trustlist import StoreRef


def stores_follow(
    *, stores: Sequence[StoreRef], ledger: LedgerEvents, clock: Callable[[], datetime]
) -> list[StoreRef]:
    """Follow those of `stores` that are on `ledger`'s chain and not followed yet; return them.

    A store older than what is read already is back-filled by `index_follow`; until then the index does not
    answer for it.

    Raises:
        LedgerUnavailable: the chain is away, or holds no contract at one of the addresses; nothing was written.
    """
    here = {store.key: store for store in stores if store.key[:2] == (ledger.chain_id, ledger.genesis)}
    followed = FollowedStore.objects.filter(
        chain__chain_id=ledger.chain_id, chain__genesis=ledger.genesis, address__in=[key[2] for key in here]
    ).values_list("address", flat=True)
    known = set(followed)
    new = [store for key, store in here.items() if key[2] not in known]
    if not new:
        return []
    first_blocks = {store.key[2]: ledger.first_block(store) for store in new}
    (base,) = ledger.blocks([min(first_blocks.values()) - 1])
    if base is None:
        raise LedgerMoved("The ledger lost blocks while its stores were looked for.")
    _enter(ledger, first_blocks, base, clock())
    return new


def _enter(ledger: LedgerEvents, first_blocks: dict[str, int], base: LedgerBlock, now: datetime) -> None:
    """Write the rows; a chain that is new begins at its first stores, with `base` the block before them."""
    with transaction.atomic():
        chain, _made = FollowedChain.objects.get_or_create(
            chain_id=ledger.chain_id,
            genesis=ledger.genesis,
            defaults={
                "next_block": base.number + 1,
                "tip_hash": base.hash,
                "tip_time": base.time,
                "head_number": base.number,
                "looked_at": now,
            },
        )
        chain = FollowedChain.objects.select_for_update().get(pk=chain.pk)
        if _made:
            KeptBlock.objects.create(chain=chain, number=base.number, hash=base.hash)
        FollowedStore.objects.bulk_create(
            [
                FollowedStore(
                    chain=chain,
                    address=address,
                    first_block=first,
                    next_block=first if first < chain.next_block else None,
                )
                for address, first in first_blocks.items()
            ],
            ignore_conflicts=True,  # another process may have entered them meanwhile
        )
