"""Searches one picture for codes: the whole at once, then window by window, for as long as there is patience.

1. zxing-cpp on the whole picture: nearly every sharp photo and every PDF ends here.
2. Each window that looks like a code (`regions`) and is not explained by one found, through `ATTEMPTS`. Once a code
   was found, only windows that look very much like another get the first few, so that a small code of ours is not
   missed beside a large one of somebody else's.
   One of them is `redrawing`, for a symbol that an engine sees and cannot read: bent, coarse, copied too often.
3. With nothing found: the whole picture by the slow engines, then by overlapping tiles, enlarged.

Order and strengths of `ATTEMPTS` are those that read most, soonest, of the paper laboratory's photos (bench/paper),
measured on other seeds than it reports.

Invariants: the time is looked at before every attempt, and no attempt but the first look sees more than
`_MOST_PIXELS`; a code is told once, whichever engines find it.

What is *not* here: decoding (`engines`), a bound on the time of one attempt, which no engine has (`apart`), what to
say when nothing was found (`hindrance`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from govseal.adapters.qrimage import engines
from govseal.adapters.qrimage.engines import Engine, Grey
from govseal.adapters.qrimage.redrawing import redrawn
from govseal.adapters.qrimage.regions import Region, regions
from govseal.core.ports import FoundCode

MAX_CODES: Final = 32
"""A sheet has two; more than this many in one picture are not reported."""

Patient = Callable[[], bool]
"""Says whether there is time for one more attempt."""

Tell = Callable[[FoundCode], None]
"""Hears of a code that was found."""

_LIKELY: Final = 0.6
_MARGIN: Final = 0.2  # of a window's side: the quiet zone, and an edge that was cut too close
_LARGE: Final = 400.0
"""A window wider than this is first reduced to it: a code so large has more noise than detail."""

_MOST_PIXELS: Final = 2_500_000
_TILE: Final = 900


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to look at a part of a picture.

    Attributes:
        engine: what reads it.
        scale: how much it is enlarged or reduced before.
        sharpening: strength of an unsharp mask after that; its radius is 1.4 pixels of the part, enlarged alike.
        mirrored: whether it is seen from behind: a slide, a selfie camera.
        inverted: whether light and dark are exchanged.
    """

    engine: Engine
    scale: float = 1.0
    sharpening: float = 0.0
    mirrored: bool = False
    inverted: bool = False

    def __call__(self, part: Grey, *, base: float = 1.0) -> list[FoundCode]:
        """Return what is found in `part`, corners in its pixels; `scale` counts from `base`."""
        scale = min(self.scale * base, (_MOST_PIXELS / part.size) ** 0.5)
        found = self.engine(self._prepared(part, scale))
        return [_moved(one, 1 / scale, mirror=part.shape[1] if self.mirrored else 0) for one in found]

    def _prepared(self, part: Grey, scale: float) -> Grey:
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        seen: Any = part if scale == 1 else cv2.resize(part, None, fx=scale, fy=scale, interpolation=how)
        if self.sharpening:
            blurred = cv2.GaussianBlur(seen, (0, 0), 1.4 * max(scale, 1.0))
            seen = cv2.addWeighted(seen, 1 + self.sharpening, blurred, -self.sharpening, 0)
        seen = 255 - seen if self.inverted else seen
        return np.ascontiguousarray(seen[:, ::-1] if self.mirrored else seen, np.uint8)


FIRST: Final = (
    Attempt(engines.wechat, sharpening=1.0),
    Attempt(engines.wechat, scale=2, sharpening=1.5),
)
"""What a window gets even when another code was found."""

ATTEMPTS: Final = (
    *FIRST,
    Attempt(redrawn),
    Attempt(engines.wechat, scale=3, sharpening=1.5),
    Attempt(engines.wechat, scale=0.5),
    Attempt(engines.wechat, scale=1.5),
    Attempt(engines.zxing_one_threshold, scale=4, sharpening=2.0),
    Attempt(engines.zxing_one_threshold),
    Attempt(engines.aruco),
    Attempt(engines.wechat, scale=2, sharpening=1.5, mirrored=True),
    Attempt(engines.wechat, scale=2, sharpening=1.5, inverted=True),
)
"""What a window that may be a code gets, in this order."""

