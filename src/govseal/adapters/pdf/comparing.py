"""Compares how two PDFs look, page by page as pictures: a seal may change nothing outside its box.

A net under the sealing itself: whatever a rewritten file does to a page, by a fault of ours or of the file, is found
before the sealed PDF leaves. All pages of short files are compared; of long ones those with a seal, the first, the
last, and some between them.

What is *not* here: what is done about a difference (`stamping`, `preparing`).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
from PIL import Image

from govseal.adapters.pdf.rendering import Pages
from govseal.core.errors import MalformedPdf

_DPI: Final = 60
_MAX_PIXELS = 1_000_000
_ALL_UP_TO = 24
"""Pages: two pictures of a page take 10 to 30 ms."""

_BORDER_PIXELS = 2
_VISIBLE = 8
"""Levels of 255; the same drawing gives the same pixels, so that any difference counts."""

Share = tuple[float, float, float, float]


def page_that_differs(
    before: bytes,
    after: bytes,
    seals: Mapping[int, Share],
    *,
    password: str | None = None,
    every: bool = False,
) -> int | None:
    """Return the first page that looks different outside its seal, or None.

    Args:
        before: the PDF as it came.
        after: the PDF with the seals.
        seals: by page number: left, top, right, bottom of the seal in parts of the page as seen.
        password: opens `before`.
        every: compare all pages, however many.

    Raises:
        MalformedPdf: one of them cannot be drawn where the other can.
    """
    with Pages(before, password) as old, Pages(after) as new:
        if len(old) != len(new):
            return min(len(old), len(new)) + 1
        numbers = range(1, len(old) + 1) if every else sampled(len(old), seals)
        for number in numbers:
            if _differs(_picture(old, number), _picture(new, number), seals.get(number)):
                return number
    return None


def page_that_prints_otherwise(content: bytes, numbers: Sequence[int]) -> int | None:
    """Return the first of these pages that looks different in print than on the screen, or None.

    Raises:
        MalformedPdf: the file cannot be drawn.
    """
    with Pages(content) as pages:
        for number in numbers:
            if _differs(_picture(pages, number), _picture(pages, number, printed=True), None):
                return number
    return None


def sampled(count: int, seals: Collection[int]) -> list[int]:
    """Return which of `count` pages are compared."""
    if count <= _ALL_UP_TO:
        return list(range(1, count + 1))
    spread = {1 + index * (count - 1) // (_ALL_UP_TO - 1) for index in range(_ALL_UP_TO)}
    sealed = sorted(seals)
    step = max(1, len(sealed) // _ALL_UP_TO)
    return sorted(spread | set(sealed[::step]))


def _picture(pages: Pages, number: int, *, printed: bool = False) -> Image.Image | None:
    """Return a page's picture, or None when it cannot be drawn: a page may be broken before and after."""
    try:
        return pages.draw(number, _DPI, most=_MAX_PIXELS, printed=printed)
    except MalformedPdf:
        return None


def _differs(before: Image.Image | None, after: Image.Image | None, seal: Share | None) -> bool:
    if before is None or after is None:
        return before is not after
    if before.size != after.size:
        return True
    old, new = (np.asarray(picture.convert("RGB"), dtype=np.int16) for picture in (before, after))
    changed = np.abs(old - new).max(axis=2) > _VISIBLE
    if seal is not None:
        height, width = changed.shape
        left, top, right, bottom = seal
        changed[
            max(0, int(top * height) - _BORDER_PIXELS) : int(bottom * height) + 1 + _BORDER_PIXELS,
            max(0, int(left * width) - _BORDER_PIXELS) : int(right * width) + 1 + _BORDER_PIXELS,
        ] = False
    return bool(changed.any())
