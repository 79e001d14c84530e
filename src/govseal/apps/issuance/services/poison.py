"""Documents that would stop a batch: found, and set aside with the reason.

What is whole when it is prepared may not be whole when it is read again: a row restored in part, a disk that
forgot, a hand in the database. Nothing that does not hash to what was approved is ever anchored.

What is *not* here: telling verifiers, by the status list, that what was set aside was never valid (`standing`).
"""

import logging

from django.db import transaction

from govseal.apps.issuance.models import Document, Revocation
from govseal.apps.issuance.services.states import move
from govseal.core import jsjson
from govseal.core.errors import GovsealError
from govseal.core.openattestation import v2

_LOG = logging.getLogger(__name__)
_HASH_BYTES = 32
_KEY_BYTES = 32


def document_fault(document: Document) -> str | None:
    """Say why a waiting document cannot be put under a root, or None when it can.

    Reads it as a verifier will: parsed anew and hashed anew (docs/protocol.md section 1).
    """
    if document.salted is None or document.key is None or len(document.key) != _KEY_BYTES:
        return "It cannot be sealed: its data or its key is not there."
    try:
        salted = jsjson.parse(bytes(document.salted))
        digest = v2.digest(salted) if isinstance(salted, dict) else None
    except GovsealError as error:
        return f"It cannot be hashed: {error.message} ({error.code})"
    if len(document.target_hash) != _HASH_BYTES or digest != bytes(document.target_hash):
        return "It cannot be hashed: its data is not what was prepared."
    return None


def document_set_aside(document: Document, reason: str) -> None:
    """Take a document out of the outbox for good, in one step; its number may be issued again.

    A revocation that waits for a document without a root has nothing left to revoke.
    """
    _LOG.error("Document %s (number %s) is set aside: %s", document.pk, document.number, reason)
    with transaction.atomic():
        move(document, Document.State.SET_ASIDE, reason=reason, salted=None, key=None)
        if document.batch_id is None:
            Revocation.objects.filter(document=document, state=Revocation.State.WAITING).delete()
