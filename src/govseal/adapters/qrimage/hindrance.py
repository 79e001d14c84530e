"""Why no code was read in a picture, by what can be measured on it: the reason codes that begin with `NO_CODE`.

| code | what is measured |
|---|---|
| `NO_CODE_DARK` | the brightest twentieth of the picture is darker than a well lit sheet's ink |
| `NO_CODE_SEEN` | no window looks like a code |
| `NO_CODE_SMALL` | the likeliest window is fewer pixels wide than the smallest code needs |
| `NO_CODE_BLURRED` | its steepest edges take longer from dark to light than a module of a large code is wide |
| `NO_CODE` | none of these: something like a code is there, covered, folded, glaring or worn |

Thresholds are set on pictures of the paper laboratory (bench/paper) that no engine reads.

What is *not* here: sentences in the reader's language (`govseal.web.shared.reasons`).
"""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from govseal.adapters.qrimage.engines import Grey
from govseal.adapters.qrimage.regions import Region, regions

NOTHING_SEEN: Final = "NO_CODE_SEEN"

ADVICE: Final = {
    "NO_CODE": "Something like a code is there, but it cannot be read: flatten the sheet, avoid glare and folds.",
    NOTHING_SEEN: "Found nothing that looks like a QR code: take a photo of the whole code, or paste its text.",
    "NO_CODE_SMALL": "The code is too small in this picture: come closer, or send the picture without reducing it.",
    "NO_CODE_BLURRED": "The picture is too blurred: hold still, tap on the code to focus, and try again.",
    "NO_CODE_DARK": "The picture is too dark: find more light and try again.",
}
"""What helps against each, for programs and logs; pages say it in the reader's language."""

_DARK: Final = 60
"""Of 255. A sheet in a dim room comes out at 100 or more, since a phone exposes for it."""

_LEAST_PIXELS: Final = 75
"""29 modules and the quiet zone of a compact code at two pixels a module, the least that an engine reads."""

_LIKE: Final = 0.57
_MODULES: Final = 45
"""A code of middle size: what the width of a module is guessed from."""

_BLUR_OF_MODULE: Final = 0.75
_WORDS: Final = 3
_ALIKE: Final = 1.6
_LOOKED_AT: Final = 1400
_SOME_CONTRAST: Final = 40
_SOFT: Final = 2.2


def hindrance(grey: Grey) -> str:
    """Return the reason code that fits a picture in which no code was read."""
    if np.percentile(grey[::8, ::8], 95) < _DARK:
        return "NO_CODE_DARK"
    region = _likeliest(grey)
    if region is None:
        return "NO_CODE_BLURRED" if _blurred_all_over(grey) else NOTHING_SEEN
    if region.side < _LEAST_PIXELS:
        return "NO_CODE_SMALL"
    part, _, _ = region.window(grey, 0.0)
    return "NO_CODE_BLURRED" if blur(part) > _BLUR_OF_MODULE * region.side / _MODULES else "NO_CODE"


def blur(part: NDArray[Any], share: float = 98.0) -> float:
    """Return the sigma, in pixels, of the Gaussian that would make the steepest edges of `part` as soft as they are.

    An edge of contrast c under a Gaussian of sigma s has the slope c / (s * sqrt(2 pi)) in its middle. `share` is the
    percentile of slopes that counts as the steepest.
    """
    picture = cv2.GaussianBlur(part, (0, 0), 0.8).astype(np.float32)
    low, high = np.percentile(picture, (100 - share, share))
    steepest = np.percentile(np.hypot(*np.gradient(picture)), share)
    return float((high - low) / max(steepest, 1e-6) / np.sqrt(2 * np.pi))


def _likeliest(grey: Grey) -> Region | None:
    """Return the window most like a code; None when none is, or when it is one of many small ones, as words are."""
    seen = regions(grey)
    best = next((region for region in seen if region.likeness >= _LIKE), None)
    if best is None:
        return None
    alike = sum(1 / _ALIKE < region.side / best.side < _ALIKE for region in seen)
    return None if best.side < _LEAST_PIXELS and alike >= _WORDS else best


def _blurred_all_over(grey: Grey) -> bool:
    """Say whether the steepest edges anywhere are soft for a picture of this size, and there are some."""
    scale = _LOOKED_AT / max(grey.shape)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    low, high = np.percentile(small, (1, 99))
    return bool(high - low > _SOME_CONTRAST and blur(small, 99.5) > _SOFT)
