"""Digital signatures that a PDF carries already: which there are, and whether a seal may be added at all.

A seal is added to a signed PDF as one more incremental update, so that what was signed stays byte for byte. Only
what the signatures themselves allow may be in it (ISO 32000-2, 12.8.2): a certifying signature (DocMDP) allows no
mark on a page, a field lock (FieldMDP) may forbid new fields.

What is *not* here: proof that they hold (`integrity`), the update (`widgets`), and signatures of our own.
"""

from typing import Final

import pikepdf

from govseal.adapters.pdf.reading import array, dictionary, entry, form_fields, number
from govseal.core.errors import MalformedPdf

CODE: Final = "PDF_SIGNED"
_CERTIFIED = {
    1: "no change at all",
    2: "only that forms are filled in and that others sign",
    3: "only comments, filled-in forms and further signatures",
}
_DEFAULT_LEVEL = 2


def signatures_of(document: pikepdf.Pdf) -> list[pikepdf.Object]:
    """Return the signature dictionaries of the form's signed fields."""
    return [
        field["/V"]
        for field in form_fields(document)
        if _inherited_type(field) == "/Sig" and isinstance(field.get("/V"), pikepdf.Dictionary)
    ]


def is_signed(document: pikepdf.Pdf) -> bool:
    """Say whether a signature could be broken by changing the file; usage rights are none."""
    return bool(signatures_of(document)) or "/DocMDP" in dictionary(entry(document.Root, "/Perms"))


def has_usage_rights(document: pikepdf.Pdf) -> bool:
    """Say whether the file carries rights given to one program (ISO 32000-1, 12.8.2.3), lost by any change."""
    permissions = dictionary(entry(document.Root, "/Perms"))
    return "/UR3" in permissions or "/UR" in permissions


def refuse_certified(document: pikepdf.Pdf) -> None:
    """Raise when a certifying signature forbids marks on the pages.

    Raises:
        MalformedPdf: with what it allows (code `PDF_SIGNED`).
    """
    signatures = [*signatures_of(document), entry(document.Root, "/Perms", "/DocMDP")]
    for signature in signatures:
        for reference in array(dictionary(signature).get("/Reference")):
            if dictionary(reference).get("/TransformMethod") == "/DocMDP":
                level = int(number(entry(reference, "/TransformParams", "/P"), _DEFAULT_LEVEL))
                allowed = _CERTIFIED.get(level, _CERTIFIED[_DEFAULT_LEVEL])
                raise MalformedPdf(
                    f"The PDF is certified by its signer, who allows {allowed}: seal it first, certify it then.",
                    code=CODE,
                    level=level,
                )


def _inherited_type(field: pikepdf.Object) -> object:
    for _ in range(32):
        if "/FT" in field or "/Parent" not in field:
            break
        field = dictionary(field["/Parent"])
    return field.get("/FT")
