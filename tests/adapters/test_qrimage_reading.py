"""QR codes found again: in bad pictures, several at once, within a time, and with a reason when there is none."""

import gc
import io
import itertools
import resource
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from govseal.adapters import pdf, photo
from govseal.adapters.qrimage import QrReader, apart, engines, searching, symbol
from govseal.adapters.qrimage.hindrance import blur, hindrance
from govseal.adapters.qrimage.regions import regions
from govseal.core.errors import GovsealError, InputError, MalformedImage
from govseal.core.ports import FoundCode
from support.codes import COMPACT, OFFLINE, Text, blank_pdf
from support.waiting import PATIENCE

READER = QrReader(pdf.page_images, photo.pages, search_seconds=PATIENCE)
QUICK = QrReader(pdf.page_images, photo.pages, search_seconds=0)
FOREIGN = Text(("https://shop.example/menu",))


@pytest.fixture(autouse=True)
def _however_slow_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_WALL", PATIENCE)


def texts(content: bytes, reader: QrReader = READER) -> list[str]:
    return [code.text for code in reader.read_image(content)]


def encoded(image: Image.Image | np.ndarray, form: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    picture = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    picture.save(stream, form, **options)
    return stream.getvalue()


def drawn(code: Text = COMPACT, module_px: int = 5) -> Image.Image:
    return Image.open(io.BytesIO(symbol(code).png(module_px=module_px))).convert("L")


def sheet(*, ground: int = 255) -> Image.Image:
    """Return a grey page with both codes on it, the offline one above."""
    page = Image.new("L", (1000, 1400), ground)
    for code, place in ((OFFLINE, (80, 60)), (COMPACT, (500, 900))):
        page.paste(drawn(code), place)
    return page


def in_a_room(code: Text, *, px: int, soft: float = 0.0, size: tuple[int, int] = (1500, 1100)) -> np.ndarray:
    """Return a photo of a sheet on a table with `code` drawn `px` pixels a module, and lines of words."""
    picture = np.full(size, 90, np.uint8)
    picture[80:-80, 80:-80] = 215
    for line in range(150, 700, 40):
        text = "The bearer has passed the examination of the year"
        cv2.putText(picture, text, (140, line), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 40, 2)
    part = np.asarray(drawn(code, px)).astype(np.float32) / 255 * 175 + 40
    picture[760 : 760 + part.shape[0], 500 : 500 + part.shape[1]] = part
    noise = np.random.default_rng(3).normal(0, 4, size)
    blurred = cv2.GaussianBlur(picture, (0, 0), soft) if soft else picture
    return np.clip(blurred + noise, 0, 255).astype(np.uint8)


# --- one code -------------------------------------------------------------------------------------------


def test_codes_are_found_from_the_top_down_with_their_corners() -> None:
    found = READER.read_image(encoded(sheet()))
    assert [code.text for code in found] == [OFFLINE.text, COMPACT.text]
    (left, top), (right, _), _, _ = found[1].corners
    assert (left, top) == pytest.approx((520, 920), abs=4)
    assert right == pytest.approx(520 + 29 * 5, abs=4)


def test_each_engine_reads_the_clean_sheet_and_agrees_on_the_place() -> None:
    grey = np.asarray(sheet())
    for engine in (engines.zxing, engines.zxing_one_threshold, engines.wechat, engines.aruco):
        corners = {code.text: code.corners for code in engine(grey)}
        assert corners[COMPACT.text][0] == pytest.approx((520, 920), abs=6), engine


def noisy(code: np.ndarray) -> np.ndarray:
    return np.clip(code + np.random.default_rng(1).normal(0, 90, code.shape), 0, 255).astype(np.uint8)


def coarse(code: np.ndarray) -> np.ndarray:
    small = cv2.resize(code, None, fx=0.36, fy=0.36, interpolation=cv2.INTER_AREA)  # 1.8 pixels a module
    return cv2.GaussianBlur(small, (0, 0), 0.8)


@pytest.mark.parametrize("damage", [noisy, coarse])
def test_what_the_first_look_does_not_read_is_read_with_patience(
    damage: Callable[[np.ndarray], np.ndarray],
) -> None:
    picture = damage(np.asarray(drawn(OFFLINE)))
    assert engines.zxing(picture) == []
    assert texts(encoded(picture)) == [OFFLINE.text]
    assert texts(encoded(picture), QUICK) == []


def test_a_tilted_sheet_is_read() -> None:
    page = np.asarray(sheet())
    height, width = page.shape
    before = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    after = np.float32([[90, 40], [width - 60, 0], [width, height], [0, height - 100]])
    change = cv2.getPerspectiveTransform(before, after)
    assert texts(encoded(cv2.warpPerspective(page, change, (width, height), borderValue=255))) == [
        OFFLINE.text,
        COMPACT.text,
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda grey: grey[:, ::-1],
        lambda grey: 255 - grey,
        lambda grey: 255 - grey[:, ::-1],
        lambda grey: (grey / 255 * 16 + 120).astype(np.uint8),
        np.rot90,
    ],
    ids=["mirrored", "inverted", "inverted and mirrored", "faint", "turned"],
)
def test_a_code_seen_another_way_is_read(change: Callable[[np.ndarray], np.ndarray]) -> None:
    assert texts(encoded(np.ascontiguousarray(change(np.asarray(sheet()))))) != []


