"""Reads and extends sheets: the QR reader over the PDF renderer, joined here because adapters do not meet."""

from collections.abc import Iterator
from functools import partial

from govseal.adapters import pdf, photo
from govseal.adapters.qrimage import SEARCH_SECONDS, QrReader
from govseal.core.ports import FoundCode


class Sheets:
    """Fulfils `SheetReader` and `SheetWriter`.

    Args:
        search_seconds: time for codes that do not read at once; 0 where a code must.
        pages_seconds: time for all pages of a PDF, whatever is found on them.
    """

    def __init__(
        self, *, search_seconds: float = SEARCH_SECONDS, pages_seconds: float = pdf.READING_SECONDS
    ) -> None:
        pages = partial(pdf.page_images, seconds=pages_seconds)
        self._codes = QrReader(
            pages,
            photo.pages,
            render_black=partial(pages, black_only=True),
            open_black=partial(photo.pages, black_only=True),
            search_seconds=search_seconds,
        )

    def read_image(self, content: bytes) -> list[FoundCode]:
        """Return the codes of a picture."""
        return self._codes.read_image(content)

    def read_pdf(self, content: bytes) -> Iterator[tuple[int, list[FoundCode]]]:
        """Yield the codes of each page."""
        return self._codes.read_pdf(content)

    def attached_json(self, content: bytes) -> bytes | None:
        """Return the attested JSON attached to a PDF."""
        return pdf.attached_json(content)

    def render_page(self, content: bytes, page: int, *, dpi: int) -> bytes:
        """Return a page as PNG."""
        return pdf.render_page(content, page, dpi)

    def attach_json(self, content: bytes, name: str, attested: bytes) -> bytes:
        """Attach the attested JSON by one incremental update."""
        return pdf.attach_json(content, name, attested)
