"""One sheet through its copies and captures, read by each reader; and how many of many sheets were read.

Each sheet has a seed of its own, so that it can be made again alone:

    made(Point("peer", 20.0, 2, "sheet"), number=7)

Readers, the same for all codes: `phone` is zxing-cpp once over the picture, which is close to what a phone's own camera
does with a frame; `platform` is the search of the public page, with no bound on its time, so that results do not
depend on the machine.

What is *not* here: pictures and tables of the results (`plot`, `__main__`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import cv2
import numpy as np
from bench.paper import camera, copier, press, scanner, subjects
from bench.paper.subjects import Grey

from govseal.adapters.qrimage import engines
from govseal.adapters.qrimage.searching import ATTEMPTS, search

SEED: Final = 20_261_122
CAPTURES: Final = ("scan", *camera.WAYS)
READERS: Final = ("phone", "platform")

_LOOKS: Final = 6 * len(ATTEMPTS)
"""Six windows' worth of attempts: a picture here holds one code and some text."""


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """One condition.

    Attributes:
        profile: of `subjects.PROFILES`.
        side_mm: printed width of the code without its quiet zone.
        copies: photocopies of photocopies, 0 for the print itself.
        capture: of `CAPTURES`.
    """

    profile: str
    side_mm: float
    copies: int
    capture: str


def read_counts(
    points: list[Point], sheets: int, *, first: int = 0
) -> Iterator[tuple[Point, dict[str, int]]]:
    """Yield each point with how many of `sheets` each reader read; neighbours on one sheet share its copies."""
    for (profile, side_mm), alike in groupby(points, key=lambda one: (one.profile, one.side_mm)):
        counts = {point: dict.fromkeys(READERS, 0) for point in alike}
        for number in range(first, first + sheets):
            for point, picture, text in _pictures(profile, side_mm, set(counts), number):
                for reader in READERS:
                    counts[point][reader] += is_read(picture, text, reader)
        yield from counts.items()


def made(point: Point, number: int) -> tuple[bytes, str]:
    """Return sheet `number` under one condition: the file that a reader gets, and the text that it has to find."""
    (made_one,) = _pictures(point.profile, point.side_mm, {point}, number)
    return made_one[1], made_one[2]


def is_read(picture: bytes, text: str, reader: str) -> bool:
    """Say whether a reader finds `text` in a picture."""
    grey = np.asarray(cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)
    found: list[str] = []
    if reader == "phone":
        found += [code.text for code in engines.zxing(grey)]
    else:
        patience = iter(range(_LOOKS))
        search(grey, lambda: next(patience, None) is not None, lambda code: found.append(code.text))
    return text in found


def _pictures(
    profile: str, side_mm: float, points: set[Point], number: int
) -> Iterator[tuple[Point, bytes, str]]:
    seeds = np.random.SeedSequence([SEED, number]).spawn(2)
    rng = np.random.default_rng(seeds[0])
    printed = subjects.subject(profile, side_mm, rng)
    sheet = press.printed(subjects.page(printed), rng)
    for copies in range(max(point.copies for point in points) + 1):
        if copies:
            sheet = copier.copied(sheet, rng)
        for capture in CAPTURES:
            point = Point(profile, side_mm, copies, capture)
            if point in points:
                yield (
                    point,
                    _captured(sheet, capture, np.random.default_rng([SEED, number, copies])),
                    printed.text,
                )


def _captured(sheet: Grey, capture: str, rng: np.random.Generator) -> bytes:
    if capture == "scan":
        return scanner.scanned(sheet, rng)
    return camera.photographed(sheet, camera.WAYS[capture], rng)