def test_a_soft_code_seen_from_behind_is_read_by_an_attempt_that_mirrors() -> None:
    picture = np.ascontiguousarray(in_a_room(COMPACT, px=2, soft=1.2)[:, ::-1])
    assert engines.zxing(picture) == []
    (found,) = READER.read_image(encoded(picture))
    assert found.text == COMPACT.text
    (x, y), *_ = found.corners
    assert (x, y) == pytest.approx((1100 - 508, 768), abs=6)


def test_a_small_soft_code_on_a_large_photo_is_found_where_it_is() -> None:
    picture = in_a_room(COMPACT, px=2, soft=1.2)
    assert engines.zxing(picture) == []
    (found,) = READER.read_image(encoded(picture))
    assert found.text == COMPACT.text
    assert found.corners[0] == pytest.approx((508, 768), abs=6)


# --- several codes --------------------------------------------------------------------------------------


def test_a_small_code_is_not_missed_beside_a_large_one_of_somebody_else() -> None:
    picture = in_a_room(COMPACT, px=2, soft=1.2)
    shop = np.asarray(drawn(FOREIGN, 6))
    picture[1180 : 1180 + shop.shape[0], 120 : 120 + shop.shape[1]] = shop
    assert [code.text for code in engines.zxing(picture)] == [FOREIGN.text]
    assert set(texts(encoded(picture))) == {FOREIGN.text, COMPACT.text}


def test_a_code_is_reported_once_however_many_windows_show_it() -> None:
    told: list[FoundCode] = []
    findings = searching.Findings(told.append)
    for left in (0, 3):
        findings.add(engines.zxing(np.asarray(drawn())), left, 0)
    assert len(told) == 1


def test_the_window_that_looks_most_like_a_code_is_the_code() -> None:
    for px in (2, 4, 8):
        assert regions(in_a_room(COMPACT, px=px))[0].holds(500 + 18 * px, 760 + 18 * px)


# --- time -----------------------------------------------------------------------------------------------


def test_nothing_more_is_tried_once_patience_is_over() -> None:
    picture = np.random.default_rng(2).integers(0, 255, (300, 300), np.uint8)
    patience = iter([True, True])
    searching.search(picture, lambda: next(patience, False), lambda _: pytest.fail("there is no code"))
    assert list(patience) == []


def finder_patterns() -> np.ndarray:
    """Return a picture that keeps every engine busy: finder patterns and nothing else."""
    pattern = np.pad(np.zeros((7, 7), np.uint8), 1, constant_values=1)
    pattern[2:7, 2:7] = 1
    pattern[3:6, 3:6] = 0
    return np.tile(pattern, (330, 440)) * 255


