"""Finds the edges of a light sheet on something darker, to a fraction of a pixel.

Invariant: an edge that lies on the picture's border is none: the paper goes on outside, nobody knows how far.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

_LEAST_PART = 0.2
"""Of the picture that the paper must fill."""
_MARGIN_PX = 3
_SMALL = 1600
"""Longer side of the picture in which the outline is looked for first."""
_CORNERS = 4
_ENDS = 0.12
"""Of each side that is left out at its ends: corners are bent and rounded."""


def paper_corners(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64] | None:
    """Return the four corners in pixels, clockwise from the top left, or None when the edges cannot be seen."""
    shrink = min(1.0, _SMALL / max(grey.shape))
    small = cv2.GaussianBlur(
        cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), (5, 5), 0
    )
    _, light = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    outlines, _ = cv2.findContours(light, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    outline = max(outlines, key=cv2.contourArea)
    if cv2.contourArea(outline) < _LEAST_PART * small.size:
        return None
    corners = cv2.approxPolyDP(outline, 0.02 * cv2.arcLength(outline, closed=True), closed=True)
    if len(corners) != _CORNERS or _touches_border(corners, small.shape):
        return None
    lines = [_side(outline, corners, at) for at in range(_CORNERS)]
    if any(line is None for line in lines):
        return None
    crossed = [_crossing(lines[at - 1], lines[at]) for at in range(_CORNERS)]  # type: ignore[arg-type] # none is None
    # Pixel n of the small picture covers the large one from n / shrink on.
    return _clockwise((np.array(crossed) + 0.5) / shrink - 0.5)


def _touches_border(corners: npt.NDArray[Any], shape: tuple[int, ...]) -> bool:
    points = corners.reshape(-1, 2)
    inside = (points >= _MARGIN_PX) & (points < np.array(shape[::-1]) - _MARGIN_PX)
    return not bool(inside.all())


def _side(outline: npt.NDArray[Any], corners: npt.NDArray[Any], at: int) -> npt.NDArray[np.float64] | None:
    """Return (direction x, y, point x, y) of a side: the line through the middle of its outline."""
    one, other = (corners[at % _CORNERS][0].astype(float), corners[(at + 1) % _CORNERS][0].astype(float))
    along = other - one
    length = float(np.linalg.norm(along))
    points = outline.reshape(-1, 2) - one
    part = points @ along / length**2
    off = np.abs(points @ np.array([-along[1], along[0]]) / length)
    chosen = outline.reshape(-1, 2)[(part > _ENDS) & (part < 1 - _ENDS) & (off < 0.02 * length)]
    if len(chosen) < _CORNERS:
        return None
    line = cv2.fitLine(chosen.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01)
    return np.asarray(line, dtype=np.float64).reshape(-1)


def _crossing(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    matrix = np.column_stack([one[:2], -other[:2]])
    steps = np.linalg.lstsq(matrix, other[2:] - one[2:], rcond=None)[0]
    return np.asarray(one[2:] + steps[0] * one[:2])


def _clockwise(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    centre = points.mean(axis=0)
    ordered = points[np.argsort(np.arctan2(*(points - centre).T[::-1]))]
    return np.roll(ordered, -int(np.argmin(ordered.sum(axis=1))), axis=0)
