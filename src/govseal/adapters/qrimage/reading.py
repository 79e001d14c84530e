"""Finds QR codes in pictures and PDFs: the reading half of the `SheetReader` port (docs/protocol.md section 4).

A file in which nothing was found is looked at a second time without its coloured inks: a red or blue stamp across a
black code is gone then.

Invariants: corners are given in the upright picture; the time spent on what the first quick look did not find is
bounded by an argument, for a picture and for a PDF as a whole, and no page gets all of it; a PDF or TIFF in which
nothing was found is given up after `file_seconds`.

What is *not* here: decoding of files (`photo`) and rendering of PDF pages (`pdf`), both given to the constructor; the
meaning of a text.
"""

import time
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from PIL import Image

from govseal.adapters.qrimage import engines
from govseal.adapters.qrimage.apart import Searchers
from govseal.adapters.qrimage.engines import Grey
from govseal.adapters.qrimage.hindrance import ADVICE, NOTHING_SEEN, hindrance
from govseal.core.errors import InputError
from govseal.core.ports import FoundCode

SEARCH_SECONDS: Final = 4.0
FILE_SECONDS: Final = 20.0

_OF_ONE_PAGE: Final = 0.75
"""Share of the time left that one page may take: for a second page, or the look without coloured inks."""

PageOpener = Callable[[bytes], Generator[Image.Image]]
"""Yields pages one by one, and ends what it has opened when it is closed."""

Page = tuple[int, list[FoundCode]]
"""(number from 1, the codes on it)."""


class QrReader:
    """Reads QR codes with three engines; safe to share between threads.

    Args:
        render_pages: turns a PDF into one picture a page, raising `MalformedPdf`; `pdf.page_images` does.
        open_pages: turns a picture into its pages, raising `MalformedImage`; `photo.pages` does.
        render_black: as `render_pages`, without coloured inks; None where there is no second look.
        open_black: as `open_pages`, likewise.
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
        render_black: PageOpener | None = None,
        open_black: PageOpener | None = None,
        search_seconds: float = SEARCH_SECONDS,
        file_seconds: float = FILE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._of_pdf = render_pages, render_black
        self._of_picture = open_pages, open_black
        self._search_seconds = search_seconds
        self._file_seconds = file_seconds
        self._clock = clock
        self._searchers = Searchers()

    def read_image(self, content: bytes) -> list[FoundCode]:
        """Return every QR code in a picture of a form that `open_pages` takes, page by page, from the top down.

        Raises:
            MalformedImage: not an image, or beyond the limits.
            InputError: none was found. The code says why: `NO_CODE_IN_TIME` when there are too many pages to look at
                them all, or else a reason of `hindrance`; without time to search, no code is an empty list.
        """
        return [code for _, codes in self._read(content, *self._of_picture) for code in codes]

    def read_pdf(self, content: bytes) -> Iterator[Page]:
        """Yield (page number from 1, codes) for each page, rendered; a page seen twice comes twice.

        Raises:
            MalformedPdf: not a PDF, or beyond the limits.
            InputError: as in `read_image`.
        """
        return self._read(content, *self._of_pdf)

    def _read(self, content: bytes, opened: PageOpener, black: PageOpener | None) -> Iterator[Page]:
        look = _Look(self._clock() + self._file_seconds, self._search_seconds)
        with closing(opened(content)) as pages:
            for number, page in enumerate(pages, start=1):
                if number > 1 and not look.found and self._clock() > look.ends:
                    raise _given_up(number - 1)
                grey = np.asarray(page.convert("L"))
                yield number, self._codes(grey, number, look)
                if not look.found and self._search_seconds:
                    look.note(number, grey)
        if look.found or not self._search_seconds:
            return
        if black:
            yield from self._read_black(black(content), look)
        if not look.found:
            raise InputError(ADVICE[look.why], code=look.why)

    def _read_black(self, opened: Generator[Image.Image], look: "_Look") -> Iterator[Page]:
        with suppress(InputError), closing(opened) as pages:  # of what was decoded before, too much in colour
            for number, page in enumerate(pages, start=1):
                if self._clock() > look.ends:
                    return
                grey = np.asarray(page.convert("L"))
                if look.seen.get(number) != zlib.crc32(grey.data):
                    yield number, self._codes(grey, number, look)

    def _codes(self, grey: Grey, number: int, look: "_Look") -> list[FoundCode]:
        if self._search_seconds:
            seconds = look.seconds * _OF_ONE_PAGE
            found, took = self._searchers.search(grey, seconds)
            look.seconds -= min(took, seconds)
        else:
            found = engines.zxing(grey)
        look.found = look.found or bool(found)
        height, width = grey.shape
        return [replace(code, page=number, page_size=(width, height)) for code in found]


@dataclass(slots=True)
class _Look:
    """What is known of a file while its pages are looked at.

    Attributes:
        ends: when it is given up, unless something was found.
        seconds: what is left to search its pages.
        found: whether there was any code.
        seen: a checksum of each page without one.
        why: of the first page that bears something like a code, why it was not read.
    """

    ends: float
    seconds: float
    found: bool = False
    seen: dict[int, int] = field(default_factory=dict)
    why: str = NOTHING_SEEN

    def note(self, number: int, grey: Grey) -> None:
        """Note a page without a code."""
        self.seen[number] = zlib.crc32(grey.data)
        if self.why == NOTHING_SEEN:
            self.why = hindrance(grey)


def _given_up(pages: int) -> InputError:
    return InputError(
        f"Found no code on the first {pages} pages, and there are more: send the page with the code.",
        code="NO_CODE_IN_TIME",
        pages=pages,
    )
