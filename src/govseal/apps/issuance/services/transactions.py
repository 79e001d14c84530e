"""An institution's ledger transactions: each recorded before it is sent, in the order of its account's nonces.

The rules that make a crash, a time-out or a doubled answer harmless:

- a transaction is signed, then written into its row, then sent: the chain never holds one that no row knows;
- it is written over the database session that holds the institution's lock, so that a worker which lost the
  lock cannot record, and therefore cannot send;
- what is recorded is sent again, byte for byte, until it is in a block: a chain takes it once;
- a row gives its transaction up only when it can no longer be mined or did not help: it failed, another one took
  its nonce, or nonces before it are missing and nobody will fill them. The contract refuses a second mark all
  the same;
- one that failed on the chain is prepared anew after ever longer waits (`trouble`), since each attempt costs gas.

What is *not* here: whether the chain holds what a row wants (`batches`, `revocations`), and fees (the adapter).
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from govseal.apps.issuance.models import Batch, Revocation
from govseal.apps.issuance.services.policy import OutboxPolicy
from govseal.apps.issuance.services.states import move
from govseal.apps.issuance.services.trouble import trouble_keep, trouble_note
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import store_of
from govseal.core.errors import LedgerTakesNot, RefusedError
from govseal.core.ports import EventKind, Ledger, SignedTransaction

_LOG = logging.getLogger(__name__)

Row = Batch | Revocation

TRANSACTION_FIELDS = ("transaction", "raw_transaction", "transaction_nonce", "sent_at")
"""What a row knows of its transaction; filled and emptied together."""


@dataclass(slots=True)
class Sender:
    """Sends for one institution; made for one run of its outbox, under its lock.

    Attributes:
        institution: whose account sends.
        ledger: the chain.
        policy: when a transaction is stuck.
        clock: tells the time.
    """

    institution: Institution
    ledger: Ledger
    policy: OutboxPolicy
    clock: Callable[[], datetime]
    _next: int | None = None

    def settle(self, reconcile: Callable[[], object]) -> None:
        """Bring every recorded transaction to the chain again, in order, or give it up.

        Args:
            reconcile: takes up again what the chain has lost; called first when its count of our transactions
                shows that it has forgotten some.

        Raises:
            LedgerUnavailable: the chain is away; nothing is lost.
        """
        count = self.ledger.count(account=self.institution.code)
        rows = self._under_way()
        if count.mined < self._settled_nonces() or _gap(rows, count.pending):
            reconcile()
            rows = self._under_way()
        next_nonce = max(count.mined, count.pending)
        for row in rows:
            if self._goes_on(row, count.mined, next_nonce):
                next_nonce = max(next_nonce, (row.transaction_nonce or 0) + 1)
        self._next = next_nonce

    def send(self, row: Row, kind: EventKind, value: bytes) -> None:
        """Sign, record and send the transaction that carries a row out.

        Raises:
            RefusedError: the contract would refuse it: nothing is recorded or sent.
            LedgerUnavailable: the chain is away; what was recorded is sent again by `settle`.
        """
        account = self.institution.code
        if self._next is None:
            self._next = self.ledger.count(account=account).pending
        with _told(row):
            signed = self._prepared(kind, value, account, self._next)
        self._record(row, signed)
        self._next = signed.nonce + 1
        self._hand_over(row)

    def _prepared(self, kind: EventKind, value: bytes, account: str, nonce: int) -> SignedTransaction:
        """Sign; where the chain has forgotten that the account followed another, it is handed its roles again first."""
        store = store_of(self.institution)
        try:
            return self.ledger.prepare(store, kind, value, account=account, nonce=nonce)
        except RefusedError as error:
            if error.code != "LEDGER_ROLE_MISSING" or not self.ledger.regain(store, account=account):
                raise
        _LOG.warning("The chain had lost the roles of %s's ledger account: handed over again.", account)
        return self.ledger.prepare(store, kind, value, account=account, nonce=nonce)

    # --- one row --------------------------------------------------------------------------------------

    def _goes_on(self, row: Row, mined: int, next_nonce: int) -> bool:
        """Send a row's transaction again where the chain lacks it; False when the row gave it up."""
        found = self.ledger.transaction(bytes(row.transaction))
        if found.succeeded:
            return True
        if found.succeeded is None and row.raw_transaction is None and found.known:
            return True  # from before transactions were recorded: the chain has it, nobody else does
        if found.succeeded is False:
            self._give_up_failed(row)
            return False
        if not _can_be_mined(row, mined, next_nonce):
            return self._keeps_its_turn(row, next_nonce)
        if self.clock() - row.sent_at < timedelta(seconds=self.policy.replace_after):
            if not found.known:
                self._hand_over(row)
            return True
        return self._replace(row, known=found.known)

    def _keeps_its_turn(self, row: Row, next_nonce: int) -> bool:
        """Ask again before a row gives up a turn that seems lost; False when it gave it up.

        When the chain changes branches between the count and the look at the transaction, that seems the same, and
        the row's own transaction is about to come back.
        """
        count = self.ledger.count(account=self.institution.code)
        found = self.ledger.transaction(bytes(row.transaction))
        if found.succeeded is None and not _can_be_mined(
            row, count.mined, max(next_nonce, count.mined, count.pending)
        ):
            take_back(row)
            return False
        return True

    def _replace(self, row: Row, *, known: bool) -> bool:
        """Outbid a row's own waiting transaction; one that the chain would not even keep is prepared anew."""
        if not known:
            take_back(row)
            return False
        account = self.institution.code
        better = self.ledger.replacement(bytes(row.transaction), account=account)
        if better is not None:
            self._record(row, better)
        self._hand_over(row)
        return True

    def _give_up_failed(self, row: Row) -> None:
        """Take back what the chain took and the contract then refused; the next attempt waits."""
        failed = bytes(row.transaction).hex()
        with transaction.atomic():
            take_back(row)
            trouble_keep(row, f"Its transaction 0x{failed} failed on the ledger.", self.clock())

    def _hand_over(self, row: Row) -> None:
        """Send what is recorded."""
        with _told(row):
            self.ledger.send(bytes(row.raw_transaction), account=self.institution.code)

    def _record(self, row: Row, signed: SignedTransaction) -> None:
        row.transaction, row.raw_transaction = signed.hash, signed.raw
        row.transaction_nonce, row.sent_at = signed.nonce, self.clock()
        move(row, row.State.SENT, *TRANSACTION_FIELDS, retry_at=None)

    # --- all rows -------------------------------------------------------------------------------------

    def _under_way(self) -> list[Row]:
        """Return the rows with a transaction that the chain is to take, in the order of nonces."""
        rows: list[Row] = [
            *Batch.objects.filter(institution=self.institution, state=Batch.State.SENT),
            *Revocation.objects.filter(document__institution=self.institution, state=Revocation.State.SENT),
        ]
        recorded = [row for row in rows if row.transaction is not None]
        return sorted(
            recorded, key=lambda row: -1 if row.transaction_nonce is None else row.transaction_nonce
        )

    def _settled_nonces(self) -> int:
        """Return how many transactions the chain must have mined, by the rows that it took last."""
        final = (
            Batch.objects.filter(institution=self.institution, state=Batch.State.ANCHORED),
            Revocation.objects.filter(
                document__institution=self.institution, state=Revocation.State.CONFIRMED
            ),
        )
        latest = [rows.order_by(*rows.model.LATEST) for rows in final]
        nonces = [rows.values_list("transaction_nonce", flat=True).first() for rows in latest]
        return max((nonce + 1 for nonce in nonces if nonce is not None), default=0)


def take_back(row: Row) -> None:
    """Give a row's transaction up, in one step: it will be prepared anew."""
    unsent = Batch.State.PUBLISHED if isinstance(row, Batch) else Revocation.State.WAITING
    move(row, unsent, **dict.fromkeys(TRANSACTION_FIELDS))


@contextmanager
def _told(row: Row) -> Iterator[None]:
    """Keep in a row what the chain says against its transaction; it is tried again with the next run."""
    try:
        yield
    except LedgerTakesNot as error:
        trouble_note(row, f"{error.message} ({error.code})")
        raise


def _can_be_mined(row: Row, mined: int, next_nonce: int) -> bool:
    """Say whether a recorded transaction, not mined yet, still has its turn before it."""
    return row.raw_transaction is not None and mined <= row.transaction_nonce <= next_nonce


def _gap(rows: Iterable[Row], pending: int) -> bool:
    """Say whether nonces are missing between what the chain has and what is recorded."""
    for row in rows:
        if row.transaction_nonce is not None:
            if row.transaction_nonce > pending:
                return True
            pending = max(pending, row.transaction_nonce + 1)
    return False
