"""QR codes drawn: the right symbol, in three forms (what is found again: `test_qrimage_reading`)."""

import io

import numpy as np
import pytest
import segno
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from govseal.adapters import pdf
from govseal.adapters.photo import decoding
from govseal.adapters.qrimage import QrReader, Symbol, symbol
from govseal.core.errors import InputError, TooLargeError
from govseal.core.qrtext import CompactCode
from support.codes import COMPACT, OFFLINE, SECRET, Text

READER = QrReader(pdf.page_images, decoding.decoded)
"""Of pictures that we have just drawn, which need no process of their own to be decoded."""


def texts(content: bytes, reader: QrReader = READER) -> list[str]:
    return [code.text for code in reader.read_image(content)]


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
    path = "".join(f"M{column + 4} {row + 4}h{length}v1h-{length}" for column, row, length in drawn.runs())
    assert drawn.svg().endswith(f'<path d="{path}"/></svg>')
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


def test_a_symbol_is_a_plain_value() -> None:
    assert symbol(COMPACT) == symbol(COMPACT) == Symbol(symbol(COMPACT).rows)
