"""Looks at a sheet that we typeset: where its parts stand, and pictures of just the places that bear a code.

A template notes where it puts decisive fields and codes; the notes are in the PDF as `regions.json`, and so part of
what is attested: a later comparison with the paper finds them there. Drawing only the codes' places takes a fraction
of drawing the page.

Invariants: only for sheets of our own making, which come straight from Typst or out of an envelope that vouches for
them: PDFs from anywhere go through `pdf`, which confines their parsing. One call of PDFium at a time.

What is *not* here: reading the codes (`qrimage`).
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
from PIL import Image

from govseal.core.errors import MalformedPdf, TooLargeError

REGIONS_NAME = "regions.json"
CODE_PREFIX = "qr:"
"""Names of regions that are codes begin so; their profile follows."""

READING_DPI = 150
"""A module at the floor of 0.42 mm is 2.5 pixels wide: enough for a code that is drawn, not photographed."""

_POINTS_PER_INCH = 72
_POINTS_PER_MM = _POINTS_PER_INCH / 25.4
_MEASURES = ("x", "y", "width", "height")
_VISIBLE = 0.1  # points; a space has no height but what rounding gives it
_MOST_PIXELS = 100_000_000  # of a page's picture: A0 at 200 dpi has 62 million
_PDFIUM = threading.Lock()


@dataclass(frozen=True, slots=True)
class Region:
    """A place on a page, in mm from its top left corner.

    Attributes:
        name: code of a field, or `qr:` and a profile.
        page: from 1.
        x: of its left edge.
        y: of its upper edge.
        width: to its right edge.
        height: to its lower edge.
    """

    name: str
    page: int
    x: float
    y: float
    width: float
    height: float

    @property
    def is_code(self) -> bool:
        """Whether a code stands there, with its quiet zone."""
        return self.name.startswith(CODE_PREFIX)

    def overlaps(self, other: "Region") -> bool:
        """Whether the two share any ground."""
        across = self.x < other.x + other.width and other.x < self.x + self.width
        down = self.y < other.y + other.height and other.y < self.y + self.height
        return self.page == other.page and across and down


@dataclass(frozen=True, slots=True)
class Letters:
    """Where the letters of a page stand.

    Attributes:
        width: of the page, mm.
        height: of the page, mm.
        boxes: (left, top, right, bottom) of each visible letter, mm from the top left corner.
    """

    width: float
    height: float
    boxes: tuple[tuple[float, float, float, float], ...]


def regions(content: bytes) -> tuple[Region, ...]:
    """Return the regions noted in a sheet, in the order of the page; none in a sheet without notes.

    Raises:
        MalformedPdf: not a PDF, or its notes are damaged.
    """
    with _PDFIUM:
        document = _open(content)
        try:
            return _regions(document)
        finally:
            document.close()


def code_pictures(content: bytes, dpi: int = READING_DPI) -> Iterator[Image.Image]:
    """Yield a grey picture of each place that bears a code, one after the other.

    Raises:
        MalformedPdf: as `regions`.
    """
    with _PDFIUM:
        document = _open(content)
        try:
            codes = [place for place in _regions(document) if place.is_code]
            pages = {number: document[number - 1] for number in {place.page for place in codes}}
            pictures = [_picture(pages[place.page], place, dpi) for place in codes]
        finally:
            document.close()
    yield from pictures


def page_pictures(content: bytes, dpi: int, most: int) -> list[Image.Image]:
    """Return the first pages in colour, `most` of them.

    Raises:
        MalformedPdf: not a PDF.
        TooLargeError: a page has too many pixels.
    """
    with _PDFIUM:
        document = _open(content)
        try:
            return [_whole(document[index], dpi) for index in range(min(len(document), most))]
        finally:
            document.close()


def letters(content: bytes) -> list[Letters]:
    """Return where the letters of each page stand.

    Raises:
        MalformedPdf: not a PDF.
    """
    with _PDFIUM:
        document = _open(content)
        try:
            return [_letters(page) for page in document]
        finally:
            document.close()


def _open(content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise MalformedPdf("This is not a PDF that can be read.") from error


def _regions(document: pypdfium2.PdfDocument) -> tuple[Region, ...]:
    for index in range(document.count_attachments()):
        attachment = document.get_attachment(index)
        if attachment.get_name() == REGIONS_NAME:
            return tuple(_region(entry, len(document)) for entry in _notes(attachment))
    return ()


def _notes(attachment: Any) -> list[Any]:
    try:
        noted = json.loads(bytes(attachment.get_data()))
    except ValueError as error:
        raise MalformedPdf("The notes of where things stand are damaged.") from error
    if not isinstance(noted, list):
        raise MalformedPdf("The notes of where things stand are damaged.")
    return noted


def _region(entry: Any, pages: int) -> Region:
    members = {"name", "page", *_MEASURES}
    whole = isinstance(entry, dict) and set(entry) == members and isinstance(entry["name"], str)
    if not whole or not all(isinstance(entry[measure], int | float) for measure in _MEASURES):
        raise MalformedPdf("The notes of where things stand are damaged.")
    if entry["page"] not in range(1, pages + 1):
        raise MalformedPdf("The notes of where things stand name a page that is not there.")
    return Region(**entry)


def _picture(page: Any, place: Region, dpi: int) -> Image.Image:
    width, height = page.get_size()
    left, top = place.x * _POINTS_PER_MM, place.y * _POINTS_PER_MM
    right = width - left - place.width * _POINTS_PER_MM
    bottom = height - top - place.height * _POINTS_PER_MM
    bitmap = page.render(
        scale=dpi / _POINTS_PER_INCH,
        crop=(left, bottom, right, top),
        grayscale=True,
        may_draw_forms=False,
        draw_annots=False,
    )
    picture: Image.Image = bitmap.to_pil().copy()
    bitmap.close()
    return picture


def _whole(page: Any, dpi: int) -> Image.Image:
    scale = dpi / _POINTS_PER_INCH
    width, height = (side / _POINTS_PER_MM for side in page.get_size())
    if page.get_width() * page.get_height() * scale**2 > _MOST_PIXELS:
        raise TooLargeError(f"A page of {width:.0f} x {height:.0f} mm is too large to be drawn at {dpi} dpi.")
    picture: Image.Image = page.render(scale=scale).to_pil().copy()
    return picture


def _letters(page: Any) -> Letters:
    width, height = page.get_size()
    text = page.get_textpage()
    boxes = []
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index)
        if right - left > _VISIBLE and top - bottom > _VISIBLE:
            box = (left, height - top, right, height - bottom)
            boxes.append(tuple(edge / _POINTS_PER_MM for edge in box))
    text.close()
    page.close()
    return Letters(width / _POINTS_PER_MM, height / _POINTS_PER_MM, tuple(boxes))
