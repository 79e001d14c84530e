"""Ports of the ledger: its DocumentStores read and written, and what they have said (docs/protocol.md section 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from govseal.core.errors import LedgerUnavailable
from govseal.core.trustlist import StoreRef


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where and when a root was issued on a ledger.

    Attributes:
        root: 32 bytes.
        block_number: height of the block that holds the transaction.
        block_hash: 32 bytes.
        block_time: the block's timestamp, UTC.
        confirmations: blocks from that one to the head, the block itself counted (1 or more).
    """

    root: bytes
    block_number: int
    block_hash: bytes
    block_time: datetime
    confirmations: int


@dataclass(frozen=True, slots=True)
class LedgerQuestion:
    """What one verification asks of a store.

    Attributes:
        store: the store.
        hashes: from the document's target hash to its root, both counted, 32 bytes each.
    """

    store: StoreRef
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """What a ledger says to a `LedgerQuestion`; each half may be away by itself.

    Attributes:
        anchor: where the root is issued, None when the store does not hold it, or why nobody can tell.
        revoked: whether any of the hashes is revoked, or why nobody can tell.
    """

    anchor: Anchor | LedgerUnavailable | None
    revoked: bool | LedgerUnavailable


class LedgerReader(Protocol):
    """Reads DocumentStores (docs/protocol.md section 2). Away: `LedgerUnavailable`."""

    def facts(self, questions: Sequence[LedgerQuestion]) -> list[LedgerFacts]:
        """Answer the questions of many verifications at once, in the same order; raises nothing.

        What keeps one question from being answered spoils no other.
        """

    def anchor(self, store: StoreRef, root: bytes) -> Anchor | None:
        """Return where `root` (32 bytes) is issued on `store`, or None when that store does not hold it.

        Raises:
            LedgerUnavailable: no answer, or the chain is not the one `store` names (id, genesis hash).
        """

    def revoked(self, store: StoreRef, hashes: Sequence[bytes]) -> list[bool]:
        """Say for each of `hashes` (32 bytes each) whether `store` has revoked it, in the same order.

        Raises:
            LedgerUnavailable: as above.
        """


@dataclass(frozen=True, slots=True)
class Transaction:
    """What became of a transaction.

    Attributes:
        hash: 32 bytes.
        block_number: None while it waits, or when the chain does not know it.
        succeeded: None until mined; False when the contract refused it.
        known: False when the chain has no trace of it (never arrived, or lost).
        confirmations: blocks from its own to the head, its own counted; 0 while it waits.
    """

    hash: bytes
    block_number: int | None
    succeeded: bool | None
    known: bool
    confirmations: int = 0


