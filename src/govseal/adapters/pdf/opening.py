"""Opens PDFs within bounds; whatever qpdf says of hostile bytes arrives as `MalformedPdf`.

Invariants: a PDF is bounded in bytes before it is parsed and in pages before it is walked. A refusal has a
code of its own, so that a person can be told what to do; docs/pdf.md lists them.

What is *not* here: whether a PDF may be sealed (`preparing`), changes to it (`stamping`, `attaching`), and the
bounds on time and memory (`confinement`), which hold for everything done to a file.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pikepdf

from govseal.adapters.pdf.limits import ATTESTED_NAME, MAX_PAGES, MAX_PDF_BYTES
from govseal.adapters.pdf.reading import dictionary, entry, number
from govseal.core.errors import MalformedPdf

_READING_FAULTS: Final = (
    pikepdf.PdfError,
    pikepdf.DataDecodingError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RuntimeError,
    NotImplementedError,
    ArithmeticError,
    AssertionError,
)
"""What pikepdf raises where an object is not of the kind the format demands."""


def page_count(content: bytes) -> int:
    """Return the number of pages.

    Raises:
        MalformedPdf: not a PDF, encrypted, or beyond the limits.
    """
    with opened(content) as document:
        return len(document.pages)


def lock_of(content: bytes, password: str | None) -> str:
    """Say whether the file opens for changes: `open`, `locked`, or `restricted` by its owner.

    Raises:
        MalformedPdf: not a PDF, or beyond the limits.
    """
    try:
        with opened(content, password=password or "") as document:
            return "restricted" if is_restricted(document) else "open"
    except MalformedPdf as error:
        if error.code != "PDF_ENCRYPTED":
            raise
        return "locked"


def is_restricted(document: pikepdf.Pdf) -> bool:
    """Say whether the owner forbids changing, commenting, copying or printing to who opened the file so.

    Who may change the pages may insert some too, whatever the bit for that says (ISO 32000-1, table 22).
    """
    allow = document.allow
    allowed = allow.modify_other and allow.modify_annotation and allow.extract and allow.print_highres
    return bool(document.is_encrypted and not document.owner_password_matched and not allowed)


@contextmanager
def opened(
    content: bytes, *, attempt_recovery: bool = True, password: str | None = None
) -> Iterator[pikepdf.Pdf]:
    """Open a PDF; what goes wrong inside the block in reading it is a `MalformedPdf` too.

    Args:
        content: the file.
        attempt_recovery: mend a broken cross-reference table; never where its offsets are built upon.
        password: opens a locked file; None where a locked file is refused.

    Raises:
        MalformedPdf: not a PDF, locked, or beyond the limits.
    """
    if len(content) > MAX_PDF_BYTES:
        raise MalformedPdf(
            f"The PDF has more than {MAX_PDF_BYTES // 1_048_576} MiB.",
            code="PDF_TOO_LARGE",
            size=len(content),
        )
    try:
        with pikepdf.open(
            io.BytesIO(content),
            password=password or "",
            suppress_warnings=True,
            attempt_recovery=attempt_recovery,
        ) as document:
            _check_bounds(document)
            if document.is_encrypted and password is None:
                raise MalformedPdf(
                    "The PDF is protected against changes: give its owner's password.", code="PDF_ENCRYPTED"
                )
            yield document
    except pikepdf.PasswordError as error:
        raise _locked(password) from error
    except _READING_FAULTS as error:
        raise _unreadable(error) from error


@contextmanager
def untouched(content: bytes, password: str | None = None) -> Iterator[pikepdf.Pdf]:
    """Open once more a PDF that `opened` took, its pages as they are written.

    To list pages is to change them: qpdf gives each what it inherits or lacks, and mends its size. So nothing here may
    touch `document.pages`. Only inside a block of `opened`, whose errors it raises.
    """
    with pikepdf.open(
        io.BytesIO(content),
        password=password or "",
        suppress_warnings=True,
        inherit_page_attributes=False,
    ) as document:
        yield document


def saved(document: pikepdf.Pdf) -> bytes:
    """Return the file written anew: the same objects, mended where they were damaged, streams as they are.

    What was locked is written unlocked. The same document gives the same bytes.
    """
    if "/Size" not in document.trailer:
        document.trailer.Size = 1  # qpdf writes the right number, but only where there was one
    stream = io.BytesIO()
    document.save(
        stream,
        deterministic_id=True,
        fix_metadata_version=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        encryption=False,
    )
    return stream.getvalue()


def is_sealed(document: pikepdf.Pdf) -> bool:
    """Say whether an attested document is attached already."""
    if "/EmbeddedFiles" not in dictionary(entry(document.Root, "/Names")):
        return False
    return ATTESTED_NAME in document.attachments


def _locked(password: str | None) -> MalformedPdf:
    if password:
        return MalformedPdf("The password does not open this PDF.", code="PDF_ENCRYPTED")
    return MalformedPdf("The PDF is locked: give its password.", code="PDF_ENCRYPTED")


def _unreadable(error: Exception) -> MalformedPdf:
    if "encryption" in str(error):  # qpdf's words for a lock that is none of ISO 32000's for passwords
        return MalformedPdf(
            "The PDF is locked in a way that is not known here, for the holders of certain certificates perhaps: ask"
            " for an unprotected copy.",
            code="PDF_ENCRYPTED",
        )
    return MalformedPdf("This is not a PDF that can be read.")


def _check_bounds(document: pikepdf.Pdf) -> None:
    pages = number(entry(document.Root, "/Pages", "/Count"))
    if pages > MAX_PAGES or len(document.pages) > MAX_PAGES:
        raise MalformedPdf(f"The PDF has more than {MAX_PAGES} pages.", code="PDF_TOO_LARGE")
    if len(document.pages) == 0:
        raise MalformedPdf("The PDF has no pages.")
