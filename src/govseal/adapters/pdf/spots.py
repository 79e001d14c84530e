"""One place on one page of an opened PDF, and the drawing there in the two forms that PDF has for it.

What is *not* here: the drawing (`drawing`), choosing the form (`stamping`, `widgets`).
"""

import zlib
from dataclasses import dataclass

import pikepdf

from govseal.adapters.pdf.drawing import Drawing
from govseal.adapters.pdf.placing import Box, Place, View, view_of
from govseal.adapters.pdf.reading import number, page_attributes
from govseal.core.errors import MalformedPdf

# Grey that needs no output intent: linear light of the D65 white, gamma of sRGB (ISO 32000-1, 8.6.5.2).
_GREY = "[/CalGray << /WhitePoint [0.9505 1 1.089] /Gamma 2.2 >>]"


@dataclass(frozen=True, slots=True)
class Spot:
    """One place on one page of an opened file.

    Attributes:
        page: its number, from 1.
        holder: its dictionary.
        view: its geometry.
        box: where the drawing goes, as seen.
    """

    page: int
    holder: pikepdf.Object
    view: View
    box: Box

    def cm(self) -> bytes:
        """Return the operator that makes the drawing's coordinates current."""
        return (" ".join(f"{part:.5f}" for part in self.view.matrix(self.box)) + " cm\n").encode("ascii")

    def share(self) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom of the box in parts of the page as seen."""
        width, height = self.view.size_mm
        box = self.box
        return (
            box.left / width,
            box.top / height,
            (box.left + box.width) / width,
            (box.top + box.height) / height,
        )


def appearance(drawing: Drawing, spot: Spot) -> tuple[pikepdf.Dictionary, bytes]:
    """Return dictionary and packed content of a form XObject that is an annotation's look (ISO 32000-1, 12.5.5)."""
    packed = zlib.compress(drawing.operators(named_grey=True), 9)
    turn = [round(part / spot.view.units_per_mm) for part in spot.view.matrix(spot.box)[:4]]
    return pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=pikepdf.Array([0, 0, round(drawing.frame.width, 4), round(drawing.frame.height, 4)]),
        Matrix=pikepdf.Array([*turn, 0, 0]),
        Resources=pikepdf.Dictionary(
            ColorSpace=pikepdf.Dictionary(Grey=pikepdf.Object.parse(_GREY.encode()))
        ),
        Filter=pikepdf.Name.FlateDecode,
        Length=len(packed),
    ), packed


def rectangle(spot: Spot) -> pikepdf.Array:
    """Return the /Rect of an annotation that covers the spot."""
    return pikepdf.Array([round(part, 4) for part in spot.view.rectangle(spot.box)])


def spots_of(document: pikepdf.Pdf, place: Place, drawing: Drawing) -> list[Spot]:
    """Return where the drawing goes, on one page or on all.

    Raises:
        MalformedPdf: no such page (`PDF_PAGE_ABSENT`), or the place is not on it (`PDF_PLACE_OUTSIDE_PAGE`).
    """
    count = len(document.pages)
    if place.page > count:
        raise MalformedPdf(
            f"The PDF has no page {place.page}: its last is {count}.", code="PDF_PAGE_ABSENT", pages=count
        )
    numbers = [place.page] if place.page else range(1, count + 1)
    return [_spot(document.pages[index - 1].obj, index, place, drawing) for index in numbers]


def _spot(holder: pikepdf.Object, page: int, place: Place, drawing: Drawing) -> Spot:
    view = view_of(page_attributes(holder), user_unit=number(holder.get("/UserUnit"), 1.0))
    return Spot(page, holder, view, view.box(place, drawing.frame, page))
