"""Turns PDF pages into pictures with PDFium.

Invariants: a page is at most `MAX_PIXELS` large, a larger one is rendered coarser; form fields and annotations are
drawn as a reader sees them. Runs in a confined process, one call at a time, since PDFium is not thread-safe.

What is *not* here: what is on the picture (`qrimage`), and the confinement (`confinement`).
"""

import io
from typing import Final, Self

import pypdfium2
from PIL import Image, ImageChops

from govseal.adapters.pdf.limits import MAX_PAGES, MAX_PDF_BYTES
from govseal.core.errors import MalformedPdf

MAX_PIXELS: Final = 40_000_000
_POINTS_PER_INCH = 72
_LEAST_POINTS = 0.01


class Pages:
    """The pages of one PDF, to be drawn; a context manager.

    Args:
        content: the file.
        password: opens it, when it is locked.

    Raises:
        MalformedPdf: unreadable, locked, or beyond the limits.
    """

    def __init__(self, content: bytes, password: str | None = None) -> None:
        if len(content) > MAX_PDF_BYTES:
            raise MalformedPdf("The PDF is too large.", code="PDF_TOO_LARGE", size=len(content))
        try:
            self._document = pypdfium2.PdfDocument(content, password=password)
        except pypdfium2.PdfiumError as error:
            raise MalformedPdf("This is not a PDF that can be read, or it needs a password.") from error
        self._document.init_forms()
        if len(self) > MAX_PAGES:
            self.close()
            raise MalformedPdf(f"The PDF has more than {MAX_PAGES} pages.", code="PDF_TOO_LARGE")

    def __len__(self) -> int:
        return len(self._document)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._document.close()

    def draw(
        self, number: int, dpi: float, *, grey: bool = False, most: int = MAX_PIXELS, printed: bool = False
    ) -> Image.Image:
        """Return page `number` (from 1) as a picture of at most `most` pixels: as it is seen, or as it is printed.

        Raises:
            MalformedPdf: no such page (`PDF_PAGE_ABSENT`), or one that cannot be drawn.
        """
        if not 1 <= number <= len(self):
            raise MalformedPdf(f"The PDF has no page {number}.", code="PDF_PAGE_ABSENT", page=number)
        try:
            page = self._document[number - 1]
            try:
                return _draw(page, dpi, grey=grey, most=most, printed=printed)
            finally:
                page.close()
        except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
            raise MalformedPdf(f"Page {number} of the PDF cannot be drawn.", page=number) from error


def png(picture: Image.Image) -> bytes:
    """Return a picture as PNG."""
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def lightest(picture: Image.Image) -> Image.Image:
    """Return of each pixel its lightest colour: coloured ink goes, black stays."""
    red, green, blue = picture.convert("RGB").split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _draw(page: pypdfium2.PdfPage, dpi: float, *, grey: bool, most: int, printed: bool) -> Image.Image:
    width, height = (max(extent, _LEAST_POINTS) for extent in page.get_size())
    scale = min(dpi / _POINTS_PER_INCH, (most / (width * height)) ** 0.5, most / max(width, height) / 64)
    bitmap = page.render(scale=scale, grayscale=grey, optimize_mode="print" if printed else None)
    picture: Image.Image = bitmap.to_pil().copy()
    bitmap.close()
    return picture
