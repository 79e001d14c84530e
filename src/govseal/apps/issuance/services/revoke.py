"""Take a document back for good (docs/protocol.md section 2)."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from govseal.apps.issuance.models import REASON_LENGTH, Document, Revocation
from govseal.core.errors import InputError, RefusedError


def document_revoke(
    *, document_id: str, reason: str, enqueue: Callable[[int], None], now: datetime
) -> Revocation:
    """Ask for a revocation; the outbox carries it to the ledger, after the document's own anchor.

    Asking again for the same document returns the revocation there is.

    Args:
        document_id: public id.
        reason: what the public is told, 1 to 200 characters.
        enqueue: called with the institution's primary key inside the transaction.
        now: the moment of asking.

    Raises:
        InputError: no such document, or no usable reason.
        RefusedError: the document was set aside and never anchored.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise InputError(
            "Give a reason of 1 to 200 characters; the public will see it.", code="REASON_MISSING"
        )
    with transaction.atomic():
        document = Document.objects.select_for_update().filter(pk=document_id).first()
        if document is None:
            raise InputError(f"There is no document with the id {document_id}.", code="UNKNOWN_DOCUMENT")
        if document.state == Document.State.SET_ASIDE:
            raise RefusedError("This document was set aside; it was never valid.", code="NEVER_ISSUED")
        revocation, made = Revocation.objects.get_or_create(
            document=document, defaults={"reason": reason, "asked_at": now}
        )
        if made:
            enqueue(document.institution_id)
    return revocation
