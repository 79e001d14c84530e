"""QR codes: the right symbol, drawn in three forms, found again in bad pictures, hostile pictures refused."""

import io
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
import segno
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from govseal.adapters import pdf
from govseal.adapters.qrimage import QrReader, Symbol, reading, symbol
from govseal.core.errors import GovsealError, InputError, MalformedImage, TooLargeError
from govseal.core.qrtext import CompactCode
from support.codes import COMPACT, OFFLINE, SECRET, Text, blank_pdf

READER = QrReader(pdf.page_images)


def texts(content: bytes, reader: QrReader = READER) -> list[str]:
    return [code.text for code in reader.read_image(content)]


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def sheet() -> Image.Image:
    """Return a grey page with both codes on it, the offline one above."""
    page = Image.new("L", (1000, 1400), 255)
    for code, place in ((OFFLINE, (80, 60)), (COMPACT, (500, 900))):
        page.paste(Image.open(io.BytesIO(symbol(code).png(module_px=5))).convert("L"), place)
    return page


# --- drawing --------------------------------------------------------------------------------------------


def test_a_compact_code_with_a_short_host_has_29_modules() -> None:
    assert symbol(CompactCode("abcdefgh.demo", SECRET)).size == 29


def test_a_compact_code_with_a_longer_host_has_33_modules() -> None:
    assert symbol(CompactCode("verify.ministry.demo", SECRET)).size == 33


def test_an_offline_code_of_230_bytes_has_65_modules() -> None:
    assert symbol(OFFLINE).size == 65


@pytest.mark.parametrize("length", range(4, 40, 3))
@pytest.mark.parametrize("digits", [39, 120, 560, 900])
def test_prefix_and_digits_take_the_version_of_one_byte_and_one_numeric_segment(
    length: int, digits: int
) -> None:
    prefix = f"https://{'x' * length}/s#"
    expected = segno.make([prefix, "1" * digits], error="m", boost_error=False, micro=False)
    assert symbol(Text((prefix, "1" * digits))).size == expected.symbol_size(border=0)[0]


def test_error_correction_is_level_m() -> None:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(symbol(OFFLINE).png())))
    assert found.ec_level == "M"


def test_a_text_that_no_symbol_holds_is_refused() -> None:
    for length in (2332, 10_000):
        with pytest.raises(TooLargeError):
            symbol(Text(("x" * length,)))


def test_png_and_pdf_read_back() -> None:
    for code in (COMPACT, OFFLINE):
        assert texts(symbol(code).png()) == [code.text]
        assert [[one.text for one in found] for _, found in READER.read_pdf(symbol(code).pdf())] == [
            [code.text]
        ]


def test_svg_and_pdf_paths_draw_exactly_the_modules() -> None:
    drawn = symbol(OFFLINE)
    modules = np.zeros((drawn.size, drawn.size), np.uint8)
    for column, row, length in drawn.runs():
        modules[row, column : column + length] = 1
    assert modules.tobytes() == b"".join(drawn.rows)
    runs = sum(1 for _ in drawn.runs())
    assert drawn.svg().count("M") == runs + 1  # and the white ground
    assert drawn.path().count(b" re") == runs


def test_a_quiet_zone_of_four_white_modules_surrounds_the_png() -> None:
    pixels = np.asarray(Image.open(io.BytesIO(symbol(COMPACT).png(module_px=2))).convert("L"))
    assert pixels.shape == (74, 74)
    assert pixels[:8].min() == pixels[-8:].min() == pixels[:, :8].min() == pixels[:, -8:].min() == 255
    assert pixels[8, 8] == 0


def test_the_printed_sizes_keep_to_the_rules_of_section_4() -> None:
    assert symbol(COMPACT).print_mm >= 14.5
    assert symbol(OFFLINE).print_mm >= 32.5
    assert symbol(OFFLINE).module_mm(33.02) == pytest.approx(0.508)


def test_modules_under_the_floor_are_refused_with_the_least_size() -> None:
    with pytest.raises(InputError, match=r"at least 12\.2 mm") as caught:
        symbol(COMPACT).module_mm(12)
    assert caught.value.code == "QR_TOO_SMALL"
    with pytest.raises(InputError):
        symbol(OFFLINE).pdf(side_mm=20)


@given(
    prefix=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=80),
    number=st.integers(0, 10**400),
)
def test_whatever_is_drawn_reads_back(prefix: str, number: int) -> None:
    code = Text((prefix, str(number)))
    assert texts(symbol(code).png(module_px=4)) == [code.text]


# --- reading --------------------------------------------------------------------------------------------


