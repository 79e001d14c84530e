"""Suspend a document, lift that, replace it (docs/protocol.md clauses 2.5 and 6.6).

Invariants: a change, its history row, the mark on its status list and whatever the ledger is to be told are one
transaction; REVOKED and REPLACED are final; a suspension is told by the list alone, a replacement by the ledger
(as a revocation) and by the list.

    document_suspend(document_id=..., code="review", reason="Under review", publish=publish_enqueue, now=now)

What is *not* here: signing the lists (`statuslists`), and telling the ledger (`revocations`).
"""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F

from govseal.apps.issuance.models import (
    REASON_LENGTH,
    Document,
    ReasonCode,
    Revocation,
    Standing,
    StandingChange,
    StatusList,
)
from govseal.apps.issuance.services.reasons import require_reason
from govseal.core.errors import InputError, RefusedError

_ANCHORED = {Document.State.ANCHORED, Document.State.RELEASED}
_ASIDE_AT_ONCE = 500


def document_suspend(
    *, document_id: str, code: str, reason: str, publish: Callable[[], None], now: datetime
) -> StandingChange:
    """Take a document out of force for now.

    Args:
        document_id: public id.
        code: one of `REASON_CODES[Standing.SUSPENDED]`.
        reason: 1 to 200 characters.
        publish: asks for the status lists to be published; called inside the transaction.
        now: the moment of asking.

    Raises:
        InputError: no such document, or no usable reason.
        RefusedError: it is not anchored (`NOT_ANCHORED`), suspended already (`ALREADY_SUSPENDED`), or its standing is
            final (`ALREADY_REVOKED`, `ALREADY_REPLACED`).
    """
    why = require_reason(Standing.SUSPENDED, code, reason)
    with transaction.atomic():
        document = document_locked(document_id)
        require_in_force(document)
        if document.standing == Standing.SUSPENDED:
            raise RefusedError(f"Document {document.number} is suspended already.", code="ALREADY_SUSPENDED")
        return standing_change(document, Standing.SUSPENDED, *why, publish=publish, now=now)


def document_lift(
    *, document_id: str, code: str, reason: str, publish: Callable[[], None], now: datetime
) -> StandingChange:
    """Put a suspended document back in force; arguments as of `document_suspend`.

    Raises:
        InputError: as there.
        RefusedError: it is not suspended (`NOT_SUSPENDED`), or as there.
    """
    why = require_reason(Standing.VALID, code, reason)
    with transaction.atomic():
        document = document_locked(document_id)
        require_in_force(document)
        if document.standing != Standing.SUSPENDED:
            raise RefusedError(f"Document {document.number} is not suspended.", code="NOT_SUSPENDED")
        return standing_change(document, Standing.VALID, *why, publish=publish, now=now)


def document_replace(
    *,
    document_id: str,
    successor_id: str,
    code: str,
    reason: str,
    enqueue: Callable[[int], None],
    publish: Callable[[], None],
    now: datetime,
) -> StandingChange:
    """Let another document of the same institution take this one's place, for good.

    The ledger is told as of a revocation. Neither document says anything of the other: only the history knows both.

    Args:
        document_id: public id of the old one.
        successor_id: public id of the new one: anchored, and itself in force.
        code: one of `REASON_CODES[Standing.REPLACED]`.
        reason: 1 to 200 characters.
        enqueue: asks for a run of the outbox, by the institution's primary key; called inside the transaction.
        publish: asks for the status lists to be published; called inside the transaction.
        now: the moment of asking.

    Raises:
        InputError: no such documents, or no usable reason.
        RefusedError: the two do not fit together (`WRONG_SUCCESSOR`), or as of `document_suspend`.
    """
    why = require_reason(Standing.REPLACED, code, reason)
    with transaction.atomic():
        # Locked in one order, whichever replaces which: two such calls cannot wait for each other.
        found = {pk: document_locked(pk) for pk in sorted({document_id, successor_id})}
        document, successor = found[document_id], found[successor_id]
        require_in_force(document)
        _require_successor(document, successor)
        _, text = why
        Revocation.objects.create(document=document, reason=text, asked_at=now)
        enqueue(document.institution_id)
        return standing_change(
            document, Standing.REPLACED, *why, successor=successor, publish=publish, now=now
        )


def documents_aside_revoke(*, now: datetime) -> int:
    """Revoke in the list what was set aside: its seal exists and must never be taken for valid.

    Killed in between, the next run takes the rest; several at once share the work.

    Returns:
        How many it was.
    """
    with transaction.atomic():
        aside = list(
            Document.objects.select_for_update(skip_locked=True, of=("self",)).filter(
                state=Document.State.SET_ASIDE, standing=Standing.VALID
            )[:_ASIDE_AT_ONCE]
        )
        for document in aside:
            reason = (document.reason or "Set aside")[:REASON_LENGTH]
            _write(document, Standing.REVOKED, ReasonCode.ERROR, reason, None, now)
        status_lists_mark({document.status_list for document in aside})
    return len(aside)


def standing_change(
    document: Document,
    standing: Standing,
    code: ReasonCode,
    reason: str,
    *,
    publish: Callable[[], None],
    now: datetime,
    successor: Document | None = None,
) -> StandingChange:
    """Write a change of a locked document, mark its list as changed, and ask for its publication."""
    change = _write(document, standing, code, reason, successor, now)
    status_lists_mark({document.status_list})
    publish()
    return change


def document_locked(document_id: str) -> Document:
    """Return a document, locked until the transaction ends.

    Raises:
        InputError: there is none.
    """
    document = Document.objects.select_for_update().filter(pk=document_id).first()
    if document is None:
        raise InputError(f"There is no document with the id {document_id}.", code="UNKNOWN_DOCUMENT")
    return document


def require_not_final(document: Document) -> None:
    """Raise `RefusedError` when nothing can become of a document any more."""
    if document.standing == Standing.REVOKED:
        raise RefusedError(
            f"Document {document.number} is revoked already; that is final.", code="ALREADY_REVOKED"
        )
    if document.standing == Standing.REPLACED:
        raise RefusedError(
            f"Document {document.number} is replaced already; that is final.", code="ALREADY_REPLACED"
        )


def require_in_force(document: Document) -> None:
    """Raise `RefusedError` unless a document is anchored and its standing not final."""
    require_not_final(document)
    if document.state not in _ANCHORED:
        raise RefusedError(f"Document {document.number} is not anchored yet.", code="NOT_ANCHORED")


def status_lists_mark(numbers: Collection[int]) -> None:
    """Mark lists as changed, in the transaction that changes their documents."""
    for number in sorted(numbers):
        if not StatusList.objects.filter(pk=number).update(version=F("version") + 1):
            # Another process may have made it meanwhile: its first version may lack this change.
            StatusList.objects.bulk_create([StatusList(number=number)], ignore_conflicts=True)
            StatusList.objects.filter(pk=number).update(version=F("version") + 1)


def _require_successor(document: Document, successor: Document) -> None:
    fits = (
        successor.pk != document.pk
        and successor.institution_id == document.institution_id
        and successor.state in _ANCHORED
        and successor.standing == Standing.VALID
    )
    if not fits:
        raise RefusedError(
            "A document is replaced by another one of the same institution, anchored and valid itself.",
            code="WRONG_SUCCESSOR",
        )


def _write(
    document: Document,
    standing: Standing,
    code: ReasonCode,
    reason: str,
    successor: Document | None,
    now: datetime,
) -> StandingChange:
    document.standing = standing
    document.save(update_fields=["standing"])
    return StandingChange.objects.create(
        document=document, standing=standing, code=code, reason=reason, successor=successor, changed_at=now
    )
