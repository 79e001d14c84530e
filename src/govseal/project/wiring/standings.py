"""What becomes of a document, for the office: revoke, suspend, lift, replace.

What is *not* here: the rules (`govseal.apps.issuance`), and keys: lists are signed by the worker.
"""

from govseal.apps.issuance import selectors, services
from govseal.project.wiring.queue import outbox_enqueue, publish_enqueue
from govseal.project.wiring.shared import utc_now


def revoke(document_id: str, *, code: str, reason: str) -> None:
    """Take a document back for good."""
    services.document_revoke(
        document_id=document_id,
        code=code,
        reason=reason,
        enqueue=outbox_enqueue,
        publish=publish_enqueue,
        now=utc_now(),
    )


def suspend(document_id: str, *, code: str, reason: str) -> None:
    """Take a document out of force for now."""
    services.document_suspend(
        document_id=document_id, code=code, reason=reason, publish=publish_enqueue, now=utc_now()
    )


def lift(document_id: str, *, code: str, reason: str) -> None:
    """Put a suspended document back in force."""
    services.document_lift(
        document_id=document_id, code=code, reason=reason, publish=publish_enqueue, now=utc_now()
    )


def replace(document_id: str, successor_id: str, *, code: str, reason: str) -> None:
    """Let another document take this one's place, for good."""
    services.document_replace(
        document_id=document_id,
        successor_id=successor_id,
        code=code,
        reason=reason,
        enqueue=outbox_enqueue,
        publish=publish_enqueue,
        now=utc_now(),
    )


def is_published(document_id: str) -> bool:
    """Say whether the document's status list is published with all that has become of its documents."""
    return selectors.standing_is_published(document_id)