def test_several_codes_are_found_from_the_top_down_with_their_corners() -> None:
    found = READER.read_image(encoded(sheet()))
    assert [code.text for code in found] == [OFFLINE.text, COMPACT.text]
    (left, top), (right, _), _, _ = found[1].corners
    assert (left, top) == pytest.approx((520, 920), abs=4)
    assert right == pytest.approx(520 + 29 * 5, abs=4)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_every_accepted_form_is_read(form: str) -> None:
    assert texts(encoded(sheet(), form)) == [OFFLINE.text, COMPACT.text]


def test_a_noisy_photograph_needs_and_gets_another_engine() -> None:
    code = Image.open(io.BytesIO(symbol(OFFLINE).png(module_px=5))).convert("L")
    noise = np.random.default_rng(1).normal(0, 90, (code.height, code.width))
    grey = np.clip(np.asarray(code) + noise, 0, 255).astype(np.uint8)
    assert reading._with_zxing(grey) == []
    assert texts(encoded(Image.fromarray(grey))) == [OFFLINE.text]


def test_each_engine_reads_the_clean_sheet_and_agrees_on_the_place() -> None:
    grey = np.asarray(sheet())
    for engine in (*reading._QUICK, *reading._THOROUGH):
        corners = {code.text: code.corners for code in engine(grey)}
        assert corners[COMPACT.text][0] == pytest.approx((520, 920), abs=6), engine


def test_a_tilted_sheet_is_read() -> None:
    page = np.asarray(sheet())
    height, width = page.shape
    before = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    after = np.float32([[90, 40], [width - 60, 0], [width, height], [0, height - 100]])
    tilted = cv2.warpPerspective(
        page, cv2.getPerspectiveTransform(before, after), (width, height), borderValue=255
    )
    assert texts(encoded(Image.fromarray(tilted))) == [OFFLINE.text, COMPACT.text]


def test_a_photograph_is_turned_as_its_exif_tag_says() -> None:
    turned = sheet().transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn me 90 degrees clockwise to see me upright"
    found = READER.read_image(encoded(turned, "JPEG", exif=exif))
    assert found[0].corners[0] == pytest.approx((100, 80), abs=6)


def test_a_code_on_a_transparent_ground_is_read() -> None:
    code = Image.open(io.BytesIO(symbol(COMPACT).png())).convert("L")
    transparent = Image.new("RGBA", code.size, (0, 0, 0, 0))
    transparent.putalpha(code.point(lambda value: 255 - value))
    assert texts(encoded(transparent)) == [COMPACT.text]


def test_a_picture_without_a_code_gives_nothing() -> None:
    assert texts(encoded(Image.new("L", (300, 300), 200))) == []


def test_too_many_bytes_are_refused_before_decoding() -> None:
    with pytest.raises(MalformedImage) as caught:
        QrReader(pdf.page_images, max_bytes=100).read_image(symbol(COMPACT).png())
    assert caught.value.code == "IMAGE_TOO_LARGE"


def test_too_many_pixels_are_refused_before_decoding() -> None:
    bomb = encoded(Image.new("1", (20_000, 20_000)))
    assert len(bomb) < 100_000
    with pytest.raises(MalformedImage):
        READER.read_image(bomb)
    with pytest.raises(MalformedImage, match="million pixels"):
        QrReader(pdf.page_images, max_pixels=1000).read_image(symbol(COMPACT).png())


@given(st.binary(max_size=400))
def test_random_bytes_are_no_image(content: bytes) -> None:
    with pytest.raises(MalformedImage):
        READER.read_image(content)


@given(st.data())
def test_a_damaged_image_never_raises_anything_else(data: st.DataObject) -> None:
    for form in ("PNG", "JPEG", "TIFF"):
        content = bytearray(
            encoded(Image.open(io.BytesIO(symbol(COMPACT).png(module_px=2))).convert("L"), form)
        )
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        try:
            READER.read_image(bytes(content))
        except GovsealError as error:
            assert isinstance(error, MalformedImage)  # noqa: PT017 - either outcome is fine, another type is not


# --- PDFs -----------------------------------------------------------------------------------------------


def test_every_page_is_numbered_and_read() -> None:
    def pages(_: bytes) -> Iterator[Image.Image]:
        yield Image.new("L", (200, 200), 255)
        yield sheet()

    found = dict(QrReader(pages).read_pdf(b""))
    assert [len(found[number]) for number in (1, 2)] == [0, 2]


def test_a_long_pdf_without_codes_does_not_wait_for_the_slow_engine_on_every_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    monkeypatch.setattr(reading, "_THOROUGH", (lambda grey: asked.append(grey) or [],))
    assert len(list(READER.read_pdf(blank_pdf(pages=12)))) == 12
    assert len(asked) == reading.PATIENT_PAGES


def test_a_symbol_is_a_plain_value() -> None:
    assert symbol(COMPACT) == symbol(COMPACT) == Symbol(symbol(COMPACT).rows)
