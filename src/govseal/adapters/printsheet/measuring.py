"""Reads a photo or a scan of the sheet: its real scale, which codes can be read, contrast and sharpness.

The corners of every code that is read give one projective map from the sheet's own millimetres to the picture. Seen
through it, a sheet printed at 97 % lies on paper that is 1 / 0.97 too large: that is how the scale is known.

Invariants: no scale is told that nothing real was measured for; a picture is bounded before it is decoded.
"""

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image, ImageOps

from govseal.adapters.printsheet.layout import BLACK, PAPER_MM, PAPERS_MM, SPOTS, Spot
from govseal.adapters.printsheet.paper import paper_corners
from govseal.core.errors import InputError, MalformedImage

MAX_PIXELS = 110_000_000
_MM_PER_INCH = 25.4
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_LEAST_CODES = 3
_LEAST_SPREAD_MM = 80.0
_PLAUSIBLE = (0.5, 1.5)
_OUTLIER_PX = 4.0
_SAMPLES = 256

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """The size of the print, as a part of what it should be.

    Attributes:
        across: 1.0 is right, 0.97 is three per cent too small.
        down: the same from top to bottom.
        by: what is real in the picture: `paper` (its edges) or `resolution` (the scanner's).
        paper: by which the edges are known, of `PAPERS_MM`; empty for a scan.
    """

    across: float
    down: float
    by: str
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a picture tells.

    Attributes:
        read: the spots whose codes could be read.
        unread: the others.
        scale: None when nothing real is in the picture.
        contrast: of the black square against the paper, 0 to 1.
        blur_mm: over how many millimetres of the sheet black turns to white, a tenth to nine tenths.
    """

    read: tuple[Spot, ...]
    unread: tuple[Spot, ...]
    scale: Scale | None
    contrast: float
    blur_mm: float


def measure(content: bytes, texts: Mapping[str, str]) -> Measured:
    """Return what a photo or scan of the sheet tells.

    Args:
        content: a JPEG or PNG.
        texts: what each code says, by the names of `SPOTS`.

    Raises:
        MalformedImage: no picture, or too large a one.
        InputError: too few of the sheet's codes can be read to know its plane (`SHEET_NOT_FOUND`).
    """
    grey, resolution = _opened(content)
    named = {text: spot for spot in SPOTS if (text := texts.get(spot.name))}
    found = {
        named[code.text].name: (named[code.text], _corners(code))
        for code in zxingcpp.read_barcodes(grey, formats=_QR)
        if code.text in named
    }
    plane = _plane(list(found.values()))
    contrast, blur_mm = _black_square(grey, plane)
    return Measured(
        read=tuple(spot for spot in SPOTS if spot.name in found),
        unread=tuple(spot for spot in SPOTS if spot.name not in found),
        scale=_scale(grey, plane, resolution),
        contrast=contrast,
        blur_mm=blur_mm,
    )


def _opened(content: bytes) -> tuple[npt.NDArray[np.uint8], tuple[float, float] | None]:
    """Return the upright grey picture and its stated pixels an inch, across and down."""
    try:
        with (
            warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning),
            Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image,
        ):
            _require_bounded(image)
            stated = image.info.get("dpi")
            grey = np.asarray(ImageOps.exif_transpose(image).convert("L"))
    except MalformedImage:
        raise
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
    ) as error:  # Pillow raises all of these for damaged files
        raise MalformedImage("The picture cannot be read: give a JPEG or PNG.") from error
    return grey, (float(stated[0]), float(stated[1])) if stated else None


def _require_bounded(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise MalformedImage("The picture is larger than can be read here.", code="IMAGE_TOO_LARGE")


def _corners(code: Any) -> Points:
    place = code.position
    ordered = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    return np.array([(one.x, one.y) for one in ordered], dtype=np.float64)


def _plane(found: list[tuple[Spot, Points]]) -> Points:
    """Return the map from the sheet's millimetres to pixels."""
    spots = [spot for spot, _ in found]
    wide = max((one.x for one in spots), default=0) - min((one.x for one in spots), default=0)
    high = max((one.y for one in spots), default=0) - min((one.y for one in spots), default=0)
    if len(found) < _LEAST_CODES or min(wide, high) < _LEAST_SPREAD_MM:
        raise InputError(
            "Too few codes of the print test can be read in this picture: take a sharp photo of the whole sheet, from"
            " straight above.",
            code="SHEET_NOT_FOUND",
            read=len(found),
        )
    sheet = np.vstack([_square(one.x, one.y, one.side) for one in spots])
    pixels = np.vstack([corners for _, corners in found])
    plane, _ = cv2.findHomography(sheet, pixels, cv2.RANSAC, _OUTLIER_PX)
    if plane is None:
        raise InputError("The codes in this picture do not lie on one sheet.", code="SHEET_NOT_FOUND")
    return np.asarray(plane, dtype=np.float64)


