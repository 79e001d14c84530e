"""PDFs from anywhere: judge and prepare them, put a seal on them, attach the attested JSON, draw their pages.

    ready = prepare(original, Wishes(password=...))
    place = Place.parse("bottom-right")
    sealed = stamp(ready.content, place=place, code=symbol(text), host=host, font=ttf)
    released = attach_json(sealed.content, ATTESTED_NAME, attested)   # sealed.content is a prefix of released
    assert attached_json(released) == attested

Every function here works in a confined process (`confinement`): a hostile file can cost no more than a bounded time
and memory, and what makes a parser crash is an error like any other.

What is *not* here: drawing the code itself (`qrimage`), typesetting a document of our own (`typeset`).
"""

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from govseal.adapters.pdf.confinement import ask, confined
from govseal.adapters.pdf.drawing import Drawing, DrawnCode
from govseal.adapters.pdf.lettering import Lettering
from govseal.adapters.pdf.limits import ATTESTED_NAME, MAX_JSON_BYTES, MAX_PAGES, MAX_PDF_BYTES
from govseal.adapters.pdf.notices import Handled, Notice, Wishes
from govseal.adapters.pdf.placing import PRESETS, Place
from govseal.core.errors import MalformedPdf, TooLargeError

__all__ = [
    "ATTESTED_NAME",
    "MAX_JSON_BYTES",
    "MAX_PAGES",
    "MAX_PDF_BYTES",
    "PRESETS",
    "Handled",
    "Notice",
    "Place",
    "Wishes",
    "attach_json",
    "attached_json",
    "lock_of",
    "page_count",
    "page_images",
    "prepare",
    "render_page",
    "stamp",
]

READING_DPI = 200
"""A module at the floor of 0.42 mm is 3.3 pixels wide: enough for every reader."""

READING_SECONDS = 120.0
"""Real time for all pages of a file, unless a caller says otherwise."""


def prepare(content: bytes, wishes: Wishes = Wishes()) -> Handled:  # noqa: B008 - a frozen value
    """Return the PDF as it can be sealed, and what was changed in it.

    Raises:
        MalformedPdf: it cannot be sealed; the code says why (docs/pdf.md).
    """
    notices, (result,) = ask("prepare", content, **asdict(wishes))
    return Handled(result, _notices(notices))


def lock_of(content: bytes, password: str | None = None) -> str:
    """Say whether the PDF opens for changes: `open`, `locked`, or `restricted` by its owner.

    Raises:
        MalformedPdf: not a PDF, or beyond the limits.
    """
    lock, _ = ask("lock", content, password=password)
    return str(lock)


def stamp(content: bytes, *, place: Place, code: DrawnCode, host: str, font: Path) -> Handled:
    """Return the prepared PDF with `code` on its page or pages and `host` printed under it.

    Args:
        content: what `prepare` returned.
        place: page, corner, distances and size.
        code: the drawn code.
        host: the name to print below the code, ASCII.
        font: a TrueType file for that name.

    Raises:
        MalformedPdf: no such page (`PDF_PAGE_ABSENT`), the place is not on it (`PDF_PLACE_OUTSIDE_PAGE`), a
            signature forbids it (`PDF_SIGNED`), or the PDF would look different elsewhere
            (`PDF_LOOKS_DIFFERENT`).
        InputError: the code would be printed too small (code `QR_TOO_SMALL`).
    """
    drawing = Drawing.of(code, Lettering(font, host), place.size_mm)
    notices, (result,) = ask(
        "stamp",
        content,
        drawing.ink,
        place=place.facts(),
        frame=asdict(drawing.frame),
        module_mm=drawing.module_mm,
    )
    return Handled(result, _notices(notices))


def attach_json(content: bytes, name: str, attested: bytes) -> bytes:
    """Return `content` followed by one incremental update that attaches `attested` under `name`.

    Args:
        content: the PDF as it was hashed; an exact prefix of what is returned.
        name: file name of the attachment; `ATTESTED_NAME` is what `attested_json` looks for.
        attested: the attested document, JSON, at most 1 MiB.

    Raises:
        MalformedPdf: unreadable, damaged, encrypted, sealed already, or beyond the limits.
        TooLargeError: more JSON than a verifier would read.
    """
    if len(attested) > MAX_JSON_BYTES:
        raise TooLargeError("The attested document is larger than 1 MiB.", size=len(attested))
    _, (result,) = ask("attach", content, attested, name=name)
    return result


def attached_json(content: bytes, name: str = ATTESTED_NAME) -> bytes | None:
    """Return the attested document attached to a PDF, or None when there is none.

    Raises:
        MalformedPdf: unreadable, encrypted, or the attachment is damaged or inflates to more than 1 MiB.
    """
    _, found = ask("attached", content, name=name)
    return found[0] if found else None


def page_count(content: bytes) -> int:
    """Return the number of pages.

    Raises:
        MalformedPdf: not a PDF, encrypted, or beyond the limits.
    """
    pages, _ = ask("count", content)
    return int(pages)


def render_page(content: bytes, page: int, dpi: int = 150) -> bytes:
    """Return page `page` (from 1) as a PNG in colour.

    Raises:
        MalformedPdf: unreadable, encrypted, beyond the limits, or without that page (`PDF_PAGE_ABSENT`).
    """
    _, (picture,) = ask("png", content, page=page, dpi=dpi)
    return picture


def page_images(
    content: bytes,
    dpi: int = READING_DPI,
    *,
    first: int = 1,
    seconds: float = READING_SECONDS,
    black_only: bool = False,
) -> Iterator[Image.Image]:
    """Yield each page from `first` on, as a grey picture: what a reader of codes looks at, in two thirds of the time.

    Args:
        content: the PDF.
        dpi: pixels to the inch.
        first: number of the first page, from 1.
        seconds: after these no further page is begun; what is done between the pages counts.
        black_only: show no coloured ink: of a pixel its lightest colour, on which a red or blue stamp is white.

    Raises:
        MalformedPdf: as in `render_page`; on a broken page, after those before it.
    """
    ends = time.monotonic() + seconds
    with confined() as process:
        pages, _ = process.ask("load", content)
        for number in range(first, pages + 1):
            if time.monotonic() > ends:
                raise MalformedPdf("The PDF has more pages than can be read in time.", code="PDF_TOO_LARGE")
            size, (levels,) = process.ask("draw", page=number, dpi=dpi, black_only=black_only)
            yield Image.frombytes("L", tuple(size), levels)


def _notices(facts: list[dict[str, str]]) -> tuple[Notice, ...]:
    return tuple(Notice(**one) for one in facts)
