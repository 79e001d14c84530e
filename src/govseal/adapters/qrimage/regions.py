"""Where in a picture something looks like a code: windows that are worth a closer look.

A code is a square, or what a camera makes of one, that is full of edges in both directions and has white around it.
Text has lines of white in it, a stamp is empty inside, a photograph has few edges so strong. The picture is looked at
in a few sizes, because what fills a code in one has gaps in another. This takes some 20 ms and no decoding.

What is *not* here: whether a code is there (`engines`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

MOST: Final = 8
"""Windows that are looked at."""

_SIDES: Final = (1400, 700, 350, 175)  # long sides at which the picture is looked at
_LEAST_SIDE: Final = 18
_READABLE: Final = 40.0
_LEAST_FILL: Final = 0.55
_MOST_STRETCH: Final = 2.2
_SAME: Final = 0.5
_STRONG: Final = 0.22  # slope over light, a pixel


@dataclass(frozen=True, slots=True)
class Region:
    """An upright window of a picture, in its pixels.

    Attributes:
        left: of the window.
        top: of the window.
        width: of the window.
        height: of the window.
        likeness: 0 to 1, how much it looks like a code.
    """

    left: int
    top: int
    width: int
    height: int
    likeness: float

    @property
    def side(self) -> float:
        """The side of a square of the same area."""
        return float((self.width * self.height) ** 0.5)

    def window(self, grey: Grey, margin: float) -> tuple[Grey, int, int]:
        """Return (the part of `grey` with `margin` sides around it, its left, its top)."""
        spare = round(self.side * margin) + 4
        left, top = max(self.left - spare, 0), max(self.top - spare, 0)
        part = grey[top : self.top + self.height + spare, left : self.left + self.width + spare]
        return np.ascontiguousarray(part), left, top

    def holds(self, x: float, y: float) -> bool:
        """Say whether a point lies in the window."""
        return self.left <= x <= self.left + self.width and self.top <= y <= self.top + self.height

    def overlap(self, other: "Region") -> float:
        """Return the shared area over that of both together, 0 to 1."""
        across = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        down = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        shared = max(across, 0) * max(down, 0)
        return shared / (self.width * self.height + other.width * other.height - shared)


def regions(grey: Grey) -> list[Region]:
    """Return the windows of `grey` that look most like a code, the likeliest first; `MOST` at most.

    Windows too small for any code to be read come last.
    """
    kept: list[Region] = []
    seen: list[Region] = []
    small = grey
    for side in _SIDES:
        small = _reduced(small, side)
        seen += _in(small, max(grey.shape) / max(small.shape))
    for region in sorted(seen, key=lambda one: (one.side < _READABLE, -one.likeness)):
        if all(region.overlap(one) < _SAME for one in kept):
            kept.append(region)
    return kept[:MOST]


def _reduced(grey: Grey, side: int) -> Grey:
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _in(small: Grey, scale: float) -> Iterator[Region]:
    """Yield the windows of a picture that was reduced by `scale`, in the pixels it had before."""
    busy = _busy(small)
    for reach in (5, 11):
        kernel = np.ones((reach, reach), np.uint8)
        solid = cv2.morphologyEx(cv2.morphologyEx(busy, cv2.MORPH_CLOSE, kernel), cv2.MORPH_OPEN, kernel)
        outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for outline in outlines:
            region = _region(outline, busy, scale)
            if region:
                yield region


def _busy(small: Grey) -> Grey:
    """Mark the pixels around which there are strong edges both across and down."""
    picture = cv2.GaussianBlur(small, (3, 3), 0).astype(np.float32)
    across = np.abs(cv2.Sobel(picture, cv2.CV_32F, 1, 0))
    down = np.abs(cv2.Sobel(picture, cv2.CV_32F, 0, 1))
    both = np.minimum(cv2.blur(across, (9, 9)), cv2.blur(down, (9, 9)))
    light = cv2.blur(picture, (31, 31)) + 16.0  # edges are weaker in the shade
    return np.asarray(both / light > _STRONG, np.uint8)


def _region(outline: Any, busy: Grey, scale: float) -> Region | None:
    (_, (one, other), _) = cv2.minAreaRect(outline)
    long, short = max(one, other), min(one, other)
    if short < _LEAST_SIDE or long / short > _MOST_STRETCH:
        return None
    left, top, width, height = cv2.boundingRect(outline)
    fill = cv2.contourArea(outline) / (one * other)
    if fill < _LEAST_FILL:
        return None
    density = float(busy[top : top + height, left : left + width].mean())
    square = short / long
    left, top, width, height = (round(value * scale) for value in (left, top, width, height))
    return Region(left, top, width, height, likeness=fill * square * density)
