"""The paper under a symbol: from its modules to the pixels of a picture, flat at first, then as it is bent.

    surface = Surface(grey, corners, size=65)
    surface.settle()      # by the finder and alignment patterns: a curl, a fold
    surface.view()        # the symbol upright, `DETAIL` pixels a module
    surface.move(x, y)    # by what somebody saw there

Lengths are modules, from the symbol's upper left corner, rightwards and down.

What is *not* here: what the modules say, and how one sees that they lie elsewhere (`redrawing`).
"""

from typing import Any, Final

import cv2
import numpy as np

from govseal.adapters.qrimage.patterns import ALIGNMENT, Plane, fixed, places, rings

DETAIL: Final = 4
"""Pixels a module in a view; even, so that a module's middle lies between pixels."""

MARGIN: Final = 4
"""Modules around the symbol in a view: its quiet zone."""

_COARSER: Final = 1.3 * DETAIL  # pixels a module from which a picture is first reduced
_SOFT: Final = 0.4 * DETAIL  # sigma of a camera's edge
_LIKE: Final = 0.55  # correlation from which something is taken for the pattern that should be there
_FAR: Final = 0.012  # correlation that a module of distance, squared, has to make good
_LOOKED_FOR: Final = (
    (3.5, 2.0),
    (2.0, 2.0),
)  # modules that alignment and finder patterns may be off, each time
_FEWEST: Final = 3  # patterns: the finder patterns of a symbol that has no others


class Surface:
    """Where on a picture each place of a symbol lies.

    Args:
        picture: grey, any size; one with many pixels a module is reduced.
        corners: of the symbol without its quiet zone, in pixels: upper left, upper right, lower right, lower left
            of the symbol, however it lies.
        size: modules on a side.
    """

    def __init__(self, picture: Plane, corners: Any, size: int) -> None:
        corners = np.asarray(corners, np.float32)
        module = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1).mean() / size
        if module > _COARSER:
            scale = DETAIL / module
            corners = corners * scale
            reduced: Any = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            picture = reduced
        self._picture = picture
        self._size = size
        self._plane = _plane(corners, size)
        pixels = np.arange((size + 2 * MARGIN) * DETAIL)
        self._x, self._y = self._upright = _grid(np.asarray((pixels + 0.5) / DETAIL - MARGIN, np.float32))

    def view(self) -> Plane:
        """Return the symbol with `MARGIN` around it, upright and flat, as far as is known."""
        return _seen(self._picture, self._plane, self._x, self._y)

    def move(self, across: Plane, down: Plane) -> None:
        """Note that what was thought to be at each place of the view is `across` and `down` from there."""
        self._x = (self._x + across).astype(np.float32)
        self._y = (self._y + down).astype(np.float32)

    def settle(self) -> bool:
        """Bend the surface until finder and alignment patterns lie where they should; say whether any are seen."""
        for reaches in _LOOKED_FOR:
            at, off = self._landmarks(reaches)
            if len(at) < _FEWEST:
                return False
            if len(at) > _FEWEST:
                self.move(*_bent(at, off, self._upright))
        return True

    def _landmarks(self, reaches: tuple[float, float]) -> tuple[Plane, Plane]:
        """Return (where patterns should be, how far off they are) for those that are seen, in modules."""
        view = self.view()
        at, off = [], []
        for column, row, reach in places(self._size):
            pattern = np.kron(rings(reach), np.ones((DETAIL, DETAIL), np.float32))
            found = _found(view, pattern, column - reach, row - reach, reaches[reach != ALIGNMENT])
            if found:
                at.append((column + 0.5, row + 0.5))
                off.append(found)
        return np.array(at, np.float32), np.array(off, np.float32)


def likeliest_size(picture: Plane, corners: Any, most: int) -> int:
    """Return the modules on a side, `most` at most, with which function patterns are where they should be most."""
    likeness = {}
    for size in range(21, most + 1, 4):
        known = fixed(size)
        middles = np.arange(size, dtype=np.float32) + 0.5
        seen = _seen(picture, _plane(corners, size), *_grid(middles))
        likeness[size] = _correlation(seen[known != 0], known[known != 0])
    return max(likeness, key=likeness.__getitem__)


def _correlation(one: Plane, other: Plane) -> float:
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / (np.linalg.norm(one) * np.linalg.norm(other) + 1e-6))


def _grid(along: Plane) -> tuple[Plane, Plane]:
    """Return the places across and down of a square, the same `along` both sides."""
    across, down = np.meshgrid(along, along)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _plane(corners: Any, size: int) -> Plane:
    """Return the 3 by 3 matrix from places of a flat symbol to pixels."""
    square = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(square, np.asarray(corners, np.float32)), np.float32)


def _seen(picture: Plane, plane: Plane, across: Plane, down: Plane) -> Plane:
    """Return what `picture` shows at places of a symbol."""
    x, y, depth = (a * across + b * down + c for a, b, c in plane)
    pixels = x / depth - 0.5, y / depth - 0.5
    shown: Any = cv2.remap(picture, *pixels, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shown, np.float32)


def _found(view: Plane, pattern: Plane, left: int, top: int, reach: float) -> tuple[float, float] | None:
    """Return how many modules from (left, top) `pattern` stands in `view`, `reach` at most; None when it does not."""
    x, y = (left + MARGIN) * DETAIL, (top + MARGIN) * DETAIL
    spare = round(reach * DETAIL)
    begin_x, begin_y, extent = max(x - spare, 0), max(y - spare, 0), len(pattern) + spare
    part = view[begin_y : y + extent, begin_x : x + extent]
    soft = cv2.GaussianBlur(pattern, (0, 0), _SOFT, borderType=cv2.BORDER_REFLECT)
    like: Any = cv2.matchTemplate(part, soft, cv2.TM_CCOEFF_NORMED)
    off_y, off_x = np.mgrid[: like.shape[0], : like.shape[1]].astype(np.float32) / DETAIL
    off_x += (begin_x - x) / DETAIL
    off_y += (begin_y - y) / DETAIL
    best = int((like - _FAR * (off_x**2 + off_y**2)).argmax())
    return (float(off_x.flat[best]), float(off_y.flat[best])) if like.flat[best] > _LIKE else None


def _bent(at: Plane, off: Plane, upright: tuple[Plane, Plane]) -> tuple[Plane, Plane]:
    """Return what bends `upright` so that each place of `at` moves by `off`, and what lies between by what is between.

    The function is a plane and a cone from each place: the radial basis |r|, which is straight between two places and
    so follows a fold as well as a curl.
    """
    cones = np.linalg.norm(at[:, None] - at, axis=2)
    plane = np.column_stack([np.ones(len(at)), at])
    equations = np.block([[cones, plane], [plane.T, np.zeros((3, 3))]])
    known = np.vstack([off, np.zeros((3, 2))])
    weights = np.linalg.lstsq(equations, known, rcond=None)[0].astype(np.float32)
    x, y = upright
    basis = np.stack([*(np.hypot(x - column, y - row) for column, row in at), np.ones_like(x), x, y])
    across, down = np.tensordot(weights.T, basis, axes=1)
    return across, down
