"""Looks at the place where a code is to stand, and says what may make it hard to read or hide what was there.

The page is drawn without the code; what is not the paper's colour inside the box is ink that the code's white box
will cover.

What is *not* here: whether the place lies on the page (`placing`), and proof that the code reads (`qrimage`).
"""

from collections.abc import Sequence

import numpy as np

from govseal.adapters.pdf.drawing import Drawing
from govseal.adapters.pdf.notices import Notice
from govseal.adapters.pdf.rendering import Pages
from govseal.adapters.pdf.spots import Spot

FLOOR_MODULE_MM = 0.42
"""docs/protocol.md section 4, "Print"."""

_DPI = 100
_LOOKED_AT = 48  # pages at least, spread over those that bear a code; 3 to 20 ms each
_INK_LEVELS = 40
_INK_SHARE = 0.002
_DARK_PAPER = 190
_A4_MM = (210.0, 297.0)


def notices_at(content: bytes, drawing: Drawing, spots: Sequence[Spot]) -> list[Notice]:
    """Return what is to be said of the places, each kind once, naming the first page it is true of.

    Args:
        content: the PDF before it is stamped.
        drawing: what will be drawn.
        spots: where.
    """
    found: dict[str, Notice] = {}
    with Pages(content) as pages:
        for spot in spots[:: max(1, len(spots) // _LOOKED_AT)]:
            for notice in (*_on_paper(pages, spot), *_in_print(drawing, spot)):
                found.setdefault(notice.code, notice)
    return list(found.values())


def _on_paper(pages: Pages, spot: Spot) -> list[Notice]:
    levels = np.asarray(pages.draw(spot.page, _DPI, grey=True))
    height, width = levels.shape
    left, top, right, bottom = spot.share()
    under = levels[
        int(top * height) : max(int(bottom * height), int(top * height) + 1),
        int(left * width) : max(int(right * width), int(left * width) + 1),
    ]
    if under.size == 0:
        return []
    paper = int(np.bincount(under.ravel(), minlength=256).argmax())
    ink = float((np.abs(under.astype(np.int16) - paper) > _INK_LEVELS).mean())
    found = []
    if ink > _INK_SHARE:
        found.append(
            Notice(
                "PLACE_COVERS_INK",
                f"On page {spot.page} the code covers something that is printed there"
                f" ({max(1, round(ink * 100))} % of its box): choose another place.",
            )
        )
    if paper < _DARK_PAPER:
        found.append(
            Notice(
                "PLACE_IS_DARK",
                f"On page {spot.page} the paper is dark around the code, and its white box will stand out:"
                " a copy may lose the edge.",
            )
        )
    return found


def _in_print(drawing: Drawing, spot: Spot) -> list[Notice]:
    short, long = sorted(spot.view.size_mm)
    scale = min(_A4_MM[0] / short, _A4_MM[1] / long)
    module = drawing.module_mm * min(scale, 1)
    if module >= FLOOR_MODULE_MM:
        return []
    return [
        Notice(
            "MODULE_TOO_SMALL_ON_A4",
            f"Page {spot.page} is {short:.0f} mm by {long:.0f} mm: printed on A4 the code's modules shrink to"
            f" {module:.2f} mm, and a phone needs {FLOOR_MODULE_MM} mm. Make the code larger.",
        )
    ]
