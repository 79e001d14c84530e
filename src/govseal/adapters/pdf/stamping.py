"""Draws a seal's code on a page of an existing PDF (docs/protocol.md section 4, "Print").

Place: (x, y) is the top left corner of the code itself, without its quiet zone, in millimetres from the top
left corner of the page *as a reader sees it*: the CropBox, turned by /Rotate, in units of /UserUnit.

Around the code lies a white box that holds the quiet zone of four modules and, below, the host's name. Both
are filled paths: no font is embedded, so a PDF/A stays one, and the code is sharp at any size. What the page
drew before is fenced in by q and Q, so that it cannot move or colour the stamp.

What is *not* here: choosing a free place, and proof that the code can be read (`qrimage.QrReader` on the
rendered page, before release).
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pikepdf

from govseal.adapters.pdf.lettering import Lettering
from govseal.adapters.pdf.opening import opened, refuse_unsealable
from govseal.core.errors import MalformedPdf

QUIET_ZONE = 4
_POINTS_PER_INCH, _MM_PER_INCH = 72, 25.4
_LABEL_MM = 2.3  # capital height plus leading of the host's name: about 6.5 pt
_QUARTER_TURN = 90
_SAVE = pikepdf.Operator("q")
# Where "right" and "up" of the page as seen point in its own coordinates, by /Rotate (clockwise).
_DIRECTIONS = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


class DrawnCode(Protocol):
    """What this module needs of a drawn code; `qrimage.Symbol` is one."""

    def module_mm(self, side_mm: float) -> float:
        """Return the width of a module, or raise when it is under the floor."""

    def path(self) -> bytes:
        """Return operators that fill the dark modules in the unit square."""


def stamp(
    content: bytes,
    *,
    page: int,
    x_mm: float,
    y_mm: float,
    size_mm: float,
    code: DrawnCode,
    host: str,
    font: Path,
) -> bytes:
    """Return the PDF with `code` on a page and `host` printed under it.

    Args:
        content: the PDF.
        page: from 1.
        x_mm: from the left edge of the page as seen to the code, without its quiet zone.
        y_mm: from the top edge of the page as seen.
        size_mm: side of the code without its quiet zone.
        code: the drawn code.
        host: the name to print beside the code, ASCII.
        font: a TrueType file for that name.

    Raises:
        MalformedPdf: it may not be sealed, has no such page, or the place is not on the page
            (codes of `opening`, `PDF_PAGE_ABSENT`, `PDF_PLACE_OUTSIDE_PAGE`, `PDF_UNBALANCED_CONTENT`).
        InputError: the code would be printed too small (code `QR_TOO_SMALL`).
    """
    margin = QUIET_ZONE * code.module_mm(size_mm)
    with opened(content) as document:
        refuse_unsealable(document)
        target = _page(document, page)
        view = _View.of(target)
        box = _Box(x_mm - margin, y_mm - margin, size_mm + 2 * margin, size_mm + 2 * margin + _LABEL_MM)
        view.require(box)
        drawing = _drawing(code, Lettering(font, host), size_mm=size_mm, margin_mm=margin)
        _append(document, target, view.matrix(box) + drawing)
        stream = io.BytesIO()
        document.save(stream, deterministic_id=True)
    return stream.getvalue()


def _page(document: pikepdf.Pdf, number: int) -> pikepdf.Page:
    if not 1 <= number <= len(document.pages):
        raise MalformedPdf(
            f"The PDF has no page {number}.", code="PDF_PAGE_ABSENT", page=number, pages=len(document.pages)
        )
    return document.pages[number - 1]


def _drawing(code: DrawnCode, label: Lettering, *, size_mm: float, margin_mm: float) -> bytes:
    """Return the stamp in millimetres, the origin at the bottom left of its box, y upwards."""
    width = size_mm + 2 * margin_mm
    height = width + _LABEL_MM
    label_mm = min(_LABEL_MM, label.height_for(width - margin_mm))
    left = (width - label.width(label_mm)) / 2
    return b"".join(
        (
            f"1 g 0 0 {width:.4f} {height:.4f} re f 0 g\n".encode("ascii"),
            f"q {size_mm:.4f} 0 0 {size_mm:.4f} {margin_mm:.4f} {margin_mm + _LABEL_MM:.4f} cm\n".encode(
                "ascii"
            ),
            code.path(),
            f"Q\nq 1 0 0 1 {left:.4f} {margin_mm / 2:.4f} cm\n".encode("ascii"),
            label.path(label_mm),
            b"Q\n",
        )
    )


def _append(document: pikepdf.Pdf, page: pikepdf.Page, drawing: bytes) -> None:
    """Draw above what the page holds, from a fresh graphics state, as an artifact of the layout."""
    open_states = _open_states(page)
    page.contents_add(document.make_stream(b"q\n"), prepend=True)
    closing = b"\nQ" * (open_states + 1)
    page.contents_add(document.make_stream(closing + b"\n/Artifact BMC q\n" + drawing + b"Q EMC\n"))


def _open_states(page: pikepdf.Page) -> int:
    """Return how many `q` of the page are never closed by a `Q`.

    Raises:
        MalformedPdf: a `Q` without `q`, which would undo our fence.
    """
    depth = 0
    for instruction in pikepdf.parse_content_stream(page, "q Q"):
        depth += 1 if instruction.operator == _SAVE else -1
        if depth < 0:
            raise MalformedPdf(
                "The page's drawing instructions are unbalanced: print it to a new PDF, then seal that.",
                code="PDF_UNBALANCED_CONTENT",
            )
    return depth


@dataclass(frozen=True, slots=True)
class _Box:
    """A rectangle on the page as seen: millimetres from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _View:
    """The page as a reader sees it: its visible box in its own coordinates, its turn, and its scale."""

    left: float
    bottom: float
    right: float
    top: float
    turn: int
    points_per_mm: float

    @classmethod
    def of(cls, page: pikepdf.Page) -> "_View":
        crop, media = (_ordered(box) for box in (page.cropbox, page.mediabox))
        turn = int(_inherited(page, "/Rotate") or 0) % 360
        if turn % _QUARTER_TURN:
            raise MalformedPdf("The page is turned by an angle that PDF does not allow.")
        unit = float(page.obj.get("/UserUnit", 1))
        return cls(
            max(crop[0], media[0]),
            max(crop[1], media[1]),
            min(crop[2], media[2]),
            min(crop[3], media[3]),
            turn,
            _POINTS_PER_INCH / _MM_PER_INCH / unit,
        )

    def require(self, box: _Box) -> None:
        """Raise unless `box` lies on the page."""
        extents = (self.right - self.left, self.top - self.bottom)
        width, height = (
            extent / self.points_per_mm for extent in (extents if self.turn % 180 == 0 else extents[::-1])
        )
        if min(box.left, box.top) < 0 or box.left + box.width > width or box.top + box.height > height:
            raise MalformedPdf(
                f"The code with its white margin does not lie on the page, which is {width:.0f} mm by {height:.0f} mm.",
                code="PDF_PLACE_OUTSIDE_PAGE",
                width_mm=round(width, 1),
                height_mm=round(height, 1),
            )

    def matrix(self, box: _Box) -> bytes:
        """Return the `cm` that makes the box's bottom left corner the origin, a millimetre the unit, up up."""
        right, down = box.left * self.points_per_mm, (box.top + box.height) * self.points_per_mm
        origin = {
            0: (self.left + right, self.top - down),
            90: (self.left + down, self.bottom + right),
            180: (self.right - right, self.bottom + down),
            270: (self.right - down, self.top - right),
        }[self.turn]
        directions = (direction * self.points_per_mm for direction in _DIRECTIONS[self.turn])
        return (" ".join(f"{number:.5f}" for number in (*directions, *origin)) + " cm\n").encode("ascii")


def _ordered(box: pikepdf.Object) -> tuple[float, float, float, float]:
    """Return left, bottom, right, top of a rectangle, which PDF allows to be written from any corner."""
    x0, y0, x1, y1 = (float(number) for number in box.as_list())
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _inherited(page: pikepdf.Page, key: str) -> pikepdf.Object | None:
    """Return an attribute of the page or of the nearest ancestor that has it (ISO 32000-1, 7.7.3.4)."""
    node: pikepdf.Object = page.obj
    for _ in range(64):
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    raise MalformedPdf("The PDF's pages are nested too deep.")
