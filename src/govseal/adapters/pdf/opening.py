"""Opens PDFs within bounds, and says why one may not be sealed.

Invariants: a PDF is bounded in bytes before it is parsed and in pages before it is walked; whatever qpdf
says of hostile bytes arrives as `MalformedPdf`. A refusal has a code of its own, so that the portal can say
what to do: `PDF_ENCRYPTED`, `PDF_SIGNED`, `PDF_XFA`, `PDF_ALREADY_SEALED`.

What is *not* here: changes to a PDF (`stamping`, `attaching`).
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pikepdf

from govseal.core.errors import MalformedPdf

MAX_PDF_BYTES: Final = 64 * 1024 * 1024
"""docs/protocol.md section 3: a file envelope inflates to 64 MiB at most."""

MAX_PAGES: Final = 500
ATTESTED_NAME: Final = "attested.json"
"""Name of the attachment that carries the attested document."""

_SIGNATURES_EXIST = 1  # bit 1 of /SigFlags, ISO 32000-1 table 219
_MAX_FORM_FIELDS = 10_000


def page_count(content: bytes) -> int:
    """Return the number of pages.

    Raises:
        MalformedPdf: not a PDF, encrypted, or beyond the limits.
    """
    with opened(content) as document:
        return len(document.pages)


def check_sealable(content: bytes) -> None:
    """Raise when this PDF may not be sealed.

    Raises:
        MalformedPdf: unreadable, encrypted, signed, an XFA form, sealed already, or beyond the limits.
    """
    with opened(content) as document:
        refuse_unsealable(document)


@contextmanager
def opened(content: bytes, *, attempt_recovery: bool = True) -> Iterator[pikepdf.Pdf]:
    """Open a PDF; what goes wrong inside the block in reading it is a `MalformedPdf` too.

    Args:
        content: the file.
        attempt_recovery: mend a broken cross-reference table; never where its offsets are built upon.

    Raises:
        MalformedPdf: not a PDF, encrypted, or beyond the limits.
    """
    if len(content) > MAX_PDF_BYTES:
        raise MalformedPdf(
            f"The PDF has more than {MAX_PDF_BYTES // 1_048_576} MiB.",
            code="PDF_TOO_LARGE",
            size=len(content),
        )
    try:
        with pikepdf.open(
            io.BytesIO(content), suppress_warnings=True, attempt_recovery=attempt_recovery
        ) as document:
            _check_bounds(document)
            yield document
    except pikepdf.PasswordError as error:
        raise MalformedPdf(
            "The PDF needs a password: save it without one, then seal that.", code="PDF_ENCRYPTED"
        ) from error
    except (
        pikepdf.PdfError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RuntimeError,
        OverflowError,
    ) as error:
        # pikepdf gives Python's own errors where an object is not of the kind the format demands.
        raise MalformedPdf("This is not a PDF that can be read.") from error


def _check_bounds(document: pikepdf.Pdf) -> None:
    if document.is_encrypted:
        raise MalformedPdf(
            "The PDF is protected against changes: save it without protection, then seal that.",
            code="PDF_ENCRYPTED",
        )
    pages = int(document.Root.Pages.get("/Count", 0))
    if pages > MAX_PAGES or len(document.pages) > MAX_PAGES:
        raise MalformedPdf(f"The PDF has more than {MAX_PAGES} pages.", code="PDF_TOO_LARGE", pages=pages)
    if len(document.pages) == 0:
        raise MalformedPdf("The PDF has no pages.")


def refuse_unsealable(document: pikepdf.Pdf) -> None:
    """Raise when stamping or attaching would break what the PDF already promises.

    Raises:
        MalformedPdf: with the code of the reason.
    """
    form = document.Root.get("/AcroForm", pikepdf.Dictionary())
    if "/XFA" in form:
        raise MalformedPdf(
            "The PDF is an XFA form, which shows different content in different programs: print it to a plain PDF.",
            code="PDF_XFA",
        )
    if "/Perms" in document.Root or int(form.get("/SigFlags", 0)) & _SIGNATURES_EXIST or _has_signature(form):
        raise MalformedPdf(
            "The PDF carries a digital signature, which a seal printed on it would break.", code="PDF_SIGNED"
        )
    if ATTESTED_NAME in document.attachments:
        raise MalformedPdf("The PDF is sealed already: seal the original.", code="PDF_ALREADY_SEALED")


def _has_signature(form: pikepdf.Object) -> bool:
    """Say whether a form field of type signature is filled in."""
    waiting = list(form.get("/Fields", pikepdf.Array()))
    for _ in range(_MAX_FORM_FIELDS):
        if not waiting:
            return False
        field = waiting.pop()
        if field.get("/FT") == "/Sig" and "/V" in field:
            return True
        waiting.extend(field.get("/Kids", pikepdf.Array()))
    raise MalformedPdf("The PDF's form has too many fields.", code="PDF_TOO_LARGE")
