"""Turns PDF pages into pictures with PDFium.

Invariants: one call of PDFium at a time in a process, because PDFium is not thread-safe (its handles are
closed under the same lock, never by the garbage collector); a page is at most `MAX_PIXELS` large, a larger
one is rendered coarser; form fields and annotations are drawn as a reader sees them.

What is *not* here: what is on the picture (`qrimage`).
"""

import io
import threading
from collections.abc import Iterator

import pypdfium2
from PIL import Image

from govseal.adapters.pdf.opening import MAX_PAGES, MAX_PDF_BYTES
from govseal.core.errors import MalformedPdf

READING_DPI = 200
"""A module at the floor of 0.42 mm is 3.3 pixels wide: enough for every reader."""

MAX_PIXELS = 40_000_000
_POINTS_PER_INCH = 72
_PDFIUM = threading.Lock()


def render_page(content: bytes, page: int, dpi: int = 150) -> bytes:
    """Return page `page` (from 1) as a PNG in colour.

    Raises:
        MalformedPdf: unreadable, encrypted, beyond the limits, or without that page (`PDF_PAGE_ABSENT`).
    """
    picture = _picture(content, page - 1, dpi)
    if picture is None:
        raise MalformedPdf(f"The PDF has no page {page}.", code="PDF_PAGE_ABSENT", page=page)
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def page_images(content: bytes, dpi: int = READING_DPI) -> Iterator[Image.Image]:
    """Yield each page in turn, as a grey picture: what a reader of codes looks at, in two thirds of the time.

    Raises:
        MalformedPdf: as in `render_page`; on a broken page, after those before it.
    """
    for index in range(MAX_PAGES):
        picture = _picture(content, index, dpi, grey=True)
        if picture is None:
            return
        yield picture


def _picture(content: bytes, index: int, dpi: int, *, grey: bool = False) -> Image.Image | None:
    """Render one page; None when the PDF ends before it."""
    if len(content) > MAX_PDF_BYTES:
        raise MalformedPdf("The PDF is too large.", code="PDF_TOO_LARGE", size=len(content))
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            raise MalformedPdf("This is not a PDF that can be read, or it needs a password.") from error
        try:
            return _draw(document, index, dpi, grey=grey)
        except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
            raise MalformedPdf(f"Page {index + 1} of the PDF cannot be drawn.", page=index + 1) from error
        finally:
            document.close()


def _draw(document: pypdfium2.PdfDocument, index: int, dpi: int, *, grey: bool) -> Image.Image | None:
    pages = len(document)
    if pages > MAX_PAGES:
        raise MalformedPdf(f"The PDF has more than {MAX_PAGES} pages.", code="PDF_TOO_LARGE", pages=pages)
    if not 0 <= index < pages:
        return None
    document.init_forms()
    page = document[index]
    width, height = page.get_size()
    scale = dpi / _POINTS_PER_INCH
    most = (MAX_PIXELS / max(width * height, 1)) ** 0.5
    bitmap = page.render(scale=min(scale, most), grayscale=grey)
    picture: Image.Image = bitmap.to_pil().copy()
    bitmap.close()
    page.close()
    return picture
