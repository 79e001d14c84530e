"""Reads a symbol that an engine located and could not read: straightens it, decides each module, draws it anew.

    redrawn(grey)    # an engine, as those of `engines`

Each of `_STEPS` rounds knows a little more than the one before. It

1. levels the light: by a local regression of the picture on the modules as decided so far;
2. moves the surface to where the decided modules are seen (least squares of Lucas and Kanade, IJCAI 1981), over round
   neighbourhoods for what is bent, over long ones for lines that a copier's feed has shifted;
3. decides the modules again by the linear equaliser that fits those decided so far best (decision-directed least
   squares; Proakis, "Digital Communications", ch. 10): this undoes blur, sharpening and neighbours that run together,
   whatever they were;
4. has zxing-cpp decode them. Nothing is read but what passes its Reed-Solomon decoder whole.

Function patterns are known and weigh double. Errors among the first decisions do no harm: they point everywhere, the
right ones all to the same place.

What is *not* here: inverted and mirrored symbols, symbols of more than `_MOST_MODULES`.
"""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np

from govseal.adapters.qrimage import engines
from govseal.adapters.qrimage.engines import Corners, Grey
from govseal.adapters.qrimage.patterns import LIGHT, Plane, fixed
from govseal.adapters.qrimage.surface import DETAIL, MARGIN, Surface, likeliest_size
from govseal.core.ports import FoundCode

_FEWEST_MODULES: Final = 21
_MOST_MODULES: Final = 97
_MOST_STRETCH: Final = 2.5  # of the longest side to the shortest
_TRIES: Final = 3  # places of a symbol that are worth the work
_APART: Final = 0.012  # of a symbol's side: corners nearer than this are the same place

_STEPS: Final = ((4.0, 4.0), (14.0, 1.2), (1.2, 14.0), (3.0, 3.0), (10.0, 1.0), (1.0, 10.0), (0.0, 0.0))
"""How far across and down (sigma, modules) the neighbourhoods reach by which the surface is moved; 0 for not at all."""

_SHADE: Final = (3.5, 3.5)  # over which the light is taken as even
_SOFT: Final = 0.45  # sigma of an edge, modules
_GLARE: Final = 1.7  # more light or ink than this many times a module's says no more
_DOUBT: Final = 0.25  # squared difference from what was decided, at which a place counts e times less
_FARTHEST: Final = 0.5  # modules that a round moves a place by
_DECIDING: Final = 2  # rounds after which neighbours are known well enough to be taken into account
_MODULE: Final = np.ones((DETAIL, DETAIL), np.float32)
_TAPS: Final = (-4, -2, 0, 2, 4)  # pixels of the view: to a module away, by halves


def redrawn(grey: Grey) -> list[FoundCode]:
    """Read the symbol of a window that zxing-cpp or OpenCV locates: some 60 ms, 0.3 s when in vain."""
    picture = grey.astype(np.float32)
    for corners, size in _located(grey):
        modules = size or likeliest_size(picture, corners, _MOST_MODULES)
        text = _read(Surface(picture, corners, modules), modules)
        if text:
            return [FoundCode(text, corners)]
    return []


def _located(grey: Grey) -> Iterator[tuple[Corners, int | None]]:
    """Yield the places of symbols, and their sizes where they are known, `_TRIES` at most."""
    seen: list[Corners] = []
    for corners, size in engines.located(grey):
        near = _APART * float(np.ptp(corners))
        new = all(np.abs(np.subtract(corners, one)).max() > near for one in seen)
        if new and (size or 0) <= _MOST_MODULES and _is_square(corners, size or _FEWEST_MODULES):
            seen.append(corners)
            yield corners, size
        if len(seen) == _TRIES:
            return


def _is_square(corners: Corners, size: int) -> bool:
    """Say whether a camera may see a square so, with a pixel for each module at least."""
    outline = np.array(corners, np.float32)
    sides = np.linalg.norm(outline - np.roll(outline, 1, axis=0), axis=1)
    return cv2.isContourConvex(outline) and bool(size <= sides.min() > sides.max() / _MOST_STRETCH)


def _read(surface: Surface, size: int) -> str:
    if not surface.settle():
        return ""
    known = fixed(size)
    said = _first_sight(_at(surface.view(), size), known)
    for number, reach in enumerate(_STEPS):
        decided = np.where(said >= 0, LIGHT, -LIGHT).astype(np.float32)
        trust = np.where(known, 2.0, np.minimum(np.abs(said), 1.0)).astype(np.float32)
        ideal, weight = _drawn(decided), _wide(trust)
        if reach[0]:
            _follow(surface, ideal, weight, reach)
        view = _levelled(surface.view(), ideal, weight)
        said = np.where(known, known, _equalised(view, decided, trust, joint=number >= _DECIDING))
        text = _decoded(said)
        if text:
            return text
    return ""


def _first_sight(seen: Plane, known: Plane) -> Plane:
    """Return what modules say by a threshold at the mean around them."""
    mean = _around(seen, (4.0, 4.0))
    spread = np.sqrt(_around((seen - mean) ** 2, (4.0, 4.0))) + 1e-3
    return np.where(known, known, np.clip((seen - mean) / spread, -1, 1))