def test_a_picture_made_to_keep_decoders_busy_ends_its_child_only() -> None:
    reader = QrReader(pdf.page_images, photo.pages, search_seconds=0.1)
    with pytest.raises(InputError):
        reader.read_image(encoded(finder_patterns()))
    assert texts(encoded(sheet()), reader) == [OFFLINE.text, COMPACT.text]


def test_no_picture_takes_more_processor_time_than_all_its_stages_have() -> None:
    gc.collect()  # what tests before have left ends now, and not while this child is measured
    child = apart.Searchers()._taken()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert child.ask(finder_patterns(), 0.0) == (
        [],
        apart.GRACE,
    )  # the first look alone takes zxing-cpp 20 seconds
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert child._process.returncode == -signal.SIGPROF
    starting = 5.0
    assert after.ru_utime - before.ru_utime < apart.GRACE + starting


def test_what_was_found_before_the_time_was_over_counts() -> None:
    searchers = apart.Searchers()
    grey = np.asarray(sheet())
    child = searchers._taken()
    found, took = child.ask(grey, 0.0)
    assert 0 < took < apart.GRACE
    assert {code.text for code in found} == {OFFLINE.text, COMPACT.text}
    child.kill()
    assert child.ask(grey, 1.0) == ([], 1.0)
    assert {code.text for code in searchers.search(grey, 1.0)[0]} == {OFFLINE.text, COMPACT.text}


def test_who_searches_knows_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVSEAL_SEAL_PASSPHRASE", "made up")
    child = apart.Searchers()._taken()
    environment = Path(f"/proc/{child._process.pid}/environ").read_bytes()
    child.kill()
    assert environment
    assert b"made up" not in environment


def test_a_file_of_many_pages_without_a_code_is_given_up() -> None:
    times = itertools.count(0, 8)
    reader = QrReader(
        pdf.page_images, photo.pages, search_seconds=0, file_seconds=40, clock=lambda: float(next(times))
    )
    with pytest.raises(InputError) as refused:
        list(reader.read_pdf(blank_pdf(pages=40)))
    assert refused.value.code == "NO_CODE_IN_TIME"
    assert 2 < refused.value.facts["pages"] < 10


def test_every_page_is_numbered_and_read() -> None:
    def pages(_: bytes) -> Iterator[Image.Image]:
        yield Image.new("L", (200, 200), 255)
        yield sheet()

    found = dict(QrReader(pages, pages, search_seconds=0).read_pdf(b""))
    assert [len(found[number]) for number in (1, 2)] == [0, 2]


def test_the_codes_of_all_pages_of_a_tiff_are_found() -> None:
    pages = [drawn(code) for code in (FOREIGN, COMPACT)]
    content = encoded(Image.new("L", (400, 400), 255), "TIFF", save_all=True, append_images=pages)
    assert texts(content) == [FOREIGN.text, COMPACT.text]


@settings(max_examples=4)
@given(st.data())
def test_a_damaged_image_never_raises_anything_else(data: st.DataObject) -> None:
    for form in ("PNG", "JPEG", "BMP"):
        content = bytearray(encoded(drawn(module_px=2), form))
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        try:
            QUICK.read_image(bytes(content))
        except GovsealError as error:
            assert isinstance(error, MalformedImage)  # noqa: PT017 - either outcome is fine, another type is not


# --- why there is none ----------------------------------------------------------------------------------


def torn(picture: np.ndarray) -> np.ndarray:
    picture[784:850, 524:600] = 215
    return picture


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (in_a_room(COMPACT, px=6) // 8, "NO_CODE_DARK"),
        (in_a_room(COMPACT, px=1), "NO_CODE_SMALL"),
        (in_a_room(COMPACT, px=6, soft=5.0), "NO_CODE_BLURRED"),
        (in_a_room(COMPACT, px=6, soft=14.0), "NO_CODE_BLURRED"),
        (torn(in_a_room(COMPACT, px=6)), "NO_CODE"),
        (np.full((600, 600), 200, np.uint8), "NO_CODE_SEEN"),
    ],
    ids=["dark", "small", "soft", "softer", "torn", "nothing"],
)
def test_the_cause_is_measured(picture: np.ndarray, code: str) -> None:
    assert hindrance(picture) == code


