"""Check what a person holds: the text of a code, a PDF, a picture, an OpenAttestation file.

Nothing is stored. What is *not* here: the steps of a verification (`govseal.core.verify`).
"""

from collections.abc import Sequence
from typing import Any, Protocol

from govseal.apps.verification.choosing import STOOD_BEHIND, Choice, codes_to_judge
from govseal.apps.verification.choosing import decided as decided_by
from govseal.core import envelope, jsjson, qrtext
from govseal.core import secret as secrets_of
from govseal.core.errors import DecryptionFailed, GovsealError, InputError, NotPublished
from govseal.core.native import AttestedFile
from govseal.core.ports import PublishedReader, SheetReader, SheetWriter
from govseal.core.verify import Report, Subject, Verifier, is_attested

DOCUMENT_LIMIT = 4 << 20
"""Bytes of an OpenAttestation file, unzipped JSON."""
ATTESTED_NAME = "attested.json"
"""Name under which a released PDF carries its attested JSON."""

_ENOUGH_CODES = 32
"""Codes of a PDF after which no further page is read."""
_ADVICE = {
    "NO_CODE": "Something like a code is there, but it cannot be read: flatten the sheet, avoid glare and folds.",
    "NO_CODE_SEEN": "Found nothing that looks like a QR code: take a photo of the whole code, or paste its text.",
    "NO_CODE_SMALL": "The code is too small in this picture: come closer, or send the picture without reducing it.",
    "NO_CODE_BLURRED": "The picture is too blurred: hold still, tap on the code to focus, and try again.",
    "NO_CODE_DARK": "The picture is too dark: find more light and try again.",
}
_PICTURE_DPI = 130
_ENVELOPE_ROOM = 1024
"""Bytes that an envelope may be longer than its body: header, tag and padding (docs/protocol.md section 3)."""
_BOM = b"\xef\xbb\xbf"


class Sheets(SheetReader, SheetWriter, Protocol):
    """Reads sheets, and extends them as the release does."""


def text_verify(*, text: str, verifier: Verifier) -> Report:
    """Verify the text of a QR code, or a link."""
    return verifier.qr_text(text.strip())


def texts_verify(*, texts: Sequence[str], verifier: Verifier) -> list[Report]:
    """Verify the texts of many QR codes, or links, asking the ledger about all of them at once."""
    return verifier.many([Subject(text=text.strip()) for text in texts])


def file_verify(*, content: bytes, verifier: Verifier, sheets: Sheets) -> tuple[Report, str]:
    """Verify a PDF, a picture or an OpenAttestation JSON file, told apart by their first bytes.

    Returns:
        The report, and the text of the code that says all that a picture says; empty for other files, of which
        more was judged than a code.

    Raises:
        InputError: the file cannot be read, or nothing that can be checked is in it.
    """
    subjects = subjects_of(content=content, sheets=sheets)
    report, text = decided(subjects, verifier.many(subjects))
    return report, "" if _is_pdf(content) else text


def subjects_of(*, content: bytes, sheets: Sheets) -> list[Subject]:
    """Return what is to be verified of a file: the document that it is or bears, else each of its codes.

    Raises:
        InputError: the file cannot be read, or nothing that can be checked is in it.
    """
    if _is_json(content):
        return [Subject(document=_parsed(content))]
    if not _is_pdf(content):
        return _subjects_of_codes(content, sheets, file=None)
    attested = sheets.attached_json(content)
    if attested is None:
        return _subjects_of_codes(content, sheets, file=content)
    document = jsjson.parse(attested, max_bytes=DOCUMENT_LIMIT)
    return [Subject(None, document, content, lambda pdf: sheets.attach_json(pdf, ATTESTED_NAME, attested))]