class EventKind(StrEnum):
    """What a DocumentStore says that it did with a hash."""

    ISSUED = "issued"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A transaction ready to be sent, as often as needed: a chain takes it once.

    Attributes:
        hash: 32 bytes; what the chain calls it by.
        raw: the signed bytes.
        nonce: its place among the account's transactions, from 0.
    """

    hash: bytes
    raw: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class AccountCount:
    """How many transactions of an account a chain has taken.

    Attributes:
        mined: those in blocks; the nonce of the next one to be mined.
        pending: those, and the ones that wait to be mined next without a gap.
    """

    mined: int
    pending: int


class LedgerWriter(Protocol):
    """Writes to DocumentStores with the institution's ledger account. Away: `LedgerUnavailable`.

    Preparing and sending are apart, so that a caller can record what it is about to send.
    """

    def deploy(self, *, account: str, name: str) -> StoreRef:
        """Deploy a DocumentStore named `name`, owned by the key named `account`; wait until it is mined."""

    def redeploy(self, store: StoreRef, *, account: str, name: str) -> None:
        """Deploy a store that the chain has lost, at its old address; return once it is final.

        The account that deployed it sends, be it an earlier one; the account in use owns what comes of it. Nothing can
        come of it on a chain that holds the store: only a nonce that it has forgotten gives the address.

        Raises:
            LedgerUnavailable: `LEDGER_STORE_LOST` where the next nonces of no account at hand lead to that address;
                `LEDGER_NODE_BEHIND` while the node says that it does not know the whole chain yet.
        """

    def regain(self, store: StoreRef, *, account: str) -> bool:
        """Give the account in use the roles that the chain has forgotten, and take them from the accounts before it.

        Returns:
            False where no earlier account administers the store: nothing was sent.

        Raises:
            LedgerUnavailable: `LEDGER_NODE_BEHIND` as above, or slower than waited for: again does no harm.
        """

    def count(self, *, account: str) -> AccountCount:
        """Say how many transactions of the account the chain has taken."""

    def prepare(
        self, store: StoreRef, kind: EventKind, value: bytes, *, account: str, nonce: int
    ) -> SignedTransaction:
        """Sign `issue(value)` or `revoke(value)` under that nonce; send nothing.

        Raises:
            RefusedError: the contract would refuse now: it is done already, or the account may not
                (`LEDGER_ROLE_MISSING`).
            LedgerUnavailable: the chain is away.
        """

    def replacement(self, transaction_hash: bytes, *, account: str) -> SignedTransaction | None:
        """Sign a waiting transaction anew, same in all but a higher fee; send nothing.

        None when the chain does not have it waiting, or a higher fee would not help.
        """

    def send(self, raw: bytes, *, account: str) -> None:
        """Hand a signed transaction to the chain; again does no harm, nor does one whose nonce is taken.

        Raises:
            LedgerTakesNot: the chain said so, and why.
            LedgerUnavailable: the chain is away; it may or may not have arrived.
        """

    def revocation_depths(self, store: StoreRef, hashes: Sequence[bytes]) -> list[int]:
        """Return the confirmations of each hash's revocation, whoever sent it; 0 where it is not revoked."""

    def transaction(self, transaction_hash: bytes) -> Transaction:
        """Say what became of a transaction."""

    def issuing(self, store: StoreRef, anchor: Anchor) -> bytes | None:
        """Return the hash of the transaction that made an anchor; None when the endpoint cannot tell."""


class Ledger(LedgerReader, LedgerWriter, Protocol):
    """A ledger that can be read and written."""


@dataclass(frozen=True, slots=True)
class LedgerBlock:
    """The header of a block.

    Attributes:
        number: its height.
        hash: 32 bytes.
        time: its timestamp, UTC.
    """

    number: int
    hash: bytes
    time: datetime


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """A `DocumentIssued` or `DocumentRevoked` (docs/protocol.md section 2).

    Attributes:
        store: the store that said it.
        kind: which of the two.
        value: the hash, 32 bytes.
        block_number: height of its block.
        block_hash: 32 bytes.
        block_time: the block's timestamp, UTC.
        log_index: its place among the block's events; with the block it names the event.
    """

    store: StoreRef
    kind: EventKind
    value: bytes
    block_number: int
    block_hash: bytes
    block_time: datetime
    log_index: int


class LedgerEvents(Protocol):
    """Reads what the stores of one chain have said, block by block. Away: `LedgerUnavailable`."""

    chain_id: int
    """EIP-155 chain id."""

    genesis: str
    """Hash of block 0, `0x` and 64 lower-case hex digits."""

    def head(self) -> LedgerBlock:
        """Return the newest block.

        Raises:
            LedgerUnavailable: no answer, or the endpoint serves another chain.
        """

    def blocks(self, numbers: Sequence[int]) -> list[LedgerBlock | None]:
        """Return the headers at those heights, in the same order; None beyond the head.

        Raises:
            LedgerUnavailable: as above.
        """

    def events(self, stores: Sequence[StoreRef], first: int, last: int) -> list[LedgerEvent]:
        """Return every event of `stores` in the blocks `first` to `last`, both counted, in the chain's order.

        Raises:
            LedgerRangeRefused: several blocks, and more than the endpoint answers for at once.
            LedgerMoved: the blocks changed meanwhile, or the endpoint does not hold `last`.
            LedgerUnavailable: as above.
        """

    def first_block(self, store: StoreRef) -> int:
        """Return the lowest block, 1 or more, in which `store` may have said something.

        Raises:
            LedgerUnavailable: as above, or no contract is there.
        """
