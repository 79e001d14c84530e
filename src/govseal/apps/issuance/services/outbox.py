"""The outbox: from waiting documents to anchored ones, whatever dies in between.

Rules (docs/architecture.md, "The outbox"):

- the state is in the rows; every transition is one transaction, and doing a step again does no harm:
  ciphertext is written under fixed nonces, and a store refuses a root it already holds;
- one worker at a time serves an institution, because one ledger account sends its transactions in order;
  the lock is the database session's, so it dies with its holder;
- ciphertext and proofs are durable before the root is sent; nothing is anchored before its root is final.

What is *not* here: scheduling (`govseal.project.jobs`), nonces and gas (the ledger adapter).
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from govseal.apps.issuance.models import Batch, Document, Revocation
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import store_of
from govseal.core import envelope, jsjson, merkle
from govseal.core.openattestation import v2
from govseal.core.ports import Ledger, LedgerReader, PublishedWriter

_Row = TypeVar("_Row", bound=Model)

_LOCK_SPACE = 0x676F7673  # the first four letters of the project: keeps our advisory locks apart
_HASH = 32
_RECONCILE_WINDOW = 16
POLL = 0.25
"""Seconds between looks at a transaction that is not final yet."""


@dataclass(frozen=True, slots=True)
class OutboxPolicy:
    """When a batch is formed and when it counts as anchored.

    Attributes:
        batch_size: most documents under one root.
        batch_age: longest time (seconds) that a waiting document waits for company.
        finality: confirmations that a block needs.
    """

    batch_size: int
    batch_age: float
    finality: int


def outbox_run(
    *,
    institution_id: int,
    ledger: Ledger,
    published: PublishedWriter,
    policy: OutboxPolicy,
    clock: Callable[[], datetime],
) -> float | None:
    """Take every step that is due for one institution.

    Returns:
        Seconds after which it wants to run again: soon, when another worker serves the institution now;
        None when nothing is left to do.

    Raises:
        LedgerUnavailable: the chain is away; run again later, nothing is lost.
    """
    with _only_worker_of(institution_id) as alone:
        if not alone:
            return POLL
        institution = Institution.objects.get(pk=institution_id)
        waits = [
            _form_batches(institution, policy, clock()),
            *(_advance(one, ledger, published, policy, clock) for one in _unfinished(institution)),
            *(_advance_revocation(one, ledger, policy, clock) for one in _unconfirmed(institution)),
        ]
        return min((wait for wait in waits if wait is not None), default=None)


def outbox_reconcile(*, institution_id: int, ledger: LedgerReader) -> int:
    """Take up again what the chain has lost: a chain that forgets, forgets its newest blocks.

    Looks at the newest roots and revocations, further back as long as any is missing.

    Returns:
        How many are to be sent again, in their order.
    """
    with _only_worker_of(institution_id) as alone:
        if not alone:
            return 0
        store = store_of(Institution.objects.get(pk=institution_id))
        anchored = Batch.objects.filter(institution_id=institution_id, state=Batch.State.ANCHORED)
        lost = 0
        for batch in _newest_while_missing(
            anchored, lambda batch: ledger.anchor(store, bytes(batch.root)) is None
        ):
            batch.state, batch.transaction = Batch.State.PUBLISHED, None
            batch.save(update_fields=["state", "transaction"])
            lost += 1
        confirmed = Revocation.objects.filter(
            document__institution_id=institution_id, state=Revocation.State.CONFIRMED
        ).select_related("document")
        for revocation in _newest_while_missing(
            confirmed, lambda one: not ledger.revoked(store, [bytes(one.document.target_hash)])[0]
        ):
            revocation.state, revocation.transaction = Revocation.State.WAITING, None
            revocation.save(update_fields=["state", "transaction"])
            lost += 1
        return lost


@contextmanager
def _only_worker_of(institution_id: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, institution_id])
        alone = bool(cursor.fetchone()[0])
        try:
            yield alone
        finally:
            if alone and connection.connection is not None and not connection.connection.closed:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, institution_id])


def _newest_while_missing(rows: QuerySet[_Row], missing: Callable[[_Row], bool]) -> Iterator[_Row]:
    """Yield the missing ones, newest first, until a whole window has none; yielded rows leave `rows`."""
    start = 0
    while window := list(rows.order_by("-pk")[start : start + _RECONCILE_WINDOW]):
        found = [row for row in window if missing(row)]
        yield from found
        if not found:
            return
        start += len(window) - len(found)


# --- batches --------------------------------------------------------------------------------------


def _form_batches(institution: Institution, policy: OutboxPolicy, now: datetime) -> float | None:
    """Form batches while one is due; return the seconds until the next one is."""
    while True:
        with transaction.atomic():
            waiting = list(
                Document.objects.select_for_update(skip_locked=True)
                .filter(institution=institution, state=Document.State.WAITING)
                .only("id", "target_hash", "prepared_at")[: policy.batch_size]
            )
            if not waiting:
                return None
            age = (now - waiting[0].prepared_at).total_seconds()
            if len(waiting) < policy.batch_size and age < policy.batch_age:
                return policy.batch_age - age
            _form(institution, waiting, now)


def _form(institution: Institution, documents: list[Document], now: datetime) -> None:
    hashes = [bytes(document.target_hash) for document in documents]
    tree = merkle.MerkleTree(hashes)
    batch = Batch.objects.create(institution=institution, root=tree.root, size=len(documents), formed_at=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE issuance_document AS d SET batch_id = %s, state = %s, proof = new.proof, nonce = new.nonce"
            " FROM unnest(%s::text[], %s::bytea[], %s::bytea[]) AS new(id, proof, nonce) WHERE d.id = new.id",
            [
                batch.pk,
                Document.State.BATCHED,
                [document.pk for document in documents],
                [b"".join(tree.proof(leaf)) for leaf in hashes],
                [secrets.token_bytes(12) for _ in documents],
            ],
        )


def _unfinished(institution: Institution) -> QuerySet[Batch]:
    return Batch.objects.filter(institution=institution).exclude(state=Batch.State.ANCHORED).order_by("pk")


def _advance(
    batch: Batch,
    ledger: Ledger,
    published: PublishedWriter,
    policy: OutboxPolicy,
    clock: Callable[[], datetime],
) -> float | None:
    """Take the batch as far as it goes now; return the seconds after which to look again."""
    if batch.state == Batch.State.FORMED:
        _publish(batch, published)
    if batch.state == Batch.State.PUBLISHED:
        _send(batch, ledger)
    return _confirm(batch, ledger, policy, clock())


def _publish(batch: Batch, published: PublishedWriter) -> None:
    """Store the ciphertext of every document, proof included, then say so."""
    root = bytes(batch.root)
    for document in batch.documents.only("id", "salted", "key", "nonce", "proof", "target_hash").iterator():
        published.put(f"d/{document.pk}", _envelope(document, root))
    batch.state = Batch.State.PUBLISHED
    batch.save(update_fields=["state"])


def _envelope(document: Document, root: bytes) -> bytes:
    proof = bytes(document.proof)
    siblings = [proof[at : at + _HASH] for at in range(0, len(proof), _HASH)]
    salted = jsjson.parse(bytes(document.salted))
    wrapped = v2.document(salted, bytes(document.target_hash), siblings, root)
    return envelope.seal(
        jsjson.dumps(wrapped).encode("utf-8", "surrogatepass"),
        key=bytes(document.key),
        document_id=document.pk,
        nonce=bytes(document.nonce),
    )


def _send(batch: Batch, ledger: Ledger) -> None:
    store = store_of(batch.institution)
    if ledger.anchor(store, bytes(batch.root)) is None:
        batch.transaction = ledger.issue(store, bytes(batch.root), account=batch.institution.code)
    batch.state = Batch.State.SENT
    batch.save(update_fields=["state", "transaction"])


def _confirm(batch: Batch, ledger: Ledger, policy: OutboxPolicy, now: datetime) -> float | None:
    anchor = ledger.anchor(store_of(batch.institution), bytes(batch.root))
    if anchor is None:
        if _is_lost(batch.transaction, ledger):
            batch.state, batch.transaction = Batch.State.PUBLISHED, None
            batch.save(update_fields=["state", "transaction"])
        return POLL
    if anchor.confirmations < policy.finality:
        return POLL
    with transaction.atomic():
        batch.state = Batch.State.ANCHORED
        batch.block_number, batch.block_hash, batch.block_time = (
            anchor.block_number,
            anchor.block_hash,
            anchor.block_time,
        )
        batch.save(update_fields=["state", "block_number", "block_hash", "block_time"])
        batch.documents.filter(state=Document.State.BATCHED).update(
            state=Document.State.ANCHORED, anchored_at=now, salted=None, key=None
        )
    return None


def _is_lost(transaction_hash: bytes | None, ledger: Ledger) -> bool:
    """Say whether a transaction will never be mined: refused, or the chain has no trace of it."""
    if transaction_hash is None:
        return True
    found = ledger.transaction(bytes(transaction_hash))
    return not found.known or found.succeeded is False


def _is_final(transaction_hash: bytes | None, ledger: Ledger, policy: OutboxPolicy) -> bool:
    """Say whether a transaction lies deep enough; one that we did not send is not ours to wait for."""
    if transaction_hash is None:
        return True
    return ledger.transaction(bytes(transaction_hash)).confirmations >= policy.finality


# --- revocations ------------------------------------------------------------------------------------


def _unconfirmed(institution: Institution) -> QuerySet[Revocation]:
    """Return what is to be revoked, oldest first, of documents that are anchored."""
    return (
        Revocation.objects.filter(
            document__institution=institution,
            document__state__in=[Document.State.ANCHORED, Document.State.RELEASED],
        )
        .exclude(state=Revocation.State.CONFIRMED)
        .select_related("document__institution")
        .order_by("pk")
    )


def _advance_revocation(
    revocation: Revocation, ledger: Ledger, policy: OutboxPolicy, clock: Callable[[], datetime]
) -> float | None:
    institution = revocation.document.institution
    store, target = store_of(institution), bytes(revocation.document.target_hash)
    if ledger.revoked(store, [target])[0]:
        if not _is_final(revocation.transaction, ledger, policy):
            return POLL
        revocation.state, revocation.confirmed_at = Revocation.State.CONFIRMED, clock()
        revocation.save(update_fields=["state", "confirmed_at"])
        return None
    if revocation.state == Revocation.State.WAITING or _is_lost(revocation.transaction, ledger):
        revocation.transaction = ledger.revoke(store, target, account=institution.code)
        revocation.state = Revocation.State.SENT
        revocation.save(update_fields=["state", "transaction"])
    return POLL
