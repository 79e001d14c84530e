"""Check what a person holds: the text of a code, a PDF, a picture, an OpenAttestation file.

Nothing is stored. What is *not* here: the steps of a verification (`govseal.core.verify`).
"""

from collections.abc import Sequence

from govseal.core import envelope, jsjson, qrtext, seal
from govseal.core import secret as secrets_of
from govseal.core.errors import GovsealError, InputError
from govseal.core.ports import PublishedReader, SheetReader
from govseal.core.verdict import FragmentStatus, Outcome
from govseal.core.verify import Report, Verifier

MAX_CODES = 8
"""Codes judged on one file; more is no official sheet."""
DOCUMENT_LIMIT = 4 << 20
"""Bytes of an OpenAttestation file, unzipped JSON."""
_PICTURE_DPI = 130


def text_verify(*, text: str, verifier: Verifier) -> Report:
    """Verify the text of a QR code, or a link."""
    return verifier.qr_text(text.strip())


def file_verify(*, content: bytes, verifier: Verifier, sheets: SheetReader) -> Report:
    """Verify a PDF, a picture or an OpenAttestation JSON file, told apart by their first bytes.

    Raises:
        InputError: the file cannot be read, or nothing that can be checked is in it.
    """
    start = content[:1024].lstrip()
    if b"%PDF-" in start:
        return _verify_pdf(content, verifier, sheets)
    if start[:1] in {b"{", b"["} or start[:4] == b"\xef\xbb\xbf{":
        document = jsjson.parse(content.removeprefix(b"\xef\xbb\xbf"), max_bytes=DOCUMENT_LIMIT)
        return verifier.document(document)
    texts = [code.text for code in sheets.read_image(content)]
    return _verify_codes(texts, verifier)


def original_page(
    *, text: str, page: int, verifier: Verifier, published: PublishedReader, sheets: SheetReader
) -> bytes | None:
    """Return a page of the original sheet as PNG, once the file is known to be the attested one.

    Returns:
        None when the code names no sheet with a file, or the stored file is not the attested one.

    Raises:
        FetchFailed: the file could not be fetched.
    """
    secret = _secret(text)
    if secret is None:
        return None
    report = verifier.qr_text(text.strip())
    if report.document_id is None or not report.page_available:
        return None
    sealed = published.get(
        report.host, f"d/{report.document_id}/f/0", max_bytes=envelope.FILE_LIMIT + envelope.JSON_LIMIT
    )
    pdf = envelope.open(
        sealed,
        key=secrets_of.file_key(secret, 0),
        document_id=report.document_id,
        max_bytes=envelope.FILE_LIMIT,
    )
    attested = verifier.qr_text(text.strip(), file=pdf)
    compared = [one for one in attested.verdict.fragments if one.name == "AttachedFile"]
    if not compared or compared[0].status is not FragmentStatus.VALID:
        return None
    return sheets.render_page(pdf, page, dpi=_PICTURE_DPI)


def _verify_pdf(content: bytes, verifier: Verifier, sheets: SheetReader) -> Report:
    attested = sheets.attached_json(content)
    if attested is not None:
        return verifier.document(jsjson.parse(attested, max_bytes=DOCUMENT_LIMIT), file=content)
    texts: list[str] = []
    for _page, codes in sheets.read_pdf(content):
        texts += [code.text for code in codes]
        if len(texts) > MAX_CODES:
            break
    return _verify_codes(texts, verifier, file=content)


def _verify_codes(texts: Sequence[str], verifier: Verifier, *, file: bytes | None = None) -> Report:
    """Judge every code; foreign ones are passed over when one of ours is there, and the worst one tells."""
    distinct = list(dict.fromkeys(texts))[:MAX_CODES]
    if not distinct:
        raise InputError(
            "Found no code: try a straight, sharp photo of the whole code, or paste its text.", code="NO_CODE"
        )
    reports = [verifier.qr_text(text, file=file) for text in distinct]
    ours = [one for one in reports if one.issuer or one.document_id] or reports
    if len({one.document_id for one in ours}) > 1:
        raise InputError(
            "Codes of several documents are on this sheet: check them one at a time.", code="SEVERAL_CODES"
        )
    order = list(Outcome)
    return min(ours, key=lambda one: order.index(one.verdict.outcome))


def _secret(text: str) -> bytes | None:
    """Return the secret that a code of ours holds, or None."""
    try:
        code = qrtext.read(text.strip())
        if isinstance(code, qrtext.OfflineCode):
            return seal.read(code.seal).claims.secret
    except GovsealError:
        return None
    return code.secret if isinstance(code, qrtext.CompactCode) else None
