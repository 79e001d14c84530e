"""A phone's photo of a sheet that lies, is held, was folded, or curls.

Geometry: a pinhole over a surface that is a cylinder, with a crease where it was folded; folds and curves as the two
kinds of deformation follow Ma et al., "DocUNet: Document Image Unwarping via a Stacked U-Net", CVPR 2018. Noise: shot
noise of the electrons that a pixel holds plus read noise, EMVA Standard 1288. A photo sent by messenger is reduced to
1,280 pixels on its long side and encoded anew, as measured at Telegram (ticktechtold.com/telegram-compress-image,
2022: 6000 x 4000 became 1280 x 853 and 40 kB).

Strengths, our assumption for a cheap phone in a room: 8 or 12 megapixels over 60 degrees of view, tilts to 25
degrees, lens and demosaicing 0.7 to 1.5 pixels (sigma), a shake of 1.2 pixels on average, one photo in five out of
focus, 400 to 3,000 electrons at white, one sheet in five folded through the code, one in three under a shadow's edge,
one in eight with glare. The phone then smooths, sharpens, and writes JPEG at 75 to 95.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from bench.paper.subjects import DOTS_PER_MM, Grey, blurred

SHEET_MM = 297.0
MESSENGER_PIXELS = 1280
_SIDES = (3264, 4000)  # long sides of 8 and 12 megapixels
_FOCAL = 0.87  # focal length over the long side: 60 degrees of view
_OVERSAMPLING = 2


@dataclass(frozen=True, slots=True)
class Way:
    """How a photo is taken and handed on.

    Attributes:
        width_mm: how much paper the photo's long side shows, at least and at most.
        sent: whether it comes by messenger.
    """

    width_mm: tuple[float, float]
    sent: bool = False


WAYS = {
    "close": Way((90, 160)),
    "sheet": Way((SHEET_MM * 1.05, SHEET_MM * 1.4)),
    "sent": Way((SHEET_MM * 1.05, SHEET_MM * 1.4), sent=True),
}
"""Close to the code; the whole A4 sheet with some table around it; the same, sent by messenger."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """The surface: height over the table in mm, by the place on the sheet from the code's middle, in mm."""

    curl: float  # 1/mm
    towards: float  # radians
    crease: float | None  # mm from the middle
    slope: float

    def along(self, x: Grey, y: Grey) -> Grey:
        return x * np.cos(self.towards) + y * np.sin(self.towards)

    def height(self, x: Grey, y: Grey) -> Grey:
        u = self.along(x, y)
        height = self.curl * u * u / 2
        return height if self.crease is None else height + self.slope * np.abs(u - self.crease)

    def facing(self, x: Grey, y: Grey) -> Grey:
        """Return how much light the surface takes, 1 when flat: Lambert's cosine, light from the side."""
        u = self.along(x, y)
        slope = self.curl * u
        if self.crease is not None:
            slope = slope + self.slope * np.sign(u - self.crease)
        return 1.0 - 0.7 * slope


def photographed(sheet: Grey, way: Way, rng: np.random.Generator) -> bytes:
    """Return the part of a photo that shows `sheet`, whose middle is the code's, as JPEG."""
    side = float(rng.choice(_SIDES))
    scale = side / rng.uniform(*way.width_mm)
    light = _lit(*_seen(sheet, scale, side, rng), rng)
    sharp = through_the_lens(light, rng)
    picture = developed(exposed(sharp, rng), rng)
    if not way.sent:
        return jpeg(picture, rng.integers(75, 96))
    arrived = cv2.imdecode(np.frombuffer(jpeg(picture, 90), np.uint8), cv2.IMREAD_GRAYSCALE)
    reduced = MESSENGER_PIXELS / side
    small = cv2.resize(arrived, None, fx=reduced, fy=reduced, interpolation=cv2.INTER_AREA)
    return jpeg(small, rng.integers(70, 88))


def _seen(
    sheet: Grey, scale: float, side: float, rng: np.random.Generator
) -> tuple[Grey, Grey, Grey, _Shape]:
    """Return (light from the sheet, x, y on the sheet in mm, its shape) for each pixel of the window, oversampled."""
    focal, fine = _FOCAL * side * _OVERSAMPLING, scale * _OVERSAMPLING
    extent = sheet.shape[0]
    half = round(extent / DOTS_PER_MM / 2 * fine)
    shape = _shape(rng, extent / DOTS_PER_MM)
    row, column = np.mgrid[-half:half, -half:half].astype(np.float32)
    off = rng.uniform(-0.25, 0.25, 2) * side * _OVERSAMPLING  # the code is seldom in the photo's middle
    tilted = _rotation(rng)
    rays = np.stack([column + off[0], row + off[1], np.full_like(row, focal)]).reshape(3, -1)
    centre = np.array([off[0], off[1], focal]) / fine  # where the code's middle stands, from the camera, mm
    rays, eye = tilted.T @ rays, tilted.T @ -centre
    x = y = np.zeros(rays.shape[1], np.float32)
    for _ in range(4):  # the surface is nearly flat: the ray's meeting with it settles at once
        reach = (-shape.height(x, y) - eye[2]) / rays[2]
        x, y = eye[0] + reach * rays[0], eye[1] + reach * rays[1]
    x, y = (part.reshape(row.shape).astype(np.float32) for part in (x, y))
    soft = blurred(sheet, 0.4 * DOTS_PER_MM / fine) if fine < DOTS_PER_MM else sheet
    places = (x * DOTS_PER_MM + extent / 2, y * DOTS_PER_MM + extent / 2)
    light = cv2.remap(soft, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0.9)
    return _creased(light, x, y, shape, rng), x, y, shape


