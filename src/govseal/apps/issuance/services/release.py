"""Release anchored sheets, once each has been verified as anybody would verify it.

The page's own codes are read from the rendered PDF and each must lead to *genuine*; then the attested JSON is
attached by one incremental update (docs/protocol.md section 3, "Order"). Releasing again gives the same bytes.

Many are verified together: they share one question to the ledger and one look at each list. What stops one of them
stops no other.

What is *not* here: anchoring (`outbox`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from govseal.apps.issuance.models import Document
from govseal.apps.issuance.services.states import move_all
from govseal.core import envelope
from govseal.core import secret as secrets_of
from govseal.core.errors import GovsealError, OutsideError, RefusedError
from govseal.core.ports import Escrow, PublishedReader, SheetReader, SheetWriter
from govseal.core.verdict import Outcome
from govseal.core.verify import Report, Subject, Verifier

ATTESTED_NAME = "attested.json"
AWAITED = "STATUS_LIST_AWAITED"
"""Code of the refusal that a moment's patience mends: the worker publishes the status lists when it starts."""

_MOST_TOGETHER = 50
_MOST_BYTES_TOGETHER = 64 << 20  # of PDFs, which are held until their documents are judged

# A list is on its way: the first one, a newer one, or one signed by the key that took another's place.
_NOT_PUBLISHED_YET = {
    "STATUS_LIST_UNAVAILABLE",
    "STATUS_LIST_STALE",
    "STATUS_LIST_REFUSED",
    "LISTED_KEY_COMPROMISED",
}


@dataclass(frozen=True, slots=True)
class ReleasedSheet:
    """A sheet that may leave the office.

    Attributes:
        pdf: the sealed PDF with the attested JSON attached.
        wrapped: the attested document, JSON.
        code_text: text of its shortest code: what a phone reads best.
        report: the verification that let it go.
    """

    pdf: bytes
    wrapped: bytes
    code_text: str
    report: Report


Released = ReleasedSheet | GovsealError
"""A sheet that may leave the office, or why it may not."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A document opened for release.

    Attributes:
        document_id: its public id.
        pdf: its sealed PDF.
        wrapped: its attested JSON.
        texts: of the codes on the rendered pages.
    """

    document_id: str
    pdf: bytes
    wrapped: bytes
    texts: Sequence[str]


def documents_release(
    *,
    documents: Iterable[Document],
    host: str,
    escrow: Callable[[Document], Escrow],
    published: PublishedReader,
    reader: SheetReader,
    writer: SheetWriter,
    verifier: Callable[[], Verifier],
    clock: Callable[[], datetime],
) -> Iterator[Released]:
    """Verify anchored documents from their rendered pages, and yield each, or why it is kept back, in order.

    A `RefusedError` says that a document is not anchored yet (`NOT_ANCHORED`) or does not verify; an `OutsideError`
    that its status list is not published yet (`AWAITED`), or that what it needs could not be had.

    Args:
        documents: in state ANCHORED or RELEASED.
        host: whose codes the sheets bear.
        escrow: returns what opens a document's secret.
        published: holds their ciphertext.
        reader: reads the rendered pages.
        writer: attaches the attested JSON.
        verifier: returns what judges each code; asked anew every some dozens of documents.
        clock: tells the moment of release.
    """
    releasing = _Releasing(host, escrow, published, reader, writer)
    together: list[_Opened | GovsealError] = []
    size = 0
    for document in documents:
        opened = releasing.open(document)
        together.append(opened)
        size += len(opened.pdf) if isinstance(opened, _Opened) else 0
        if len(together) >= _MOST_TOGETHER or size >= _MOST_BYTES_TOGETHER:
            yield from releasing.judge(together, verifier(), clock())
            together, size = [], 0
    if together:
        yield from releasing.judge(together, verifier(), clock())


@dataclass(frozen=True, slots=True)
class _Releasing:
    """What `documents_release` was given, but for who judges."""

    host: str
    escrow: Callable[[Document], Escrow]
    published: PublishedReader
    reader: SheetReader
    writer: SheetWriter

    def open(self, document: Document) -> _Opened | GovsealError:
        """Decrypt a document and read the codes of its pages."""
        if document.state not in {Document.State.ANCHORED, Document.State.RELEASED}:
            return RefusedError(f"Document {document.number} is not anchored yet.", code="NOT_ANCHORED")
        try:
            secret = self.escrow(document).reveal(bytes(document.escrow), context=document.pk)
            key = secrets_of.file_key(secret, 0)
            pdf = self._decrypted(document.pk, f"d/{document.pk}/f/0", key, envelope.FILE_LIMIT)
            key = secrets_of.document_key(secret)
            wrapped = self._decrypted(document.pk, f"d/{document.pk}", key, envelope.JSON_LIMIT)
            found = (code.text for _page, codes in self.reader.read_pdf(pdf) for code in codes)
            return _Opened(document.pk, pdf, wrapped, list(dict.fromkeys(found)))
        except GovsealError as error:
            return error

    def _decrypted(self, document_id: str, path: str, key: bytes, limit: int) -> bytes:
        sealed = self.published.get(self.host, path, max_bytes=limit + 1024)
        return envelope.open(sealed, key=key, document_id=document_id, max_bytes=limit)

    def judge(
        self, together: Sequence[_Opened | GovsealError], verifier: Verifier, now: datetime
    ) -> list[Released]:
        """Verify every code of opened documents; attach the attested JSON to those that are genuine."""
        opened = [one for one in together if isinstance(one, _Opened)]
        reports = iter(
            verifier.many([Subject(text=text, file=one.pdf) for one in opened for text in one.texts])
        )
        released: list[Released] = []
        for one in together:
            if isinstance(one, _Opened):
                released.append(self._released(one, [next(reports) for _ in one.texts]))
            else:
                released.append(one)
        ids = [one.report.document_id for one in released if isinstance(one, ReleasedSheet)]
        rows = Document.objects.filter(pk__in=ids)  # another may release one of them at the same moment
        move_all(rows, Document.State.ANCHORED, Document.State.RELEASED, released_at=now)
        return released

    def _released(self, opened: _Opened, reports: Sequence[Report]) -> Released:
        judged = zip(opened.texts, reports, strict=True)
        own = {text: report for text, report in judged if report.document_id == opened.document_id}
        fault = _fault(own.values())
        if fault is not None:
            return fault
        shortest = min(own, key=len)
        try:
            pdf = self.writer.attach_json(opened.pdf, ATTESTED_NAME, opened.wrapped)
        except GovsealError as error:
            return error
        return ReleasedSheet(pdf, opened.wrapped, shortest, own[shortest])


def _fault(reports: Collection[Report]) -> GovsealError | None:
    """Return why a document whose codes were judged so may not leave, or None."""
    if not reports:
        return RefusedError("No code on the rendered page leads to this document.", code="CODE_UNREADABLE")
    for report in reports:
        if report.verdict.outcome is not Outcome.GENUINE:
            why = report.verdict.reason.message if report.verdict.reason else report.verdict.outcome
            if report.verdict.reason and report.verdict.reason.code in _NOT_PUBLISHED_YET:
                return OutsideError(f"The sheet cannot be verified yet: {why}", code=AWAITED)
            return RefusedError(f"The sheet does not verify: {why}", code="DOES_NOT_VERIFY")
    return None
