"""The print test sheet: drawn, printed at a scale, photographed or scanned, and read back."""

import io

import cv2
import numpy as np
import pypdfium2
import pytest
from PIL import Image

from govseal.adapters.printsheet import SPOTS, draw, measure
from govseal.adapters.printsheet.layout import BLACK, PAPER_MM, PAPERS_MM
from govseal.adapters.qrimage import symbol
from govseal.core.errors import InputError, MalformedImage
from govseal.project.printtest import codes
from support.fonts import font_folder

CODES = codes("verify.example")
TEXTS = {name: code.text for name, code in CODES.items()}
DPI = 200
PIXELS_PER_MM = DPI / 25.4
OFF = 60, 90, 120, 75
"""How far each corner of the paper lies from where it would from straight above, in pixels."""


@pytest.fixture(scope="module")
def sheet() -> np.ndarray:
    pdf = draw({name: symbol(code) for name, code in CODES.items()}, fonts_folder=font_folder())
    page = pypdfium2.PdfDocument(pdf)[0]
    return np.asarray(page.render(scale=DPI / 72).to_pil().convert("L"))


def printed(sheet: np.ndarray, scale: float) -> np.ndarray:
    """Paper of the same size, on which the page came out smaller, as "fit to page" does it."""
    height, width = sheet.shape
    move = np.float32([[scale, 0, width * (1 - scale) / 2], [0, scale, height * (1 - scale) / 2]])
    return cv2.warpAffine(sheet, move, (width, height), flags=cv2.INTER_AREA, borderValue=255)


def photographed(paper: np.ndarray, *, blur: float = 1.0, light: float = 1.0) -> bytes:
    """On a dark table, at an angle, with uneven light, noise and JPEG."""
    height, width = paper.shape
    room = np.float32([(200, 150), (200, 150), (200, 150), (200, 150)])
    corners = np.float32([(0, 0), (width, 0), (width, height), (0, height)])
    lean = np.float32([(OFF[0], 40), (-OFF[1], 20), (-20, -OFF[2]), (30, -OFF[3])])
    bend = cv2.getPerspectiveTransform(corners, corners + room + lean)
    seen = cv2.warpPerspective(paper, bend, (width + 400, height + 300), borderValue=40, flags=cv2.INTER_AREA)
    seen = cv2.GaussianBlur(seen, (0, 0), blur)
    shade = np.linspace(1.0, 0.8, seen.shape[1])[None, :] * light
    noise = np.random.default_rng(7).normal(0, 4, seen.shape)
    return encoded(np.clip(seen * shade + noise, 0, 255).astype(np.uint8), "JPEG", quality=85)


def encoded(picture: np.ndarray, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, form, **options)
    return stream.getvalue()


@pytest.mark.parametrize("scale", [1.0, 0.97, 0.94])
def test_a_photo_tells_at_what_scale_the_sheet_was_printed(sheet: np.ndarray, scale: float) -> None:
    found = measure(photographed(printed(sheet, scale)), TEXTS)
    assert found.scale is not None
    assert found.scale.by == "paper"
    assert (found.scale.across, found.scale.down) == pytest.approx((scale, scale), abs=0.006)


