"""Prepare sheets: numbers and places are looked up, each sheet is made, and all of them wait in the outbox.

Many are looked up and added together, in one transaction: asking the database for each by itself takes longer than
sealing it. One that is refused does not stop the others.

What leaves no trace when something fails before the rows are written is unreferenced ciphertext that nobody can open.

What is *not* here: making one sheet (`making`), batching and anchoring (`outbox`).
"""

import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from govseal.apps.issuance.models import Document
from govseal.apps.issuance.services.making import Draft, Maker, Sheet, asked_mark
from govseal.apps.issuance.services.places import free_places
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import issuer_of
from govseal.core.errors import InputError, OutsideError, RefusedError
from govseal.core.ports import Escrow, PublishedWriter, SheetReader, Signer

Prepared = Document | InputError | OutsideError | RefusedError
"""A document that waits for its anchor, or why there is none."""

_ATTEMPTS = 5


def documents_prepare(
    *,
    institution: Institution,
    drafts: Sequence[Draft],
    country: str,
    host: str,
    signer: Signer,
    escrow: Escrow,
    reader: SheetReader,
    published: PublishedWriter,
    enqueue: Callable[[int], None],
    now: datetime,
) -> list[Prepared]:
    """Seal sheets and leave them waiting for their anchor; return what became of each, in order.

    A sheet is refused when the institution may not issue its type (`TYPE_NOT_ALLOWED`), its number is issued already
    (`NUMBER_TAKEN`), a code does not read back from the rendered page (`CODE_UNREADABLE`) or a value cannot be
    sealed; an `OutsideError` says that no place in a status list could be had (`STATUS_LIST_BUSY`).

    Args:
        institution: the issuer.
        drafts: what the sheets say, and what draws them; some dozens, since their rows are held together.
        country: ISO code, upper case.
        host: what the codes name.
        signer: the institution's seal key.
        escrow: the institution's escrow.
        reader: reads each rendered page back.
        published: takes the sealed PDFs' ciphertext.
        enqueue: called with the institution's primary key inside the transaction that adds documents.
        now: the moment of sealing.
    """
    maker = Maker(institution, issuer_of(institution, country), host, signer, escrow, reader, now)
    results: dict[int, Prepared] = dict(_refused(institution, [draft.sheet for draft in drafts]))
    for _ in range(_ATTEMPTS):
        left = [index for index in range(len(drafts)) if index not in results]
        if not left:
            break
        made: dict[int, Document] = {}
        for index, place in zip(left, free_places(len(left)), strict=True):
            try:
                made[index], ciphertext = maker.make(drafts[index], place)
            except (InputError, RefusedError) as error:
                results[index] = error
            else:
                published.put(f"d/{made[index].pk}/f/0", ciphertext)
        results |= _added(made, enqueue)
    busy = OutsideError("No free place in the status list could be had; try again.", code="STATUS_LIST_BUSY")
    return [results.get(index, busy) for index in range(len(drafts))]


def document_is_of(*, document: Document, asked: bytes, escrow: Escrow) -> bool:
    """Say whether a document was made of what is asked for now; True of one from before that was kept.

    Args:
        document: found by its number.
        asked: as of `Sheet`.
        escrow: the institution's.
    """
    if document.asked is None:
        return True
    secret = escrow.reveal(bytes(document.escrow), context=document.pk)
    return hmac.compare_digest(asked_mark(secret, asked), bytes(document.asked))


def _refused(institution: Institution, sheets: Sequence[Sheet]) -> Iterator[tuple[int, RefusedError]]:
    """Yield which sheets may not be issued, and why."""
    issued = Document.objects.filter(
        institution=institution,
        type__in={sheet.type for sheet in sheets},
        number__in=[sheet.number for sheet in sheets],
    ).exclude(state=Document.State.SET_ASIDE)
    taken = set(issued.values_list("type", "number"))
    for index, sheet in enumerate(sheets):
        if sheet.type not in institution.document_types:
            message = f"{institution.code} may not issue documents of type {sheet.type!r}."
            yield index, RefusedError(message, code="TYPE_NOT_ALLOWED")
        elif (sheet.type, sheet.number) in taken:
            yield index, _number_taken(sheet.number)
        taken.add((sheet.type, sheet.number))


def _number_taken(number: str) -> RefusedError:
    return RefusedError(
        f"Number {number} is issued already; a number is issued once.", code="NUMBER_TAKEN", number=number
    )


def _added(made: Mapping[int, Document], enqueue: Callable[[int], None]) -> dict[int, Prepared]:
    """Add the rows and their place in the queue; where one is in the way of all, each by itself.

    A row whose status index another document took meanwhile is not among the results: it is to be made again.
    """
    rows = sorted(
        made.values(), key=lambda row: (row.type, row.number)
    )  # in one order, so that none wait in a ring
    try:
        with transaction.atomic():
            Document.objects.bulk_create(rows)
            for institution_id in {row.institution_id for row in rows}:
                enqueue(institution_id)
    except IntegrityError as error:
        if len(made) == 1:
            return {index: _number_taken(row.number) for index, row in made.items() if _is_of_number(error)}
        return {index: one for key, row in made.items() for index, one in _added({key: row}, enqueue).items()}
    return dict(made)


def _is_of_number(error: IntegrityError) -> bool:
    """Say whether a row was in the way of another's number; False for its place in a status list.

    Raises:
        IntegrityError: it is about something else.
    """
    if "one_document_per_status" in str(error):
        return False
    if "one_document_per_number" in str(error):
        return True
    raise error