def test_a_page_of_words_is_nothing_like_a_code() -> None:
    picture = in_a_room(COMPACT, px=6)
    picture[700:1400, 400:] = 215
    assert hindrance(picture) == "NO_CODE_SEEN"


@pytest.mark.parametrize("sigma", [1.5, 3.0, 6.0])
def test_blur_is_measured_in_pixels(sigma: float) -> None:
    stripes = np.zeros((200, 240), np.uint8)
    stripes[:, np.arange(240) // 30 % 2 == 1] = 200
    assert blur(cv2.GaussianBlur(stripes, (0, 0), sigma)) == pytest.approx(sigma, rel=0.25)


def test_a_pdf_without_codes_says_so() -> None:
    with pytest.raises(InputError) as refused:
        list(QrReader(pdf.page_images, photo.pages, search_seconds=0.1).read_pdf(blank_pdf()))
    assert refused.value.code == "NO_CODE_SEEN"


def test_the_cause_is_that_of_the_page_that_bears_something_like_a_code() -> None:
    opened = []

    def pages(content: bytes) -> Iterator[Image.Image]:
        opened.append(content)
        yield Image.new("L", (400, 400), 255)
        yield Image.fromarray(torn(in_a_room(COMPACT, px=6)))

    with pytest.raises(InputError) as refused:
        QrReader(pages, pages, search_seconds=0.01).read_image(b"a scan")
    assert refused.value.code == "NO_CODE"
    assert opened == [b"a scan"]  # decoded once, whatever is asked of it


# --- without coloured inks ------------------------------------------------------------------------------


def stamped() -> Image.Image:
    """Return a black code under a red stamp, in colour."""
    black = np.asarray(drawn(COMPACT, 6))
    stamp = np.full((*black.shape, 3), 255, np.uint8)
    for place in range(30, 240, 30):
        cv2.putText(stamp, "RECEIVED", (0, place), cv2.FONT_HERSHEY_DUPLEX, 1.4, (210, 30, 40), 6)
    return Image.fromarray(np.minimum(black[..., None], stamp))


def lightest(content: bytes) -> Iterator[Image.Image]:
    yield Image.fromarray(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).max(axis=2))


def test_a_code_under_a_coloured_stamp_is_read() -> None:
    content = encoded(stamped())
    with pytest.raises(InputError):
        QrReader(pdf.page_images, photo.pages, search_seconds=0.1).read_image(content)
    reader = QrReader(pdf.page_images, photo.pages, open_black=lightest, search_seconds=0.1)
    (found,) = reader.read_image(content)
    assert (found.text, found.page) == (COMPACT.text, 1)


def test_a_code_under_a_coloured_stamp_on_a_scanned_page_is_read() -> None:
    scanned = encoded(stamped(), "PDF", resolution=72)
    black = partial(pdf.page_images, black_only=True)
    reader = QrReader(pdf.page_images, photo.pages, render_black=black, search_seconds=0.1)
    assert [code.text for _, codes in reader.read_pdf(scanned) for code in codes] == [COMPACT.text]


def test_a_page_without_colour_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = QrReader(pdf.page_images, photo.pages, open_black=lightest, search_seconds=0.1)
    searched = []
    search = reader._searchers.search
    monkeypatch.setattr(reader._searchers, "search", lambda *given: searched.append(given) or search(*given))
    with pytest.raises(InputError):
        reader.read_image(encoded(Image.new("RGB", (300, 300), (200, 200, 200))))
    assert len(searched) == 1


def test_what_is_too_much_in_colour_is_told_by_what_was_seen_in_grey() -> None:
    def refused(_: bytes) -> Iterator[Image.Image]:
        raise MalformedImage("too much")
        yield

    reader = QrReader(pdf.page_images, photo.pages, open_black=refused, search_seconds=0.1)
    with pytest.raises(InputError) as told:
        reader.read_image(encoded(Image.new("L", (300, 300), 200)))
    assert told.value.code == "NO_CODE_SEEN"