def _shape(rng: np.random.Generator, extent_mm: float) -> _Shape:
    crease = rng.uniform(-extent_mm / 4, extent_mm / 4) if rng.random() < 0.2 else None
    towards = float(rng.choice([0.0, np.pi / 2])) + rng.normal(0, 0.1)
    curl = rng.normal(0, 1 / 900) if rng.random() < 0.6 else 0.0
    return _Shape(curl, towards, crease, np.tan(np.radians(rng.uniform(-10, 10))))


def _rotation(rng: np.random.Generator) -> np.ndarray:
    """Return the turn from the sheet's to the camera's axes: in the hand any way round, then tilted."""
    roll = np.radians(rng.normal(0, 6) + rng.choice([0, 90, 270, 180], p=[0.7, 0.12, 0.12, 0.06]))
    tilt = np.radians(min(abs(rng.normal(0, 11)), 25.0))
    axis = rng.uniform(0, 2 * np.pi)
    turn = cv2.Rodrigues(np.array([0.0, 0.0, roll]))[0]
    return cv2.Rodrigues(tilt * np.array([np.cos(axis), np.sin(axis), 0.0]))[0] @ turn


def _creased(light: Grey, x: Grey, y: Grey, shape: _Shape, rng: np.random.Generator) -> Grey:
    """Rub toner off along the crease, 0.2 to 0.6 mm wide and not everywhere."""
    if shape.crease is None:
        return light
    broken = blurred(rng.standard_normal(light.shape, np.float32), 3.0) * 6.0 + 0.8
    near = np.exp(-(((shape.along(x, y) - shape.crease) / rng.uniform(0.1, 0.3)) ** 2)) * np.clip(
        broken, 0, 1
    )
    return light * (1 - near) + 0.8 * near


def _lit(light: Grey, x: Grey, y: Grey, shape: _Shape, rng: np.random.Generator) -> Grey:
    """Put the room's light on the sheet: fall-off, facing, a shadow's edge, glare; then down to the photo's pixels."""
    towards = rng.uniform(0, 2 * np.pi)
    across = x * np.cos(towards) + y * np.sin(towards)
    lit = light * shape.facing(x, y) * np.clip(1.0 - rng.uniform(0, 0.006) * across, 0.3, 1.7)
    if rng.random() < 0.33:
        edge = across - rng.normal(0, 12)
        lit = lit * (1.0 - rng.uniform(0.3, 0.65) / (1.0 + np.exp(-edge / rng.uniform(0.7, 5.0))))
    if rng.random() < 0.125:
        far = (x - rng.normal(0, 12)) ** 2 + (y - rng.normal(0, 12)) ** 2
        lit = lit + rng.uniform(0.1, 0.55) * np.exp(-far / rng.uniform(6, 20) ** 2)
    return cv2.resize(lit, None, fx=1 / _OVERSAMPLING, fy=1 / _OVERSAMPLING, interpolation=cv2.INTER_AREA)


def through_the_lens(light: Grey, rng: np.random.Generator) -> Grey:
    """Blur by lens and demosaicing, by missed focus, and by the hand's shake."""
    soft = blurred(light, rng.uniform(0.7, 1.5))
    if rng.random() < 0.2:
        radius = rng.uniform(1.0, 3.5)
        extent = int(np.ceil(radius)) * 2 + 1
        row, column = np.mgrid[:extent, :extent] - extent // 2
        disc = np.clip(radius + 0.5 - np.hypot(row, column), 0, 1).astype(np.float32)
        soft = cv2.filter2D(soft, -1, disc / disc.sum(), borderType=cv2.BORDER_REPLICATE)
    length = min(rng.exponential(1.2), 6.0)
    streak = np.zeros((15, 15), np.float32)
    angle = rng.uniform(0, np.pi)
    for step in np.linspace(-length / 2, length / 2, 31):
        x, y = 7 + step * np.cos(angle), 7 + step * np.sin(angle)
        left, top = int(x), int(y)
        for dx, dy in ((0, 0), (0, 1), (1, 0), (1, 1)):
            streak[top + dy, left + dx] += abs(1 - dx - (x - left)) * abs(1 - dy - (y - top))
    return cv2.filter2D(soft, -1, streak / streak.sum(), borderType=cv2.BORDER_REPLICATE)


def exposed(light: Grey, rng: np.random.Generator) -> Grey:
    """Count electrons: the paper is put near the top of the range, give or take half a stop."""
    white = np.percentile(light, 90)
    level = np.clip(light / white * 0.8 * 2 ** rng.normal(0, 0.3), 0, 1)
    full = np.exp(rng.uniform(np.log(400), np.log(3000)))
    electrons = rng.poisson(level * full) + rng.normal(0, 4.0, level.shape)
    return np.clip(electrons / full, 0, 1).astype(np.float32)


def developed(raw: Grey, rng: np.random.Generator) -> np.ndarray:
    """Smooth the noise, bend the tones, sharpen: 8 bits a pixel."""
    tones = blurred(raw, rng.uniform(0.4, 0.9)) ** (1 / 2.2)
    sharpened = tones + rng.uniform(0.2, 1.0) * (tones - blurred(tones, 1.5))
    return (np.clip(sharpened, 0, 1) * 255).astype(np.uint8)


def jpeg(picture: np.ndarray, quality: float) -> bytes:
    """Write a picture as JPEG."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1].tobytes()
