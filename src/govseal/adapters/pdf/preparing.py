"""Judges a PDF before it is sealed, and changes in it what was asked for, or what a seal cannot do without.

Invariant: a file that needs no change goes through byte for byte. A changed one looks as before, unless it was asked
to be flattened.

What is *not* here: the seal itself (`stamping`), the attachment (`attaching`).
"""

from collections.abc import Iterator
from typing import Final

import pikepdf

from govseal.adapters.pdf import activity, archival, integrity, printing, signatures
from govseal.adapters.pdf.comparing import page_that_differs
from govseal.adapters.pdf.notices import Handled, Notice, Wishes
from govseal.adapters.pdf.opening import is_restricted, is_sealed, opened, saved, untouched
from govseal.adapters.pdf.reading import dictionary, entry, everything, is_rectangle
from govseal.core.errors import MalformedPdf

_HARMLESS: Final = (
    "xref entry for the xref stream itself is missing",
    "extraneous whitespace seen before xref",
    "Resources is missing or invalid; repairing",
)
"""What qpdf remarks on in files that every program reads alike, and that need no mending."""


def prepared(content: bytes, wishes: Wishes) -> Handled:
    """Return the PDF as it can be sealed, and what was done to it.

    Raises:
        MalformedPdf: it cannot be sealed; the code says why (docs/pdf.md).
    """
    ready = _changed(content, wishes)
    return Handled(ready.content, (*ready.notices, *printing.notices_on(ready.content)))


def _changed(content: bytes, wishes: Wishes) -> Handled:
    with opened(content, password=wishes.password or "") as document:
        _refuse_closed(document)
        active = activity.active_parts(document)
        _refuse_active(active, wishes)
        notices = _damage(document, content, wishes.password)
        if signatures.is_signed(document):
            _refuse_signed(document, wishes, damaged=bool(notices), active=bool(active))
            integrity.require_sound(content, len(signatures.signatures_of(document)))
            kept = Notice("SIGNATURES_KEPT", "The PDF is signed; the seal is added after what was signed.")
            return Handled(content, (*notices, kept))
        changes = list(_changes(document, wishes, active=bool(active)))
        if not changes:
            return Handled(content, tuple(notices))
        result = saved(document)
    notices += changes
    if page_that_differs(content, result, {}, password=wishes.password):
        if not wishes.flatten_forms:
            raise MalformedPdf(
                "The PDF would look different after the changes that sealing needs: print it to a new PDF.",
                code="PDF_LOOKS_DIFFERENT",
            )
        notices.append(Notice("FORMS_LOOK_DIFFERENT", "The flattened form does not look quite as before."))
    return Handled(result, tuple(notices))


def _refuse_closed(document: pikepdf.Pdf) -> None:
    if is_restricted(document):
        raise MalformedPdf(
            "The PDF's owner forbids changes to it: give the owner's password, or ask for an unprotected copy.",
            code="PDF_RESTRICTED",
        )
    if is_sealed(document):
        raise MalformedPdf("The PDF is sealed already: seal the original.", code="PDF_ALREADY_SEALED")


def _refuse_active(active: list[str], wishes: Wishes) -> None:
    if active and not wishes.remove_active_content:
        raise MalformedPdf(
            f"The PDF holds active content ({', '.join(active)}), which could change what it shows: have it"
            " removed (--remove-active-content), or print the PDF to a new one.",
            code="PDF_XFA" if active == [activity.XFA] else "PDF_ACTIVE",
            parts=active,
        )


def _damage(document: pikepdf.Pdf, content: bytes, password: str | None) -> list[Notice]:
    """Say so when qpdf had to mend the file; by now every object of it was read.

    Raises:
        MalformedPdf: it was mended in a way that programs do not agree on (`PDF_LOOKS_DIFFERENT`).
    """
    told = [str(one) for one in document.get_warnings()]
    if all(any(words in one for words in _HARMLESS) for one in told):
        return []
    if _has_malformed_box(content, password):
        raise MalformedPdf(
            "The size of a page is written so that programs disagree about it: print the PDF to a new one.",
            code="PDF_LOOKS_DIFFERENT",
        )
    return [Notice("PDF_REPAIRED", "The PDF is damaged; the sealed one is written anew, whole.")]


def _has_malformed_box(content: bytes, password: str | None) -> bool:
    """Say whether a page's size is written, but not as four numbers."""
    with untouched(content, password) as document:
        return any(
            "/MediaBox" in value and not is_rectangle(value["/MediaBox"])
            for value in everything(document)
            if not isinstance(value, pikepdf.Array)
        )


def _refuse_signed(document: pikepdf.Pdf, wishes: Wishes, *, damaged: bool, active: bool) -> None:
    signatures.refuse_certified(document)
    reasons = {
        "it is locked": document.is_encrypted,
        "it is damaged": damaged,
        "active content is to be removed": active,
        "its form is to be flattened": wishes.flatten_forms,
    }
    why = next((reason for reason, holds in reasons.items() if holds), None)
    if why:
        raise MalformedPdf(
            f"The PDF carries a digital signature, and {why}: sealing it would break the signature.",
            code=signatures.CODE,
        )


def _drop_form(document: pikepdf.Pdf) -> None:
    """Drop the form, which qpdf leaves behind where a field has no widget."""
    if "/AcroForm" in document.Root:
        del document.Root.AcroForm


def _changes(document: pikepdf.Pdf, wishes: Wishes, *, active: bool) -> Iterator[Notice]:
    """Change what has to be changed, and yield what to say of each change."""
    if document.is_encrypted:
        yield Notice("PDF_UNLOCKED", "The sealed PDF opens without a password.")
    if active:
        activity.remove_active(document)
        yield Notice("ACTIVE_CONTENT_REMOVED", "Active content was removed.")
    if signatures.has_usage_rights(document):
        del document.Root.Perms
        yield Notice("USAGE_RIGHTS_REMOVED", "Rights that the file gave to one program were removed.")
    if wishes.flatten_forms and "/Fields" in dictionary(entry(document.Root, "/AcroForm")):
        document.generate_appearance_streams()
        document.flatten_annotations("all")
        _drop_form(document)
        yield Notice("FORMS_FLATTENED", "The form's values are part of the pages now.")
    claim = archival.adapt_claim(document)
    if claim is not None:
        yield claim