def decided(subjects: Sequence[Subject], reports: Sequence[Report]) -> tuple[Report, str]:
    """Return what a file is told to be by what is in it, and the text of the code that decided, if one did.

    Raises:
        SeveralDocuments: codes of several documents; it holds them, to ask which is meant.
    """
    texts = (subject.text or "" for subject in subjects)
    choice = decided_by([Choice(text, report) for text, report in zip(texts, reports, strict=True)])
    return choice.report, choice.text


def attested_document(*, content: bytes, sheets: SheetReader) -> Any | None:
    """Return the document that a JSON file is, or that is attached to a PDF; None when only its codes lead to one.

    Raises:
        InputError: the file cannot be read.
    """
    if _is_json(content):
        return _parsed(content)
    attested = sheets.attached_json(content) if _is_pdf(content) else None
    return None if attested is None else jsjson.parse(attested, max_bytes=DOCUMENT_LIMIT)


def deciding_code(*, content: bytes, verifier: Verifier, sheets: SheetReader) -> str:
    """Return the text of that code of a PDF or picture by which the file is judged.

    Raises:
        InputError: the file cannot be read, or nothing that can be checked is in it.
    """
    subjects = _subjects_of_codes(content, sheets, file=None)
    return decided(subjects, verifier.many(subjects))[1]


def original_page(
    *, text: str, page: int, verifier: Verifier, published: PublishedReader, sheets: SheetReader
) -> bytes | None:
    """Return a page of the original sheet as PNG, once the file is known to be the attested one.

    Returns:
        None when the code names no sheet that a recognised issuer stands behind, or the stored file is not the
        attested one.

    Raises:
        FetchFailed: the file could not be fetched.
    """
    code = _own_code(text)
    if code is None:
        return None
    report = verifier.qr_text(text.strip())
    if report.verdict.outcome not in STOOD_BEHIND or report.document is None or not report.page_available:
        return None
    attested = AttestedFile(**report.document.data["files"][0])
    try:
        sealed = published.get(code.host, f"d/{code.id}/f/0", max_bytes=attested.size + _ENVELOPE_ROOM)
        key = secrets_of.file_key(code.secret, 0)
        pdf = envelope.open(sealed, key=key, document_id=code.id, max_bytes=envelope.FILE_LIMIT)
    except (NotPublished, DecryptionFailed, InputError):
        return None
    return sheets.render_page(pdf, page, dpi=_PICTURE_DPI) if is_attested(attested, pdf) else None


def _is_json(content: bytes) -> bool:
    return _start(content)[:1] in {b"{", b"["}


def _is_pdf(content: bytes) -> bool:
    return not _is_json(content) and b"%PDF-" in _start(content)


def _start(content: bytes) -> bytes:
    return content[:1024].removeprefix(_BOM).lstrip()


def _parsed(content: bytes) -> Any:
    return jsjson.parse(content.removeprefix(_BOM), max_bytes=DOCUMENT_LIMIT)


def _subjects_of_codes(content: bytes, sheets: SheetReader, *, file: bytes | None) -> list[Subject]:
    is_pdf = _is_pdf(content)
    texts = _codes_of_pdf(content, sheets) if is_pdf else [one.text for one in sheets.read_image(content)]
    if not texts:
        code = sheets.why_no_code(content, pdf=is_pdf)
        raise InputError(_ADVICE[code], code=code)
    return [Subject(text=text, file=file) for text in codes_to_judge(texts)]


def _codes_of_pdf(content: bytes, sheets: SheetReader) -> list[str]:
    texts: dict[str, None] = {}
    for _page, codes in sheets.read_pdf(content):
        texts |= dict.fromkeys(code.text for code in codes)
        if len(texts) > _ENOUGH_CODES:
            break
    return list(texts)


def _own_code(text: str) -> qrtext.CompactCode | qrtext.OfflineCode | None:
    """Return the code of ours that a text is, or None."""
    try:
        code = qrtext.read(text.strip())
    except GovsealError:
        return None
    return code if isinstance(code, qrtext.CompactCode | qrtext.OfflineCode) else None
