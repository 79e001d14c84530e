"""Ports of sheets: read, and extended by the attested JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A QR code found in an image.

    Attributes:
        text: what it says.
        corners: four (x, y) in pixels of the image: top left, top right, bottom right, bottom left.
        page: number, from 1, of the page that the image is.
        page_size: width and height of that image in pixels, upright; (0, 0) when not told.
    """

    text: str
    corners: tuple[tuple[float, float], ...]
    page: int = 1
    page_size: tuple[int, int] = (0, 0)


class SheetReader(Protocol):
    """Reads sheets: QR codes in images and PDFs, attached JSON, pages as pictures."""

    def read_image(self, content: bytes) -> list[FoundCode]:
        """Return every QR code in a JPEG, PNG, HEIC, AVIF, WebP, GIF, BMP or TIFF, on whichever of its pages.

        Raises:
            MalformedImage: not an image, or beyond the limits.
            InputError: nothing was found, for the reason that the code says: `NO_CODE_IN_TIME`, more pages than there
                was time for, or another that begins with `NO_CODE`. A reader of our own sheets, which takes no time to
                search, returns nothing instead.
        """

    def read_pdf(self, content: bytes) -> Iterator[tuple[int, list[FoundCode]]]:
        """Yield (page number from 1, codes) for each page, rendered; a page that was looked at twice comes twice.

        Raises:
            MalformedPdf: not a PDF, or beyond the limits.
            InputError: as in `read_image`.
        """

    def attached_json(self, content: bytes) -> bytes | None:
        """Return the attested JSON attached to a PDF, or None.

        Raises:
            MalformedPdf: as above.
        """

    def render_page(self, content: bytes, page: int, *, dpi: int) -> bytes:
        """Return a page (from 1) of a PDF as PNG.

        Raises:
            MalformedPdf: as above, or there is no such page.
        """


class SheetWriter(Protocol):
    """Adds the attested JSON to a finished sheet."""

    def attach_json(self, content: bytes, name: str, attested: bytes) -> bytes:
        """Return the PDF with `attested` attached by one incremental update: `content` stays a prefix.

        Raises:
            MalformedPdf: not a PDF that can be extended.
        """
