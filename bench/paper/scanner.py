"""A flatbed scan, as an office keeps it: grey, 150 to 300 dpi, JPEG.

Blur and noise as at a copier's glass (`copier`), and no threshold: the reader gets the greys. Resolutions and JPEG
qualities are our assumption: what office machines offer as "e-mail" and "document".
"""

import cv2
import numpy as np
from bench.paper.subjects import DOTS_PER_MM, Grey, blurred

_BLUR_MM = 0.06


def scanned(sheet: Grey, rng: np.random.Generator) -> bytes:
    """Return a scan of `sheet` as JPEG."""
    scale = float(rng.choice([150, 200, 300])) / 25.4 / DOTS_PER_MM
    extent = sheet.shape[0]
    turn = cv2.getRotationMatrix2D((extent / 2, extent / 2), rng.uniform(-2, 2), 1.0)
    turned = cv2.warpAffine(sheet, turn, (extent, extent), borderMode=cv2.BORDER_REPLICATE)
    glass = cv2.resize(
        blurred(turned, _BLUR_MM * DOTS_PER_MM), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    )
    noisy = glass + rng.normal(0, 0.012, glass.shape)
    levels = np.clip(noisy * rng.uniform(0.95, 1.1), 0, 1) ** (1 / 2.2) * 255
    return cv2.imencode(
        ".jpg", levels.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 90))]
    )[1].tobytes()