@pytest.mark.parametrize("scale", [1.0, 0.94])
def test_a_photo_tells_letter_paper_from_a4(sheet: np.ndarray, scale: float) -> None:
    wide, high = (round(side * PIXELS_PER_MM) for side in PAPERS_MM["Letter"])
    letter = np.full((high, wide), 255, np.uint8)
    small = cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left = (wide - small.shape[1]) // 2
    part = small[max(len(small) - high, 0) // 2 :][:high]  # the rest is not printed
    top = (high - len(part)) // 2
    letter[top : top + len(part), left : left + small.shape[1]] = part
    found = measure(photographed(letter), TEXTS)
    assert found.scale is not None
    assert found.scale.paper == "Letter"
    assert (found.scale.across, found.scale.down) == pytest.approx((scale, scale), abs=0.006)


@pytest.mark.parametrize("scale", [1.0, 0.97])
def test_a_scan_tells_it_by_its_resolution(sheet: np.ndarray, scale: float) -> None:
    found = measure(encoded(printed(sheet, scale), "PNG", dpi=(DPI, DPI)), TEXTS)
    assert found.scale is not None
    assert found.scale.by == "resolution"
    assert (found.scale.across, found.scale.down) == pytest.approx((scale, scale), abs=0.004)


def test_without_edge_and_resolution_no_scale_is_told(sheet: np.ndarray) -> None:
    assert measure(encoded(sheet, "PNG"), TEXTS).scale is None


def test_a_camera_s_resolution_is_not_believed(sheet: np.ndarray) -> None:
    with Image.open(io.BytesIO(photographed(sheet))) as photo:
        width, height = photo.size
        close = photo.crop((300, 250, width - 300, height - 250))  # no edge of the paper is left
    assert measure(encoded(np.asarray(close), "JPEG", dpi=(72, 72)), TEXTS).scale is None


def test_every_size_is_read_from_a_good_scan_and_fewer_from_a_bad_photo(sheet: np.ndarray) -> None:
    good = measure(encoded(sheet, "PNG"), TEXTS)
    assert {spot.name for spot in good.read} == {spot.name for spot in SPOTS}
    bad = measure(photographed(sheet, blur=2.0), TEXTS)
    assert 3 <= len(bad.read) < len(SPOTS) - 3
    assert {spot.name for spot in (*bad.read, *bad.unread)} == {spot.name for spot in SPOTS}


def test_blur_and_contrast_are_measured(sheet: np.ndarray) -> None:
    crisp, soft = (measure(photographed(sheet, blur=blur), TEXTS).blur_mm for blur in (0.8, 1.8))
    assert crisp < soft
    assert soft == pytest.approx(2.56 * 1.8 / PIXELS_PER_MM, rel=0.3)  # of a Gaussian edge, 10 to 90 %
    assert measure(photographed(sheet), TEXTS).contrast > 0.8
    pale = (255 - (255 - sheet.astype(int)) // 3).astype(np.uint8)
    assert measure(encoded(pale, "PNG"), TEXTS).contrast == pytest.approx(1 / 3, abs=0.05)


def test_what_is_no_photo_of_the_sheet_is_refused_with_what_to_do(sheet: np.ndarray) -> None:
    with pytest.raises(InputError) as error:
        measure(encoded(np.full((400, 300), 255, np.uint8), "PNG"), TEXTS)
    assert error.value.code == "SHEET_NOT_FOUND"
    for content in (b"", b"nonsense", encoded(sheet, "PNG")[:2_000]):
        with pytest.raises(MalformedImage):
            measure(content, TEXTS)
    with pytest.raises(MalformedImage):
        measure(encoded(np.zeros((12_000, 12_000), np.uint8), "PNG"), TEXTS)


def test_nothing_on_the_sheet_lies_on_anything_else() -> None:
    x, y, side = BLACK
    boxes = [(one.x, one.y, one.side, 4 * one.side / symbol(CODES[one.name]).size) for one in SPOTS]
    boxes.append((x, y, side, 1.0))
    for at, (x1, y1, side1, quiet1) in enumerate(boxes):
        assert min(x1, y1) - quiet1 >= 10
        assert x1 + side1 + quiet1 <= PAPER_MM[0] - 10
        assert y1 + side1 + quiet1 <= PAPER_MM[1] - 10
        for x2, y2, side2, quiet2 in boxes[at + 1 :]:
            quiet = max(quiet1, quiet2)
            apart = x1 + side1 + quiet <= x2 or x2 + side2 + quiet <= x1
            assert apart or y1 + side1 + quiet <= y2 or y2 + side2 + quiet <= y1
