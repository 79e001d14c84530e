"""PDF/A: a sealed file claims only what it keeps.

The attested JSON is an attachment. PDF/A-3 takes it as it is. PDF/A-2 differs from PDF/A-3 in nothing but which
attachments are allowed (ISO 19005-3, introduction), so a PDF/A-2 is sealed as a PDF/A-3. PDF/A-1 allows none, and
PDF/A-4 only as PDF/A-4f: the first loses its claim, the second becomes a 4f.

What is *not* here: proof that a file keeps what it claims; it is believed as it came.
"""

import re
from typing import Final

import pikepdf

from govseal.adapters.pdf.notices import Notice
from govseal.adapters.pdf.reading import array, dictionary, entry

_MAX_XMP_BYTES: Final = 4 * 1024 * 1024
_PART = re.compile(rb"""(pdfaid:part(?:>\s*|\s*=\s*["']))(\d)""")
_CONFORMANCE = re.compile(rb"""(pdfaid:conformance(?:>\s*|\s*=\s*["']))([A-Za-z]?)""")
_CLAIM = re.compile(
    rb"""\s+pdfaid:(?:part|conformance|rev|amd)\s*=\s*(?:"[^"]*"|'[^']*')"""
    rb"""|<pdfaid:(part|conformance|rev|amd)>[^<]*</pdfaid:\1>"""
)
_FIRST, _SECOND, _THIRD, _FOURTH = b"1", b"2", b"3", b"4"


def claim_of(document: pikepdf.Pdf) -> str | None:
    """Return the PDF/A level that the metadata claim, such as `2B`, or None."""
    xmp = _xmp(document)
    part, conformance = _PART.search(xmp), _CONFORMANCE.search(xmp)
    if part is None:
        return None
    return (part[2] + (conformance[2].upper() if conformance else b"")).decode("ascii")


def has_output_intent(document: pikepdf.Pdf) -> bool:
    """Say whether grey and RGB are defined by an output intent (ISO 19005-2, 6.2.3)."""
    return any(
        "/DestOutputProfile" in dictionary(one) for one in array(entry(document.Root, "/OutputIntents"))
    )


def adapt_claim(document: pikepdf.Pdf) -> Notice | None:
    """Change the claim into one that holds with the attachment; None when nothing had to be changed."""
    claim = claim_of(document)
    if claim is None or claim.startswith(_THIRD.decode()) or claim == "4F":
        return None
    xmp = _xmp(document)
    if claim.startswith(_SECOND.decode()):
        document.Root.Metadata.write(_PART.sub(rb"\g<1>3", xmp))
        return Notice(
            "PDF_A_RAISED", f"The file was PDF/A-{claim.lower()}; sealed it is PDF/A-3{claim[1:].lower()}."
        )
    if claim.startswith(_FOURTH.decode()) and _CONFORMANCE.search(xmp):
        document.Root.Metadata.write(_CONFORMANCE.sub(rb"\g<1>F", xmp))
        return Notice("PDF_A_RAISED", "The file was PDF/A-4; sealed it is PDF/A-4f.")
    document.Root.Metadata.write(_CLAIM.sub(b"", xmp))
    return Notice(
        "PDF_A_LOST",
        f"PDF/A-{claim.lower()} forbids attachments; a sealed file carries one, and so is no PDF/A any more.",
    )


def _xmp(document: pikepdf.Pdf) -> bytes:
    metadata = entry(document.Root, "/Metadata")
    if not isinstance(metadata, pikepdf.Stream) or len(metadata.read_raw_bytes()) > _MAX_XMP_BYTES:
        return b""
    try:
        xmp: bytes = metadata.read_bytes()
    except pikepdf.PdfError:
        return b""
    return xmp
