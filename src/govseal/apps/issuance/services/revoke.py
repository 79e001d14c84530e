"""Take a document back for good (docs/protocol.md section 2)."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from govseal.apps.issuance.models import Document, ReasonCode, Revocation, Standing
from govseal.apps.issuance.services.reasons import require_reason
from govseal.apps.issuance.services.standing import document_locked, require_not_final, standing_change
from govseal.core.errors import RefusedError


def document_revoke(
    *,
    document_id: str,
    reason: str,
    enqueue: Callable[[int], None],
    now: datetime,
    code: str = ReasonCode.OTHER,
    publish: Callable[[], None] = lambda: None,
) -> Revocation:
    """Ask for a revocation: the status list says so at once, the ledger after the document's own anchor.

    Asking again for the same document returns the revocation there is.

    Args:
        document_id: public id.
        reason: what the public may be told, 1 to 200 characters.
        enqueue: asks for a run of the outbox, by the institution's primary key; called inside the transaction.
        now: the moment of asking.
        code: one of `REASON_CODES[Standing.REVOKED]`.
        publish: asks for the status lists to be published; called inside the transaction. They are, without it, by
            the next run there is.

    Raises:
        InputError: no such document, or no usable reason.
        RefusedError: the document was set aside and never anchored, or is replaced (`ALREADY_REPLACED`).
    """
    why = require_reason(Standing.REVOKED, code, reason)
    with transaction.atomic():
        document = document_locked(document_id)
        if document.state == Document.State.SET_ASIDE:
            raise RefusedError("This document was set aside; it was never valid.", code="NEVER_ISSUED")
        if document.standing == Standing.REVOKED:
            asked = Revocation.objects.filter(document=document).first()
            if asked is not None:
                return asked
        require_not_final(document)
        _, text = why
        revocation = Revocation.objects.create(document=document, reason=text, asked_at=now)
        enqueue(document.institution_id)
        standing_change(document, Standing.REVOKED, *why, publish=publish, now=now)
    return revocation
