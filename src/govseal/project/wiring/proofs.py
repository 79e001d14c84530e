"""Reads the codes of sheets as they leave the compositor, and remembers what it read.

What stands on a page follows from the bytes of its PDF. A sheet that this process typeset is drawn once, where its
template noted the codes; asked again for the same bytes, as before their release, the answer is known. Any other PDF
is read like one from anywhere.

What is *not* here: sheets of another process, which are drawn anew.
"""

import hashlib
from collections.abc import Iterator

from govseal.adapters import pdf, photo
from govseal.adapters.qrimage import QrReader
from govseal.adapters.typeset import proof
from govseal.core.errors import MalformedPdf
from govseal.core.ports import FoundCode
from govseal.project.wiring.sheets import Sheets

MOST_REMEMBERED = 10_000
"""Sheets whose codes are remembered, about a kilobyte each: two full batches."""

PAGES_SECONDS = 40.0
"""Time for the pages of a PDF that is not remembered: a document needs one code that leads to it."""

Pages = list[tuple[int, list[FoundCode]]]


class ReadSheets(Sheets):
    """`SheetReader` and `SheetWriter` that remembers the sheets it was given as typeset."""

    def __init__(self) -> None:
        super().__init__(search_seconds=0, pages_seconds=PAGES_SECONDS)
        self._known: dict[bytes, Pages] = {}

    def read_pdf(self, content: bytes) -> Iterator[tuple[int, list[FoundCode]]]:
        """Yield the codes of each page; of a remembered sheet, of each place where a code was put.

        Of a PDF of many pages, no more when codes were found and the time is over.
        """
        known = self._known.get(hashlib.sha256(content).digest())
        return iter(known) if known else _until_late(super().read_pdf(content))

    def look(self, content: bytes, page: int) -> None:
        """Read the page of a sheet that a code was put on, and remember it for the whole: the others bear none."""
        reader = QrReader(lambda raw: pdf.page_images(raw, first=page), photo.pages, search_seconds=0)
        _, codes = next(reader.read_pdf(content))
        if codes:
            self.remember(content, [(page, codes)])

    def remember(self, content: bytes, pages: Pages) -> None:
        """Remember what was read from a sheet, in place of the oldest when there are too many."""
        if len(self._known) >= MOST_REMEMBERED:
            self._known.pop(next(iter(self._known)), None)
        self._known[hashlib.sha256(content).digest()] = pages


def _until_late(pages: Iterator[tuple[int, list[FoundCode]]]) -> Iterator[tuple[int, list[FoundCode]]]:
    any_found = False
    try:
        for number, codes in pages:
            any_found = any_found or bool(codes)
            yield number, codes
    except MalformedPdf as error:
        if error.code != "PDF_TOO_LARGE" or not any_found:
            raise


class Proofs(Sheets):
    """`SheetReader` of sheets that come straight from our compositor.

    Args:
        read: remembers what is found.
    """

    def __init__(self, read: ReadSheets) -> None:
        super().__init__(search_seconds=0)
        self._read = read
        self._codes_at_places = QrReader(proof.code_pictures, proof.code_pictures, search_seconds=0)

    def read_pdf(self, content: bytes) -> Iterator[tuple[int, list[FoundCode]]]:
        """Yield the codes of each place where the template put one; of each page when it noted none."""
        pages = list(self._codes_at_places.read_pdf(content)) or list(super().read_pdf(content))
        if any(codes for _, codes in pages):
            self._read.remember(content, pages)
        return iter(pages)
