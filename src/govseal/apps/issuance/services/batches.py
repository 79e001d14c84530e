"""A batch's way: formed, published, sent, anchored; each arrow is one transaction in the database.

Invariants: ciphertext and proofs are durable before the root is sent; nothing is anchored before its root is
final; a document that cannot be hashed or published is set aside, and the others go on without it. Called by the
outbox alone, which holds the institution's lock.

What is *not* here: revocations (`revocations`), how a transaction comes to the chain (`transactions`), and who
calls when (`outbox`).
"""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import QuerySet

from govseal.apps.issuance.models import Batch, Document, Revocation
from govseal.apps.issuance.services.poison import document_fault, document_set_aside
from govseal.apps.issuance.services.policy import POLL, OutboxPolicy
from govseal.apps.issuance.services.states import move, move_all, require_arrow
from govseal.apps.issuance.services.transactions import TRANSACTION_FIELDS, Sender, take_back
from govseal.apps.issuance.services.trouble import CLEAR
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import store_of
from govseal.core import envelope, jsjson, merkle
from govseal.core.errors import GovsealError, OutsideError
from govseal.core.openattestation import v2
from govseal.core.ports import Anchor, EventKind, Ledger, PublishedWriter

_LOG = logging.getLogger(__name__)
_HASH = 32
_DUE = ("id", "institution", "batch", "number", "target_hash", "salted", "key", "prepared_at")


def batches_form(institution: Institution, policy: OutboxPolicy, now: datetime) -> float | None:
    """Form batches while one is due; return the seconds until the next one is."""
    while True:
        with transaction.atomic():
            waiting = list(
                Document.objects.select_for_update(skip_locked=True)
                .filter(institution=institution, state=Document.State.WAITING)
                .only("id", "prepared_at")[: policy.batch_size]
            )
            if not waiting:
                return None
            age = (now - waiting[0].prepared_at).total_seconds()
            if len(waiting) < policy.batch_size and age < policy.batch_age:
                return policy.batch_age - age
            _form(institution, [document.pk for document in waiting], now)


def batches_unfinished(institution: Institution) -> QuerySet[Batch]:
    """Return the batches that are not anchored, oldest first."""
    return Batch.objects.filter(institution=institution).exclude(state=Batch.State.ANCHORED).order_by("pk")


def batch_advance(
    batch: Batch,
    sender: Sender,
    published: PublishedWriter,
    policy: OutboxPolicy,
    clock: Callable[[], datetime],
) -> float | None:
    """Take the batch as far as it goes now; return the seconds after which to look again."""
    if batch.state == Batch.State.FORMED and not _publish(batch, published):
        return None
    if batch.state == Batch.State.PUBLISHED:
        _send(batch, sender)
    return _confirm(batch, sender.ledger, policy, clock())


def _form(institution: Institution, ids: list[str], now: datetime) -> None:
    """Put documents under one root; a document that is not whole is set aside instead."""
    hashes: dict[str, bytes] = {}
    for document in Document.objects.filter(pk__in=ids).only(*_DUE).iterator(chunk_size=200):
        fault = document_fault(document)
        if fault:
            document_set_aside(document, fault)
        else:
            hashes[document.pk] = bytes(document.target_hash)
    if not hashes:
        return
    require_arrow(Document, Document.State.WAITING, Document.State.BATCHED)
    tree = merkle.MerkleTree(list(hashes.values()))
    batch = Batch.objects.create(institution=institution, root=tree.root, size=len(hashes), formed_at=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE issuance_document AS d SET batch_id = %s, state = %s, proof = new.proof, nonce = new.nonce"
            " FROM unnest(%s::text[], %s::bytea[], %s::bytea[]) AS new(id, proof, nonce)"
            " WHERE d.id = new.id AND d.state = %s",
            [
                batch.pk,
                Document.State.BATCHED,
                list(hashes),
                [b"".join(tree.proof(leaf)) for leaf in hashes.values()],
                [secrets.token_bytes(12) for _ in hashes],
                Document.State.WAITING,
            ],
        )


def _publish(batch: Batch, published: PublishedWriter) -> bool:
    """Store the ciphertext of every document, proof included, then say so; False when none is left.

    A document set aside here stays a leaf of the tree, but no one is given its data or proof, and its entry in the
    status list says so.
    """
    root = bytes(batch.root)
    left = batch.documents.filter(state=Document.State.BATCHED)
    for document in left.defer("escrow").iterator(chunk_size=200):
        try:
            sealed = _envelope(document, root)
            published.put(f"d/{document.pk}", sealed, over=partial(_is_its_own, document))
        except OutsideError:
            raise
        except GovsealError as error:
            document_set_aside(document, f"It cannot be published: {error.message} ({error.code})")
    with transaction.atomic():
        if not left.exists():
            _LOG.error("Batch %s has no document left: it is not sent.", batch.pk)
            Revocation.objects.filter(document__batch=batch).delete()  # nothing that they could revoke
            batch.documents.update(batch=None)
            batch.delete()
            return False
        move(batch, Batch.State.PUBLISHED, **CLEAR)
    return True


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


def _is_its_own(document: Document, found: bytes) -> bool:
    """Say whether what is published is this very document, under a root that an older backup does not know.

    Only who has the document's key can have sealed it.
    """
    try:
        envelope.open(found, key=bytes(document.key), document_id=document.pk, max_bytes=envelope.JSON_LIMIT)
    except GovsealError:
        return False
    return True


def _send(batch: Batch, sender: Sender) -> None:
    root = bytes(batch.root)
    if sender.ledger.anchor(store_of(sender.institution), root) is None:
        sender.send(batch, EventKind.ISSUED, root)
    else:
        move(batch, Batch.State.SENT)  # by a transaction that this row no longer knows


def _confirm(batch: Batch, ledger: Ledger, policy: OutboxPolicy, now: datetime) -> float | None:
    anchor = ledger.anchor(store_of(batch.institution), bytes(batch.root))
    if anchor is None:
        if batch.transaction is None:
            take_back(batch)
        return POLL
    if anchor.confirmations < policy.finality:
        return POLL
    _name_transaction(batch, anchor, ledger)
    with transaction.atomic():
        block = {name: getattr(anchor, name) for name in ("block_number", "block_hash", "block_time")}
        move(batch, Batch.State.ANCHORED, *TRANSACTION_FIELDS, **block, **CLEAR)
        move_all(
            batch.documents.all(),
            Document.State.BATCHED,
            Document.State.ANCHORED,
            anchored_at=now,
            salted=None,
            key=None,
        )
    return None


def _name_transaction(batch: Batch, anchor: Anchor, ledger: Ledger) -> None:
    """Put down the transaction that did it: of one that was replaced, either may have been mined."""
    did_it = ledger.issuing(store_of(batch.institution), anchor)
    if did_it is not None and did_it != bytes(batch.transaction or b""):
        batch.transaction, batch.raw_transaction, batch.transaction_nonce = did_it, None, None
