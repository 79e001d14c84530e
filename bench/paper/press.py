"""Printing by a laser printer or copier: toner stands where the light of the drum passed a threshold.

Model: Norris and Barney Smith, "Printer Modeling for Document Imaging", CISST 2004: toner particles adhere by chance,
so a solid is not whole, an edge is rough, and single particles lie around. Together with the blur and threshold of
Barney Smith, "Scanner Parameter Estimation Using Bilevel Scans of Star Charts", ICDAR 2001
(doi:10.1109/ICDAR.2001.953968), which moves every edge outwards or inwards alike.

Strengths, all our assumption: spot 38 µm (sigma; the nominal dot of 600 dpi is 42 µm wide), threshold 0.34 to 0.54,
so that most prints come out darker than drawn, by up to half a dot an edge; grain; specks and voids a square cm.
"""

import cv2
import numpy as np
from bench.paper.subjects import DOTS_PER_MM, Grey, blurred

TONER, PAPER = 0.06, 0.9
"""Reflectances of fused toner and of office paper: our assumption, a print contrast of 0.93."""

_SPOT_MM = 0.038
_GRAIN = 0.11
_DOTS_PER_CM2 = (10 * DOTS_PER_MM) ** 2


def printed(sheet: Grey, rng: np.random.Generator, *, worn: float = 0.0) -> Grey:
    """Return the reflectance of a print of `sheet`.

    Args:
        sheet: how much light the drum is to get: 0 where toner is wanted, 1 where not.
        rng: chance.
        worn: 0 for a printer in order; 1 for a drum and toner near their end: more grain, specks and voids.
    """
    exposed = blurred(sheet, _SPOT_MM * DOTS_PER_MM)
    grain = blurred(rng.standard_normal(sheet.shape, np.float32), 0.7) * (1.0 + 1.2 * worn)
    wear = (
        blurred(rng.standard_normal(sheet.shape, np.float32), 14.0) * 14.0 * worn
    )  # patches of weak transfer
    threshold = rng.uniform(0.34, 0.54) + 0.05 * wear
    toner = (1.0 - exposed + _GRAIN * grain > 1.0 - threshold).astype(np.float32)
    _strew(toner, rng, per_cm2=rng.uniform(1, 5) * (1 + 8 * worn), value=1.0)
    _strew(toner, rng, per_cm2=rng.uniform(2, 8) * (1 + 10 * worn), value=0.0)
    mottle = 0.03 * blurred(rng.standard_normal(sheet.shape, np.float32), 1.5)
    fibre = 0.02 * blurred(rng.standard_normal(sheet.shape, np.float32), 3.0) * 3.0
    toner = blurred(toner, 0.5)  # fused particles have soft edges
    return np.clip(toner * (TONER + mottle) + (1.0 - toner) * (PAPER + fibre), 0.0, 1.0).astype(np.float32)


def _strew(toner: Grey, rng: np.random.Generator, *, per_cm2: float, value: float) -> None:
    """Put specks of toner (1) or voids (0) of 0.03 to 0.17 mm, most of them small."""
    count = rng.poisson(per_cm2 * toner.size / _DOTS_PER_CM2)
    places = rng.integers(0, toner.shape[0], (count, 2))
    radii = np.minimum(0.5 + rng.exponential(0.7, count), 4.0)
    for (x, y), radius in zip(places.tolist(), radii.tolist(), strict=True):
        cv2.circle(toner, (x, y), max(1, round(radius)), value, -1)