def _square(x: float, y: float, side: float) -> Points:
    return np.array([(x, y), (x + side, y), (x + side, y + side), (x, y + side)])


def _mapped(points: Points, plane: Points) -> Points:
    return np.asarray(cv2.perspectiveTransform(points.reshape(-1, 1, 2), plane).reshape(-1, 2))


# --- the scale ----------------------------------------------------------------------------------------


def _scale(
    grey: npt.NDArray[np.uint8], plane: Points, resolution: tuple[float, float] | None
) -> Scale | None:
    """Compare the sheet's millimetres with real ones: the paper's edges, else a scanner's resolution."""
    paper = paper_corners(grey)
    if paper is not None:
        seen = _mapped(paper, np.asarray(np.linalg.inv(plane), dtype=np.float64))
        across = (_length(seen[0], seen[1]) + _length(seen[3], seen[2])) / 2
        down = (_length(seen[0], seen[3]) + _length(seen[1], seen[2])) / 2
        if across > down:  # photographed with the sheet on its side
            across, down = down, across
        name, (wide, high) = min(
            PAPERS_MM.items(), key=lambda one: abs(np.log(one[1][0] * down / (one[1][1] * across)))
        )
        return _plausible(Scale(wide / across, high / down, "paper", name))
    if resolution is None or not _is_flat(plane):
        return None
    x, y = PAPER_MM[0] / 2, PAPER_MM[1] / 2
    ends = _mapped(np.array([(x, y), (x + 50.0, y), (x, y + 50.0)]), plane)
    per_mm = np.array(resolution) / _MM_PER_INCH
    if not per_mm.all():
        return None
    across, down = (_length(ends[0] / per_mm, ends[at] / per_mm) / 50 for at in (1, 2))
    return _plausible(Scale(across, down, "resolution"))


def _is_flat(plane: Points) -> bool:
    """Say whether the picture is a scan: a camera's has perspective, and states a resolution that means nothing."""
    ends = _mapped(_square(0, 0, 200.0), plane)
    sides = [_length(ends[at], ends[(at + 1) % 4]) for at in range(4)]
    return max(sides) / min(sides) < 1.01  # noqa: PLR2004 - a scanner's error, a hundredth


def _plausible(scale: Scale) -> Scale | None:
    low, high = _PLAUSIBLE
    return scale if low < scale.across < high and low < scale.down < high else None


def _length(one: Points, other: Points) -> float:
    return float(np.linalg.norm(one - other))


# --- contrast and sharpness ---------------------------------------------------------------------------


def _black_square(grey: npt.NDArray[np.uint8], plane: Points) -> tuple[float, float]:
    """Return contrast, and the width in mm of the turn from black to white, at the square's four edges."""
    x, y, side = BLACK
    middle, reach = side / 2, side / 4
    centre = np.array([x + middle, y + middle])
    rises, dark, light = list[float](), list[float](), list[float]()
    for outward in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        edge = centre + middle * np.array(outward)
        steps = np.linspace(-reach, reach, _SAMPLES)[:, None] * np.array(outward)
        profile = _sampled(grey, _mapped(edge + steps, plane))
        dark.append(float(np.median(profile[: _SAMPLES // 4])))
        light.append(float(np.median(profile[-_SAMPLES // 4 :])))
        rises.append(_rise(profile, dark[-1], light[-1]) * 2 * reach / _SAMPLES)
    white = max(float(np.mean(light)), 1.0)
    return max(0.0, (white - float(np.mean(dark))) / white), float(np.median(rises))


def _rise(profile: Points, dark: float, light: float) -> int:
    """Count the samples between a tenth and nine tenths of the way from dark to light."""
    part = (profile - dark) / max(light - dark, 1.0)
    above, below = np.flatnonzero(part > 0.9), np.flatnonzero(part < 0.1)  # noqa: PLR2004 - the usual definition
    if not len(above) or not len(below):
        return _SAMPLES
    return max(1, int(above[above > below[0]][0] - below[-1]) if (above > below[0]).any() else _SAMPLES)


def _sampled(grey: npt.NDArray[np.uint8], points: Points) -> Points:
    where = points.astype(np.float32).reshape(-1, 1, 2)
    row = cv2.remap(grey, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(row, dtype=np.float64).reshape(-1)
