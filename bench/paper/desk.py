"""A whole A4 sheet on a desk, as a photo of 12 megapixels: what a person uploads who does not come close.

The code's own surroundings are made as everywhere in the laboratory; the rest of the page is text at 300 dpi, and the
sheet is flat. Lens, light's noise and JPEG are `camera`'s.

What is *not* here: shares of sheets read (`trials`), which need no whole page.
"""

from typing import Final

import cv2
import numpy as np
from bench.paper import camera, copier, press, subjects
from bench.paper.subjects import Grey
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 3000, 4000
_DOTS_PER_MM: Final = 300 / 25.4
_PAGE: Final = (2480, 3508)
_PLACES: Final = ((250, 2750), (1650, 2750), (1600, 150), (300, 150))


def photo(profile: str, side_mm: float, copies: int, number: int) -> tuple[bytes, str]:
    """Return sheet `number` as JPEG, and the text of its code."""
    rng = np.random.default_rng([number, WIDTH])
    printed = subjects.subject(profile, side_mm, rng)
    sheet = press.printed(subjects.page(printed), rng)
    for _ in range(copies):
        sheet = copier.copied(sheet, rng)
    seen = _on_the_desk(_page(sheet, side_mm, rng), rng)
    developed = camera.developed(camera.exposed(camera.through_the_lens(seen, rng), rng), rng)
    return camera.jpeg(developed, 85), printed.text


def _page(sheet: Grey, side_mm: float, rng: np.random.Generator) -> Grey:
    """Return a page of text with the code in one of its corners."""
    picture = Image.new("L", _PAGE, 232)
    draw = ImageDraw.Draw(picture)
    draw.text((700, 420), "MINISTRY OF EXAMPLES", fill=25, font=ImageFont.load_default(size=80))
    font = ImageFont.load_default(size=38)
    for number, y in enumerate(range(760, 2600, 62)):
        draw.text((250, y), subjects.words(number)[:100], fill=25, font=font)
    page = np.asarray(picture, np.float32) / 255
    code = cv2.resize(sheet, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    reach, middle = round(side_mm * _DOTS_PER_MM * 0.65) + 30, code.shape[0] // 2
    left, top = _PLACES[int(rng.integers(len(_PLACES)))]
    part = code[middle - reach : middle + reach, middle - reach : middle + reach]
    page[top : top + part.shape[0], left : left + part.shape[1]] = part
    return page


def _on_the_desk(page: Grey, rng: np.random.Generator) -> Grey:
    """Put the page on a dark desk, a little turned and tilted, under light that falls off."""
    scale = rng.uniform(0.72, 0.95) * HEIGHT / _PAGE[1]
    angle = np.radians(rng.normal(0, 5))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[0, 0], [_PAGE[0], 0], [_PAGE[0], _PAGE[1]], [0, _PAGE[1]]], np.float32)
    middle = np.array([WIDTH / 2, HEIGHT / 2]) + rng.normal(0, 60, 2)
    seen = (corners - np.array(_PAGE) / 2) * scale @ turn.T + middle + rng.normal(0, 70, (4, 2))
    change = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    grain = rng.standard_normal((400, 300), np.float32)
    desk = 0.35 + 0.02 * cv2.resize(grain, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    covered = cv2.warpPerspective(np.ones_like(page), change, (WIDTH, HEIGHT))
    picture = cv2.warpPerspective(page, change, (WIDTH, HEIGHT)) * covered + desk * (1 - covered)
    across = np.linspace(1, rng.uniform(0.45, 1), WIDTH, dtype=np.float32)
    down = np.linspace(1, rng.uniform(0.6, 1), HEIGHT, dtype=np.float32)
    return picture * across[None, :] * down[:, None]
