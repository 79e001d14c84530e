"""Publish anchor receipts: one for each anchored batch, signed once (docs/protocol.md clause 2.6).

Invariants: a receipt is signed only where none is published; its file is durable before the row keeps it, so that
whoever is killed in between leaves what the next run finds; once kept, it never changes, also when a chain has lost
the root and holds it again in another block.

What is *not* here: the token's form (`govseal.core.receipt`), and finality (`batches`).
"""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db.models import F

from govseal.apps.issuance.models import Batch
from govseal.apps.issuance.services.publishing import Published, only_publisher, published_now
from govseal.apps.registry.selectors import store_of
from govseal.core import receipt
from govseal.core.errors import GovsealError, RefusedError
from govseal.core.ports import Signer
from govseal.core.trustlist import Certificate

_LOG = logging.getLogger(__name__)
_AT_ONCE = 500


def receipts_publish(
    *, host: str, signer: Callable[[], Signer], published: Published, clock: Callable[[], datetime]
) -> int:
    """Publish the receipts of batches that have none, the oldest first; arguments as of `status_lists_publish`.

    A batch from before transactions were recorded, whose own is not known, gets none: the ledger speaks for it.

    Returns:
        How many were published; 0 also when another publisher is at work.

    Raises:
        OperatorError: there is no anchor key.
    """
    with only_publisher() as alone:
        if not alone:
            return 0
        due = list(
            Batch.objects.filter(
                state=Batch.State.ANCHORED, receipt__isnull=True, transaction__isnull=False
            ).select_related("institution")[:_AT_ONCE]
        )
        if due:
            key = signer()
            for batch in due:
                try:
                    _publish(batch, host, key, published, clock())
                except RefusedError as error:  # of this batch alone; the others go on
                    _LOG.error("The anchor receipt of batch %s: %s", batch.pk, error.message)
        return len(due)


def receipts_restore(*, host: str, published: Published, turn: int) -> int:
    """Put back published receipts that are gone or altered, byte for byte.

    Args:
        host: whose they are.
        published: the published files.
        turn: grows by one with each call: one call looks at some hundreds, as many calls as needed at all.

    Returns:
        How many it was.
    """
    with only_publisher() as alone:
        if not alone:
            return 0
        kept = Batch.objects.filter(receipt__isnull=False)
        turns = kept.count() // _AT_ONCE + 1
        looked_at = kept.alias(turn=F("pk") % turns).filter(turn=turn % turns).only("root", "receipt")
        lost = [one for one in looked_at if _file(one, host, published) != bytes(one.receipt)]
        for one in lost:
            _LOG.warning("The anchor receipt of batch %s was gone or altered: put back.", one.pk)
            published.replace(receipt_path(bytes(one.root)), bytes(one.receipt))
        return len(lost)


def receipt_path(root: bytes) -> str:
    """Return where the receipt of a root lies among the published files."""
    return f"a/{root.hex()}"


def _publish(batch: Batch, host: str, key: Signer, published: Published, now: datetime) -> None:
    found = _file(batch, host, published)
    if found is not None and _speaks_for(found, batch, key):
        token = found
    else:
        token = receipt.sign(_receipt(batch, now), certificate=key.certificate, signer=key.sign).encode()
        if found is not None:
            _LOG.warning("What stood in place of batch %s's anchor receipt was none: replaced.", batch.pk)
        put = published.put if found is None else published.replace
        put(receipt_path(bytes(batch.root)), token)
    batch.receipt = token
    batch.save(update_fields=["receipt"])


def _file(batch: Batch, host: str, published: Published) -> bytes | None:
    return published_now(published, host, receipt_path(bytes(batch.root)), receipt.MAX_BYTES)


def _speaks_for(token: bytes, batch: Batch, key: Signer) -> bool:
    certificates = [Certificate.from_der(key.certificate)]
    try:
        receipt.read(
            token, store=store_of(batch.institution), root=bytes(batch.root), certificates=certificates
        )
    except GovsealError:
        return False
    return True


def _receipt(batch: Batch, now: datetime) -> receipt.Receipt:
    return receipt.Receipt(
        store=store_of(batch.institution),
        root=bytes(batch.root),
        block_number=batch.block_number,
        block_hash=bytes(batch.block_hash),
        block_time=batch.block_time,
        transaction=bytes(batch.transaction),
        signed_at=now.replace(microsecond=0),
    )
