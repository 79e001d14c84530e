"""A batch's way: formed, published, sent, anchored; each arrow is one transaction in the database.

Invariants: ciphertext and proofs are durable before the root is sent; nothing is anchored before its root is
final. Called by the outbox alone, which holds the institution's lock.

What is *not* here: revocations (`revocations`), and who calls when (`outbox`).
"""

import secrets
from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from govseal.apps.issuance.models import Batch, Document
from govseal.apps.issuance.services.policy import POLL, OutboxPolicy, is_lost
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import store_of
from govseal.core import envelope, jsjson, merkle
from govseal.core.openattestation import v2
from govseal.core.ports import Ledger, PublishedWriter

_HASH = 32


def batches_form(institution: Institution, policy: OutboxPolicy, now: datetime) -> float | None:
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


def batches_unfinished(institution: Institution) -> QuerySet[Batch]:
    """Return the batches that are not anchored, oldest first."""
    return Batch.objects.filter(institution=institution).exclude(state=Batch.State.ANCHORED).order_by("pk")


def batch_advance(
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
        if is_lost(batch.transaction, ledger):
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
