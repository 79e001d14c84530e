"""A photocopy: a scan, a decision between black and white, and a print of that.

Blur, threshold, and their repetition in copies of copies follow Barney Smith, ICDAR 2001 (see `press`), which treats
repeated photocopying by name; noise before the threshold follows McGillivary, "Quantifying Noise Effects in Bilevel
Document Images" (thesis, Boise State University, 2007). ASTM F360 judges copies by what it calls density, background
and resolution: exposure, haze and blur here.

Strengths, our assumption for an office machine that is used and not new: 300 dpi at the glass, blur 0.06 mm (sigma;
half contrast at 3 line pairs a mm), skew to 1.5 degrees, a scale to half a percent off and not the same both ways,
feed that drifts by 0.06 mm, exposure from washed out to dark, one machine in four with a streak.
"""

import cv2
import numpy as np
from bench.paper.press import PAPER, TONER, printed
from bench.paper.subjects import DOTS_PER_MM, Grey, blurred

_BLUR_MM = 0.06
_GLASS_DOTS_PER_MM = 300 / 25.4
_SKEW_DEGREES = 1.5
_STREAKY = 0.25


def copied(sheet: Grey, rng: np.random.Generator) -> Grey:
    """Return the reflectance of a photocopy of `sheet`."""
    seen = _laid_on_glass(blurred(sheet, _BLUR_MM * DOTS_PER_MM), rng)
    glass = cv2.resize(seen, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    glass = glass + rng.normal(0, 0.03, glass.shape).astype(np.float32)
    tone = (glass - TONER) / (PAPER - TONER)
    finer = cv2.resize(tone, sheet.shape[::-1], interpolation=cv2.INTER_LINEAR)
    black_and_white = (finer > rng.uniform(0.3, 0.66)).astype(np.float32)
    if rng.random() < _STREAKY:
        _streak(black_and_white, rng)
    return printed(black_and_white, rng, worn=rng.uniform(0.0, 0.6))


def _laid_on_glass(sheet: Grey, rng: np.random.Generator) -> Grey:
    """Turn, stretch and shift a little, as hand and feed do."""
    extent = sheet.shape[0]
    across, along = rng.uniform(0.995, 1.005, 2)
    angle = np.radians(rng.uniform(-_SKEW_DEGREES, _SKEW_DEGREES))
    row, column = np.mgrid[0:extent, 0:extent].astype(np.float32)
    period, phase = rng.uniform(4, 15) * DOTS_PER_MM, rng.uniform(0, 2 * np.pi)
    drift = 0.06 * DOTS_PER_MM * np.sin(2 * np.pi * row / period + phase)
    x, y = (column - extent / 2) * across, (row - extent / 2) * along + drift
    back_x = np.cos(angle) * x + np.sin(angle) * y + extent / 2
    back_y = -np.sin(angle) * x + np.cos(angle) * y + extent / 2
    maps = back_x.astype(np.float32), back_y.astype(np.float32)
    return cv2.remap(sheet, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=PAPER)


def _streak(sheet: Grey, rng: np.random.Generator) -> None:
    """Draw one line along the feed, broken, 0.1 to 0.3 mm wide: a scratch on the drum or dirt on the glass."""
    x = int(rng.integers(0, sheet.shape[1]))
    width = int(rng.integers(2, 8))
    inked = blurred(rng.standard_normal((sheet.shape[0], 1), np.float32), 30.0)[:, 0] > 0
    sheet[inked, x : x + width] = float(rng.random() < 0.3)