def _drawn(modules: Plane) -> Plane:
    """Return the view that a camera would have of these modules."""
    padded = np.pad(modules, MARGIN, constant_values=LIGHT)
    soft = cv2.GaussianBlur(np.kron(padded, _MODULE), (0, 0), _SOFT * DETAIL, borderType=cv2.BORDER_REFLECT)
    return np.asarray(soft, np.float32)


def _wide(trust: Plane) -> Plane:
    """Return the weights of a view's pixels; of the quiet zone, which text may be near, the inner half counts."""
    inner = np.pad(trust, MARGIN // 2, constant_values=1)
    return np.kron(np.pad(inner, MARGIN - MARGIN // 2), _MODULE)


def _levelled(view: Plane, ideal: Plane, weight: Plane) -> Plane:
    """Return `view` as if light and ink were even: about 1 where it is light, -1 where it is dark."""

    def mean(of: Plane) -> Plane:
        return _around(weight * of, scope) / total

    scope = (_SHADE[0] * DETAIL, _SHADE[1] * DETAIL)
    total = _around(weight, scope) + 1e-3
    mean_ideal, mean_view = mean(ideal), mean(view)
    shared = mean(view * ideal) - mean_ideal * mean_view
    gain = np.maximum(shared, 0) / (mean(ideal * ideal) - mean_ideal**2 + 0.02)
    gain = np.maximum(gain, 0.15 * np.median(gain) + 1e-3)
    levelled: Plane = np.clip((view - mean_view) / gain + mean_ideal, -_GLARE, _GLARE)
    return levelled


def _follow(surface: Surface, ideal: Plane, weight: Plane, reach: tuple[float, float]) -> None:
    """Move the surface so that `ideal` is seen where it is: one step of Lucas and Kanade, by neighbourhoods."""
    off = _levelled(surface.view(), ideal, weight) - ideal
    doubt = _around(off * off, (2.0 * DETAIL, 2.0 * DETAIL)) / _DOUBT
    weight = weight * np.exp(-doubt)
    down, across = np.gradient(ideal)
    scope = (reach[0] * DETAIL, reach[1] * DETAIL)
    xx, xy, yy, x, y = (
        _around(weight * part, scope)
        for part in (across * across, across * down, down * down, across * off, down * off)
    )
    steady = 0.1 * np.median(xx) + 1e-6
    xx, yy = xx + steady, yy + steady
    shared = xx * yy - xy * xy
    farthest = _FARTHEST * DETAIL
    to_right = np.clip((yy * x - xy * y) / shared, -farthest, farthest) / DETAIL
    downwards = np.clip((xx * y - xy * x) / shared, -farthest, farthest) / DETAIL
    surface.move(-to_right.astype(np.float32), -downwards.astype(np.float32))


def _equalised(view: Plane, decided: Plane, trust: Plane, *, joint: bool) -> Plane:
    """Return the modules as the linear function of what is seen at and around each that fits `decided` best.

    Args:
        view: levelled.
        decided: the modules so far.
        trust: the weight of each.
        joint: whether the function may also take what was decided for the eight neighbours.
    """
    size = len(decided)
    columns = [_at(view, size, across, down).ravel() for down in _TAPS for across in _TAPS]
    if joint:
        around = np.pad(decided, 1, constant_values=LIGHT)
        columns += [
            around[down : down + size, across : across + size].ravel()
            for down in range(3)
            for across in range(3)
            if (down, across) != (1, 1)
        ]
    seen = np.column_stack([*columns, np.ones(size * size)]).astype(np.float64)
    weighted = seen * trust.reshape(-1, 1)
    ridge = 2e-4 * trust.sum() * np.eye(seen.shape[1])
    function = np.linalg.solve(weighted.T @ seen + ridge, weighted.T @ decided.ravel())
    return (seen @ function).reshape(size, size).astype(np.float32)


def _at(view: Plane, size: int, across: int = 0, down: int = 0) -> Plane:
    """Return what is seen in the middle of each module, or so many pixels of the view beside it."""
    middle = MARGIN * DETAIL + DETAIL // 2 - 1
    top, left = middle + down, middle + across
    four = [
        view[y : y + size * DETAIL : DETAIL, x : x + size * DETAIL : DETAIL]
        for y in (top, top + 1)
        for x in (left, left + 1)
    ]
    return np.asarray(np.mean(four, axis=0), np.float32)


def _around(plane: Plane, scope: tuple[float, float]) -> Plane:
    """Return the mean around each place, `scope` (sigma) far across and down: two boxes, nearly a Gaussian."""
    across, down = (round((6 * sigma * sigma + 1) ** 0.5) | 1 for sigma in scope)
    once = cv2.blur(plane, (across, down), borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.blur(once, (across, down), borderType=cv2.BORDER_REFLECT), np.float32)


def _decoded(modules: Plane) -> str:
    """Return the text of a symbol of so many modules, or nothing when Reed-Solomon does not agree."""
    clean = np.pad(np.where(modules >= 0, 255, 0).astype(np.uint8), MARGIN, constant_values=255)
    return engines.decoded(np.kron(clean, np.ones((2, 2), np.uint8)))
