"""Symbols that an engine finds and cannot read: bent, coarse, shifted line by line; and never read wrongly."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import segno

from govseal.adapters.qrimage import engines, symbol
from govseal.adapters.qrimage.patterns import DARK, fixed
from govseal.adapters.qrimage.redrawing import redrawn
from govseal.adapters.qrimage.surface import likeliest_size
from support.codes import COMPACT, OFFLINE, Text

PX = 6
QUIET = 8


def drawn(code: Text) -> np.ndarray:
    """Return a code in grey on a grey sheet, `PX` pixels a module and `QUIET` modules of paper around."""
    rows = symbol(code).rows
    modules = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), len(rows))
    dark = np.pad(modules, QUIET).astype(np.float32)
    return np.kron(200 - 150 * dark, np.ones((PX, PX), np.float32))


def taken(light: np.ndarray, *, scale: float = 1.0, soft: float = 1.0, noise: float = 4.0) -> np.ndarray:
    """Return what a camera makes of it."""
    small = cv2.resize(light, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    seen = cv2.GaussianBlur(small, (0, 0), soft)
    return np.clip(seen + np.random.default_rng(7).normal(0, noise, seen.shape), 0, 255).astype(np.uint8)


def moved(light: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    row, column = np.mgrid[: light.shape[0], : light.shape[1]].astype(np.float32)
    return cv2.remap(light, column + across, row + down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def folded(light: np.ndarray) -> np.ndarray:
    """Return it with a fold that stands up by five modules as a tilted camera sees it."""
    column = np.arange(light.shape[1], dtype=np.float32)
    crease = 0.42 * light.shape[1]
    rise = 5 * PX * np.minimum(column / crease, (light.shape[1] - column) / (light.shape[1] - crease))
    return taken(moved(light, 0.3 * rise, rise))


def coarse(light: np.ndarray) -> np.ndarray:
    return taken(light, scale=1.55 / PX, soft=0.75)


def fed_unevenly(light: np.ndarray) -> np.ndarray:
    """Return it with lines that a copier's feed has shifted by up to a third of a module."""
    row = np.arange(light.shape[0], dtype=np.float32)[:, None]
    shift = 0.35 * PX * np.sin(row / PX / 1.7)
    return taken(moved(light, 0 * shift, shift), scale=0.4, soft=1.1)


@pytest.mark.parametrize("damage", [folded, coarse, fed_unevenly])
def test_what_no_engine_reads_is_read_after_redrawing(damage: Callable[[np.ndarray], np.ndarray]) -> None:
    picture = damage(drawn(OFFLINE))
    assert engines.zxing(picture) == []
    assert engines.wechat(picture) == []
    (found,) = redrawn(picture)
    assert found.text == OFFLINE.text


@pytest.mark.parametrize("turn", range(4))
def test_a_code_is_redrawn_however_it_lies_and_its_corners_are_told(turn: int) -> None:
    picture = np.ascontiguousarray(np.rot90(taken(drawn(COMPACT)), turn))
    (found,) = redrawn(picture)
    assert found.text == COMPACT.text
    near, far = QUIET * PX, picture.shape[0] - QUIET * PX
    around = [(near, near), (far, near), (far, far), (near, far)]
    assert np.allclose(found.corners, np.roll(around, turn, axis=0), atol=PX)


@pytest.mark.parametrize("ruined", [(slice(120, 300), slice(120, 300)), (slice(0, 999), slice(180, 300))])
def test_a_code_of_which_too_much_is_gone_is_not_guessed(ruined: tuple[slice, slice]) -> None:
    light = drawn(OFFLINE)
    light[ruined] = 200
    assert redrawn(taken(light)) == []


def test_where_no_symbol_is_there_is_nothing_to_redraw() -> None:
    assert redrawn(np.random.default_rng(5).integers(0, 255, (200, 200), np.uint8)) == []


def test_the_function_patterns_of_every_version_stand_where_the_standard_puts_them() -> None:
    for version in (1, 2, 6, 7, 12, 14, 20):
        drawn_elsewhere = segno.make("1", version=version, error="m", micro=False).matrix
        dark = np.array([list(row) for row in drawn_elsewhere], bool)
        known = fixed(len(dark))
        assert (known[known != 0] == DARK).tolist() == dark[known != 0].tolist(), version


def test_the_size_is_told_by_the_function_patterns() -> None:
    for code, size in ((COMPACT, 29), (OFFLINE, len(symbol(OFFLINE).rows))):
        picture = taken(drawn(code)).astype(np.float32)
        near, far = QUIET * PX, picture.shape[0] - QUIET * PX
        assert likeliest_size(picture, [(near, near), (far, near), (far, far), (near, far)], 97) == size
