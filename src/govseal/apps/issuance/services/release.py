"""Release an anchored sheet, once it has been verified as anybody would verify it.

The page's own codes are read from the rendered PDF and each must lead to *genuine*; then the attested JSON is
attached by one incremental update (docs/protocol.md section 3, "Order"). Releasing again gives the same bytes.

What is *not* here: anchoring (`outbox`).
"""

from dataclasses import dataclass
from datetime import datetime

from govseal.apps.issuance.models import Document
from govseal.apps.issuance.services.states import move_all
from govseal.core import envelope
from govseal.core import secret as secrets_of
from govseal.core.errors import OutsideError, RefusedError
from govseal.core.ports import Escrow, PublishedReader, SheetReader, SheetWriter
from govseal.core.verdict import Outcome
from govseal.core.verify import Report, Subject, Verifier

ATTESTED_NAME = "attested.json"
AWAITED = "STATUS_LIST_AWAITED"
"""Code of the refusal that a moment's patience mends: the worker publishes the status lists when it starts."""

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


def document_release(
    *,
    document: Document,
    host: str,
    escrow: Escrow,
    published: PublishedReader,
    reader: SheetReader,
    writer: SheetWriter,
    verifier: Verifier,
    now: datetime,
) -> ReleasedSheet:
    """Verify an anchored document from its rendered page, and hand it over.

    Args:
        document: in state ANCHORED or RELEASED.
        host: whose codes the sheet bears.
        escrow: opens the document's secret.
        published: holds its ciphertext.
        reader: reads the rendered page.
        writer: attaches the attested JSON.
        verifier: judges each code.
        now: the moment of release.

    Raises:
        RefusedError: the document is not anchored yet, or does not verify; nothing is handed over.
        OutsideError: its status list is not published yet (`AWAITED`).
    """
    if document.state not in {Document.State.ANCHORED, Document.State.RELEASED}:
        raise RefusedError(f"Document {document.number} is not anchored yet.", code="NOT_ANCHORED")
    secret = escrow.reveal(bytes(document.escrow), context=document.pk)
    pdf = envelope.open(
        published.get(host, f"d/{document.pk}/f/0", max_bytes=envelope.FILE_LIMIT + 1024),
        key=secrets_of.file_key(secret, 0),
        document_id=document.pk,
        max_bytes=envelope.FILE_LIMIT,
    )
    wrapped = envelope.open(
        published.get(host, f"d/{document.pk}", max_bytes=envelope.JSON_LIMIT + 1024),
        key=secrets_of.document_key(secret),
        document_id=document.pk,
        max_bytes=envelope.JSON_LIMIT,
    )
    texts, report = _verify_page(pdf, reader, verifier, document.pk)
    this = Document.objects.filter(pk=document.pk)  # another may release it at the same moment
    move_all(this, Document.State.ANCHORED, Document.State.RELEASED, released_at=now)
    return ReleasedSheet(
        writer.attach_json(pdf, ATTESTED_NAME, wrapped), wrapped, min(texts, key=len), report
    )


def _verify_page(
    pdf: bytes, reader: SheetReader, verifier: Verifier, document_id: str
) -> tuple[list[str], Report]:
    """Verify every code of ours on the rendered pages; return their texts and the last report."""
    texts = list(dict.fromkeys(code.text for _page, found in reader.read_pdf(pdf) for code in found))
    judged = verifier.many([Subject(text=text, file=pdf) for text in texts])
    reports = {
        text: report for text, report in zip(texts, judged, strict=True) if report.document_id == document_id
    }
    if not reports:
        raise RefusedError("No code on the rendered page leads to this document.", code="CODE_UNREADABLE")
    for report in reports.values():
        if report.verdict.outcome is not Outcome.GENUINE:
            why = report.verdict.reason.message if report.verdict.reason else report.verdict.outcome
            if report.verdict.reason and report.verdict.reason.code in _NOT_PUBLISHED_YET:
                raise OutsideError(f"The sheet cannot be verified yet: {why}", code=AWAITED)
            raise RefusedError(f"The sheet does not verify: {why}", code="DOES_NOT_VERIFY")
    return list(reports), report