_WHOLE: Final = (Attempt(engines.aruco), Attempt(engines.wechat), Attempt(engines.wechat, scale=0.5))
_OF_A_TILE: Final = Attempt(engines.wechat, scale=2, sharpening=1.0)


class Findings:
    """The codes found so far in one picture, each once; `tell` hears of each as it is found."""

    def __init__(self, tell: Tell) -> None:
        self._codes: list[FoundCode] = []
        self._tell = tell

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self._codes)

    def add(self, found: list[FoundCode], left: int = 0, top: int = 0) -> None:
        """Add what was found in a part that begins at (left, top)."""
        for one in found:
            code = _moved(one, 1.0, left, top)
            if len(self._codes) < MAX_CODES and all(code.text != other.text for other in self._codes):
                self._codes.append(code)
                self._tell(code)

    def explain(self, region: Region) -> bool:
        """Say whether one of the codes lies in `region`."""
        return any(region.holds(*_middle(code)) for code in self._codes)


def search(grey: Grey, patient: Patient, tell: Tell) -> None:
    """Look for every code in a picture.

    Args:
        grey: the picture.
        patient: asked before everything but the first quick look.
        tell: hears of each code once, as soon as it is found.
    """
    findings = Findings(tell)
    findings.add(engines.zxing(grey))
    if patient():
        _search_windows(grey, regions(grey), findings, patient)
    for attempt, part, left, top in _last_looks(grey) if not findings else ():
        if findings or not patient():
            break
        findings.add(attempt(part), left, top)


def _search_windows(grey: Grey, windows: list[Region], findings: Findings, patient: Patient) -> None:
    for attempt in ATTEMPTS:
        for region in windows:
            if findings and (attempt not in FIRST or region.likeness < _LIKELY):
                continue
            if findings.explain(region):
                continue
            if not patient():
                return
            part, left, top = region.window(grey, _MARGIN)
            findings.add(attempt(part, base=min(1.0, _LARGE / region.side)), left, top)


def _last_looks(grey: Grey) -> Iterator[tuple[Attempt, Grey, int, int]]:
    """Yield (attempt, part, its left, its top): what is left to do when no window gave a code."""
    for attempt in _WHOLE:
        yield attempt, grey, 0, 0
    evened = np.asarray(cv2.createCLAHE(4.0, (8, 8)).apply(grey), np.uint8)
    yield Attempt(engines.zxing), evened, 0, 0
    for region in regions(evened):
        for attempt in FIRST:
            yield (attempt, *region.window(evened, _MARGIN))
    for left, top in _tiles(grey):
        yield _OF_A_TILE, np.ascontiguousarray(grey[top : top + _TILE, left : left + _TILE]), left, top


def _tiles(grey: Grey) -> list[tuple[int, int]]:
    """Return the corners of tiles that overlap by half, those in the middle of the picture first."""
    height, width = grey.shape
    step = _TILE // 2
    places = [
        (left, top)
        for top in range(0, max(height - step, 1), step)
        for left in range(0, max(width - step, 1), step)
    ]
    return sorted(
        places, key=lambda place: abs(place[0] + step - width / 2) + abs(place[1] + step - height / 2)
    )


def _moved(code: FoundCode, scale: float, left: int = 0, top: int = 0, *, mirror: int = 0) -> FoundCode:
    corners = ((x * scale + left, y * scale + top) for x, y in code.corners)
    return FoundCode(code.text, tuple((mirror - x, y) if mirror else (x, y) for x, y in corners))


def _middle(code: FoundCode) -> tuple[float, float]:
    return sum(x for x, _ in code.corners) / 4, sum(y for _, y in code.corners) / 4
