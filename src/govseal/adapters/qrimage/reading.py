"""Finds QR codes in pictures and PDFs: the reading half of the `SheetReader` port (docs/protocol.md section 4).

Invariants: corners are given in the upright picture; the time spent on what the first quick look did not find is
bounded by an argument, for a picture and for a PDF as a whole; a PDF or TIFF in which nothing was found is given up
after `file_seconds`.

What is *not* here: decoding of files (`photo`) and rendering of PDF pages (`pdf`), both given to the constructor; the
meaning of a text.
"""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image

from govseal.adapters.qrimage import engines
from govseal.adapters.qrimage.apart import Searchers
from govseal.adapters.qrimage.engines import Grey
from govseal.adapters.qrimage.hindrance import hindrance
from govseal.core.errors import InputError
from govseal.core.ports import FoundCode

SEARCH_SECONDS: Final = 4.0
FILE_SECONDS: Final = 20.0

PageOpener = Callable[[bytes], Generator[Image.Image]]
"""Yields pages one by one, and ends what it has opened when it is closed."""


class QrReader:
    """Reads QR codes with three engines; safe to share between threads.

    Args:
        render_pages: turns a PDF into one picture a page, raising `MalformedPdf`; `pdf.page_images` does.
        open_pages: turns a picture into its pages, raising `MalformedImage`; `photo.pages` does.
        search_seconds: processor time for all that the first look does not find, in one file, taken by a child. 0
            means the first look alone, in this process, and is for sheets of our own: it is what a phone's camera
            sees, and has no bound on hostile pictures.
        file_seconds: time for a file of many pages while nothing was found in it.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        render_pages: PageOpener,
        open_pages: PageOpener,
        *,
        search_seconds: float = SEARCH_SECONDS,
        file_seconds: float = FILE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._render_pages = render_pages
        self._open_pages = open_pages
        self._search_seconds = search_seconds
        self._file_seconds = file_seconds
        self._clock = clock
        self._searchers = Searchers()

    def read_image(self, content: bytes) -> list[FoundCode]:
        """Return every QR code in a JPEG, PNG, HEIC, WebP, BMP or TIFF, page by page, from the top down.

        Raises:
            MalformedImage: not an image, or beyond the limits.
            InputError: too many pages to look at them all, and none with a code (`NO_CODE_IN_TIME`).
        """
        return [code for _, codes in self._read(self._open_pages(content)) for code in codes]

    def read_pdf(self, content: bytes) -> Iterator[tuple[int, list[FoundCode]]]:
        """Yield (page number from 1, codes) for each page, rendered.

        Raises:
            MalformedPdf: not a PDF, or beyond the limits.
            InputError: as in `read_image`.
        """
        return self._read(self._render_pages(content))

    def why_no_code(self, content: bytes, *, pdf: bool) -> str:
        """Return the published reason code of why a file's first page gives no code, by what is measured on it.

        Raises:
            MalformedImage, MalformedPdf: as above.
        """
        with closing(self._render_pages(content) if pdf else self._open_pages(content)) as pages:
            return next((hindrance(_pixels(page)) for page in pages), "NO_CODE")

    def _read(self, opened: Generator[Image.Image]) -> Iterator[tuple[int, list[FoundCode]]]:
        begun = self._clock()
        left = self._search_seconds
        any_found = False
        with closing(opened) as pages:
            for number, page in enumerate(pages, start=1):
                at = self._clock()
                if not any_found and number > 1 and at - begun > self._file_seconds:
                    raise _given_up(number - 1)
                found = self._codes(_pixels(page), max(left, 0.0))
                codes = [replace(code, page=number, page_size=page.size) for code in found]
                left -= self._clock() - at
                any_found = any_found or bool(codes)
                yield number, codes

    def _codes(self, grey: Grey, seconds: float) -> list[FoundCode]:
        return self._searchers.search(grey, seconds) if self._search_seconds else engines.zxing(grey)


def _given_up(pages: int) -> InputError:
    return InputError(
        f"Found no code on the first {pages} pages, and there are more: send the page with the code.",
        code="NO_CODE_IN_TIME",
        pages=pages,
    )


def _pixels(page: Image.Image) -> Grey:
    return np.asarray(page.convert("L"))
