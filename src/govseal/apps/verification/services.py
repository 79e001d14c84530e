"""Check what a code says, and show the sheet behind it.

Nothing is stored. What is *not* here: files (`files`), and the steps of a verification (`govseal.core.verify`).
"""

from collections.abc import Sequence

from govseal.apps.verification.choosing import STOOD_BEHIND
from govseal.core import envelope, qrtext
from govseal.core import secret as secrets_of
from govseal.core.errors import DecryptionFailed, InputError, NotPublished
from govseal.core.native import AttestedFile
from govseal.core.ports import PublishedReader, SheetReader
from govseal.core.verify import Report, Subject, Verifier, is_attested

_PICTURE_DPI = 130
_ENVELOPE_ROOM = 1024
"""Bytes that an envelope may be longer than its body: header, tag and padding (docs/protocol.md section 3)."""


def text_verify(*, text: str, verifier: Verifier) -> Report:
    """Verify the text of a QR code, or a link."""
    return verifier.qr_text(text.strip())


def texts_verify(*, texts: Sequence[str], verifier: Verifier) -> list[Report]:
    """Verify the texts of many QR codes, or links, asking the ledger about all of them at once."""
    return verifier.many([Subject(text=text.strip()) for text in texts])


def original_page(
    *, text: str, page: int, verifier: Verifier, published: PublishedReader, sheets: SheetReader
) -> bytes | None:
    """Return a page of the original sheet as PNG, once the file is known to be the attested one.

    Returns:
        None when the code names no sheet that a recognised issuer stands behind, or the stored file is not the
        attested one.

    Raises:
        InputError: this is no code.
        FetchFailed: the file could not be fetched.
    """
    code = qrtext.read(text.strip())
    if not isinstance(code, qrtext.CompactCode | qrtext.OfflineCode):
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
