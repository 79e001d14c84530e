"""PDF/A: a sealed file claims only what it keeps.

The attested JSON is an attachment. PDF/A-3 takes it as it is. PDF/A-2 differs from PDF/A-3 in nothing but which
attachments are allowed (ISO 19005-3, introduction), so a PDF/A-2 is sealed as a PDF/A-3, and likewise a PDF/A-4 as a 4f. PDF/A-1 allows
no attachment and PDF/A-4e not every one: these lose their claim.

What is *not* here: proof that a file keeps what it claims; it is believed as it came.
"""

from typing import Final

import pikepdf

from govseal.adapters.pdf.notices import Notice
from govseal.adapters.pdf.reading import array, dictionary, entry

_MAX_XMP_BYTES: Final = 4 * 1024 * 1024
_PART, _CONFORMANCE = "pdfaid:part", "pdfaid:conformance"
_OTHERS = ("pdfaid:rev", "pdfaid:amd", "pdfaid:corr")


def claim_of(document: pikepdf.Pdf) -> str | None:
    """Return the PDF/A level that the metadata claim, such as `2B` or `4`, or None."""
    metadata = entry(document.Root, "/Metadata")
    if not isinstance(metadata, pikepdf.Stream) or len(metadata.read_raw_bytes()) > _MAX_XMP_BYTES:
        return None
    try:
        told = document.open_metadata()
        part, conformance = told.get(_PART), told.get(_CONFORMANCE)
    except (pikepdf.PdfError, ValueError, SyntaxError):  # not XML: whoever reads it finds no claim either
        return None
    return f"{part}{conformance or ''}".upper() if part else None


def has_output_intent(document: pikepdf.Pdf) -> bool:
    """Say whether grey and RGB are defined by an output intent (ISO 19005-2, 6.2.3)."""
    return any(
        "/DestOutputProfile" in dictionary(one) for one in array(entry(document.Root, "/OutputIntents"))
    )


def adapt_claim(document: pikepdf.Pdf) -> Notice | None:
    """Change the claim into one that holds with the attachment; None when nothing had to be changed."""
    claim = claim_of(document)
    if claim is None or claim.startswith("3") or claim == "4F":
        return None
    if claim.startswith("2"):
        _claim(document, "3", claim[1:])
        return Notice(
            "PDF_A_RAISED", f"The file was PDF/A-{claim.lower()}; sealed it is PDF/A-3{claim[1:].lower()}."
        )
    if claim == "4":
        _claim(document, "4", "F")
        return Notice("PDF_A_RAISED", "The file was PDF/A-4; sealed it is PDF/A-4f.")
    _claim(document, "", "")
    return Notice(
        "PDF_A_LOST",
        f"PDF/A-{claim.lower()} forbids such attachments; a sealed file carries one, and so is no PDF/A any more.",
    )


def _claim(document: pikepdf.Pdf, part: str, conformance: str) -> None:
    """Write the claim into the metadata; an empty part takes all of it away."""
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as told:
        for name, value in ((_PART, part), (_CONFORMANCE, conformance)):
            if value:
                told[name] = value
            elif name in told:
                del told[name]
        for name in _OTHERS if not part else ():
            if name in told:
                del told[name]
