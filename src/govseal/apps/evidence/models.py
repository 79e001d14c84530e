"""The index of the ledger: which chain and stores are followed, how far, and what they have said.

Two cursors say how far. The chain's, `next_block`, is that of every store that has joined; a store added later
has its own until it has caught up. Each arrow is one transaction in `services`, and takes place only if the
chain's cursor, (`next_block`, `tip_hash`), is still what it was when the step began:

    FollowedStore:  (new) -> BEHIND (next_block) -> JOINED (null)     new above the cursor: JOINED at once
    FollowedChain:  look       head_number := seen; complete_at := now, when that is the last block read
                    advance    events of a range replaced; next_block := after it; tip_hash := its last
                    roll back  everything above the fork deleted; next_block := fork + 1; complete_at := null

Invariants:
- a block's hash vouches for all blocks before it: while the chain holds `tip_hash` at `next_block` - 1, every
  row here is what the chain says;
- a joined store has said nothing in the blocks below `next_block` but what stands here;
- at `complete_at`, that held up to the head of the chain. Whoever needs a "no" looks at that moment.

What is *not* here: whose stores they are (`govseal.apps.registry`).
"""

from typing import ClassVar

from django.db import models

from govseal.core.ports import EventKind
from govseal.core.trustlist import StoreRef


class FollowedChain(models.Model):
    """A chain, and how far it has been read."""

    chain_id = models.PositiveBigIntegerField()
    genesis = models.CharField(max_length=66)
    next_block = models.PositiveBigIntegerField(help_text="The lowest block not yet read.")
    tip_hash = models.BinaryField(max_length=32, help_text="Hash of the block before `next_block`.")
    tip_time = models.DateTimeField(help_text="Time of that block.")
    head_number = models.PositiveBigIntegerField(help_text="The newest block when last looked.")
    looked_at = models.DateTimeField(help_text="When the chain was last asked for its head.")
    complete_at = models.DateTimeField(null=True, help_text="When nothing was left to read.")

    class Meta:
        """A chain is known by its id and its block 0."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chain_id", "genesis"], name="one_index_per_chain")
        ]

    def __str__(self) -> str:
        return f"chain {self.chain_id} up to block {self.next_block - 1}"


class FollowedStore(models.Model):
    """A DocumentStore whose events are kept."""

    chain = models.ForeignKey(FollowedChain, on_delete=models.CASCADE, related_name="stores")
    address = models.CharField(max_length=42, help_text="Lower case.")
    first_block = models.PositiveBigIntegerField(help_text="It has said nothing in a lower block.")
    next_block = models.PositiveBigIntegerField(
        null=True, help_text="Its own cursor while behind the chain's."
    )

    class Meta:
        """A store is followed once; the few that are behind are found fast."""

        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chain", "address"], name="one_index_per_store")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["chain", "next_block"],
                name="store_behind",
                condition=models.Q(next_block__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"store {self.address}"

    @property
    def ref(self) -> StoreRef:
        """The store as the ports name it; needs `chain` loaded."""
        return StoreRef(self.chain.chain_id, self.chain.genesis, self.address)


class KeptBlock(models.Model):
    """The hash of one of the newest blocks read: where a fork began is found among them."""

    chain = models.ForeignKey(FollowedChain, on_delete=models.CASCADE, related_name="kept_blocks")
    number = models.PositiveBigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        """One hash for a height."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chain", "number"], name="one_hash_per_height")
        ]

    def __str__(self) -> str:
        return f"block {self.number}"


class Event(models.Model):
    """What a store said of a hash, and where it stands on the chain."""

    # The store's chain, kept here for its index; checking it row by row would be a fifth of a rebuild.
    chain = models.ForeignKey(
        FollowedChain, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="events"
    )
    store = models.ForeignKey(FollowedStore, on_delete=models.CASCADE, db_index=False, related_name="events")
    kind = models.CharField(max_length=7, choices=[(kind.value, kind.value) for kind in EventKind])
    value = models.BinaryField(max_length=32)
    block_number = models.PositiveBigIntegerField()
    block_hash = models.BinaryField(max_length=32)
    block_time = models.DateTimeField()
    log_index = models.PositiveIntegerField()

    class Meta:
        """A place on the chain holds one event; a hash is found by its store, new revocations by their key."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chain", "block_number", "log_index"], name="one_event_per_place")
        ]
        indexes: ClassVar = [
            models.Index(fields=["store", "value"], name="event_by_hash"),
            models.Index(fields=["chain", "id"], name="revocation_event", condition=models.Q(kind="revoked")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in block {self.block_number}"
