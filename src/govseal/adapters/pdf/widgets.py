"""Puts a seal on the pages of a signed PDF by one incremental update, in a form that signatures allow.

Text added to a page would make a verifier call the page changed. A further signature field is allowed (ISO 32000-2,
12.8.2.2.2), and its widget may show anything: so the seal is the appearance of a read-only signature field, one a
page. Nothing that was in the file moves; what was signed is a prefix of the result.

What is *not* here: whether the signatures agree (`signatures`), the drawing (`drawing`), the bytes (`updating`).
"""

from collections.abc import Sequence

import pikepdf

from govseal.adapters.pdf.drawing import Drawing
from govseal.adapters.pdf.opening import untouched
from govseal.adapters.pdf.reading import array, entry, form_fields
from govseal.adapters.pdf.signatures import CODE
from govseal.adapters.pdf.spots import Spot, appearance, rectangle
from govseal.adapters.pdf.updating import NewObject, incremental_update
from govseal.core.errors import MalformedPdf

_FLAGS = 4 | 64 | 128  # print, read-only, locked: ISO 32000-1 table 165
_READ_ONLY = 1  # table 221


def with_widgets(content: bytes, document: pikepdf.Pdf, drawing: Drawing, spots: Sequence[Spot]) -> bytes:
    """Return `content` followed by an update that shows the drawing at each spot.

    Args:
        content: the signed file.
        document: the same, opened without recovery.
        drawing: what to show.
        spots: pages, each once, and places.

    Raises:
        MalformedPdf: the file has no form to add to, or a page that is no object of its own.
    """
    form = entry(document.Root, "/AcroForm")
    if not isinstance(form, pikepdf.Dictionary) or not all(spot.holder.is_indirect for spot in spots):
        raise MalformedPdf("The PDF is signed in a way that takes no seal.", code=CODE)
    changes: list[NewObject] = []
    fields = []
    prefix = _free_name(document)
    _undo_mending(content, spots)
    for spot in spots:
        shown = document.make_indirect(pikepdf.Dictionary())
        form_object, packed = appearance(drawing, spot)
        field = document.make_indirect(_field(spot, shown, f"{prefix}-{spot.page}"))
        fields.append(field)
        changes.append(NewObject(*shown.objgen, form_object.unparse(), packed))
        changes.append(NewObject(*field.objgen, field.unparse(resolved=True)))
        changes.append(_extended(spot.holder, "/Annots", [field]))
    changes += _extended_form(document, form, fields)
    return content + incremental_update(content, document, changes)


def _undo_mending(content: bytes, spots: Sequence[Spot]) -> None:
    """Take from the pages what qpdf gave them: to a signature, even what they inherit would be a change."""
    with untouched(content) as document:
        for spot in spots:
            written = document.get_object(spot.holder.objgen)
            for key in set(spot.holder.keys()).difference(written.keys()):
                del spot.holder[key]


def _field(spot: Spot, shown: pikepdf.Object, name: str) -> pikepdf.Dictionary:
    """Return a signature field merged with its one widget (ISO 32000-1, 12.7.4.5 and 12.5.6.19)."""
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Widget,
        FT=pikepdf.Name.Sig,
        T=pikepdf.String(name),
        TU=pikepdf.String("Seal of the issuing office"),
        Ff=_READ_ONLY,
        F=_FLAGS,
        Rect=rectangle(spot),
        P=spot.holder,
        AP=pikepdf.Dictionary(N=shown),
    )


def _extended(holder: pikepdf.Object, name: str, added: Sequence[pikepdf.Object]) -> NewObject:
    """Return a new version of what holds the array `name`: the array itself, when it is an object of its own."""
    items = pikepdf.Array([*array(holder.get(name)), *added])
    old = holder.get(name)
    if isinstance(old, pikepdf.Array) and old.is_indirect:
        return NewObject(*old.objgen, items.unparse())
    changed = pikepdf.Dictionary(dict(holder.items()))
    changed[name] = items
    return NewObject(*holder.objgen, changed.unparse())


def _extended_form(
    document: pikepdf.Pdf, form: pikepdf.Object, fields: Sequence[pikepdf.Object]
) -> list[NewObject]:
    """Return the form with further fields, and the catalogue too where the form is part of it."""
    listed = form.get("/Fields")
    if form.is_indirect or (isinstance(listed, pikepdf.Array) and listed.is_indirect):
        return [_extended(form, "/Fields", fields)]
    changed = pikepdf.Dictionary(dict(form.items()))
    changed.Fields = pikepdf.Array([*array(listed), *fields])
    catalogue = pikepdf.Dictionary(dict(document.Root.items()))
    catalogue.AcroForm = changed
    return [NewObject(*document.Root.objgen, catalogue.unparse())]


def _free_name(document: pikepdf.Pdf) -> str:
    """Return the first part of names that no field of the form has."""
    names = {str(field.get("/T", "")) for field in form_fields(document)}
    number = 1
    while any(name.startswith(f"govseal{number}-") for name in names):
        number += 1
    return f"govseal{number}"
