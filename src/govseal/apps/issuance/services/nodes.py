"""Find the documents under a hash that a ledger revokes: their own, an inner node's or a root's (clause 2.4).

Roots and documents' own hashes are columns with an index. Inner nodes stand in no row of their own, since that would
be a row more for each document: `BatchNodes` keeps four bytes of each, and the proofs of the few batches found decide.

Invariant: who looks finds, also in batches that nobody has entered yet: those of the institution are entered first.

What is *not* here: what is done with the documents (`ledger_revocations`).
"""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet

from govseal.apps.issuance.models import Batch, BatchNodes, Document
from govseal.apps.registry.models import Institution
from govseal.core import merkle

_HASH = merkle.HASH_BYTES
_WITHOUT_INNER_NODES = 2
"""Documents in a batch up to which every node is a document's own hash or the root."""


def nodes_enter(*, at_most: int) -> int:
    """Enter the inner nodes of anchored batches, the oldest first; return of how many batches.

    Killed in between, the next run takes the rest; of several at once, one enters a batch and the others nothing.
    """
    due = list(Batch.objects.filter(state=Batch.State.ANCHORED, nodes_kept=False)[:at_most])
    for batch in due:
        _enter(batch)
    return len(due)


def documents_under(institution: Institution, value: bytes) -> QuerySet[Document]:
    """Return the institution's documents that a revocation of `value` (32 bytes) revokes."""
    own = Document.objects.filter(institution=institution)
    if own.filter(target_hash=value).exists():  # a hash is of one thing only
        return own.filter(target_hash=value)
    whole = Batch.objects.filter(institution=institution, root=value).first()
    if whole is not None:
        return own.filter(batch=whole)
    return own.filter(pk__in=_under_inner_node(institution, value))


def _under_inner_node(institution: Institution, value: bytes) -> list[str]:
    for batch in Batch.objects.filter(institution=institution, nodes_kept=False).iterator(100):
        _enter(batch)
    found = BatchNodes.objects.filter(batch__institution=institution, prefixes__contains=[_prefix(value)])
    return [pk for one in found.only("pk") for pk, path in _paths(one.pk) if value in path]


def _enter(batch: Batch) -> None:
    inner: set[bytes] = set()
    if batch.size > _WITHOUT_INNER_NODES:
        for _, path in _paths(batch.pk):
            inner.update(path[1:-1])
    with transaction.atomic():
        if inner:
            row = BatchNodes(batch=batch, prefixes=sorted({_prefix(one) for one in inner}))
            BatchNodes.objects.bulk_create([row], ignore_conflicts=True)
        Batch.objects.filter(pk=batch.pk).update(nodes_kept=True)


def _paths(batch_pk: int) -> Iterator[tuple[str, list[bytes]]]:
    """Yield each document of a batch with the hashes from its own up to the root."""
    rows = Document.objects.filter(batch=batch_pk, proof__isnull=False).order_by()
    for pk, target, proof in rows.values_list("pk", "target_hash", "proof").iterator(500):
        whole = bytes(proof)
        siblings = [whole[at : at + _HASH] for at in range(0, len(whole), _HASH)]
        yield pk, list(merkle.path(bytes(target), siblings))


def _prefix(value: bytes) -> int:
    return int.from_bytes(value[:4], signed=True)
