"""Photos and scans become grey pages: every form, turned, bounded, and hostile bytes harm nobody."""

import base64
import io
import os
import struct
import sys
import threading
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from govseal.adapters import photo
from govseal.adapters.photo import apart, decoding
from govseal.adapters.qrimage import engines, symbol
from govseal.core.errors import MalformedImage, OutsideError
from support.codes import COMPACT

HEIC = base64.b64decode((Path(__file__).parent / "compact.heic.b64").read_text())
"""`COMPACT` at four pixels a module, encoded once with pillow-heif 1.8.1; pi-heif only decodes."""

CLEAR_WEBP = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvP99SFwcQERGIiP4HAA==")
"""8,000 by 7,500 pixels of nothing, lossless, encoded once with libwebp 1.6.0."""


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def picture() -> Image.Image:
    return Image.open(io.BytesIO(symbol(COMPACT).png(module_px=5))).convert("L")


def texts(content: bytes) -> list[str]:
    return [code.text for page in photo.pages(content) for code in engines.zxing(np.asarray(page))]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_every_accepted_form_is_read(form: str, mode: str) -> None:
    assert texts(encoded(picture().convert(mode), form)) == [COMPACT.text]


def test_a_phones_heic_is_read() -> None:
    assert texts(HEIC) == [COMPACT.text]


def test_a_scan_of_16_bits_a_pixel_is_read() -> None:
    deep = Image.fromarray(np.asarray(picture()).astype(np.uint16) * 200)
    assert texts(encoded(deep, "TIFF")) == texts(encoded(deep, "PNG")) == [COMPACT.text]


def test_a_photograph_is_turned_as_its_exif_tag_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn me 90 degrees clockwise to see me upright"
    (page,) = photo.pages(encoded(Image.new("L", (300, 200)), "JPEG", exif=exif))
    assert page.size == (200, 300)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_a_red_stamp_is_light_when_black_ink_alone_is_asked_for(form: str) -> None:
    stamped = encoded(Image.new("RGB", (64, 64), (230, 20, 30)), form)
    (seen,), (black,) = photo.pages(stamped), photo.pages(stamped, black_only=True)
    assert np.mean(seen) == pytest.approx(84, abs=4)
    assert np.mean(black) == pytest.approx(230, abs=4)


def test_a_picture_without_colours_has_no_page_of_black_ink_alone() -> None:
    assert list(photo.pages(encoded(picture(), "PNG"), black_only=True)) == []


def test_a_transparent_webp_of_sixty_megapixels_is_read() -> None:
    (page,) = photo.pages(CLEAR_WEBP)
    assert page.width * page.height == decoding.MAX_PIXELS
    assert page.getextrema() == (255, 255)


def test_a_code_on_a_transparent_ground_is_on_white() -> None:
    transparent = Image.new("RGBA", picture().size, (0, 0, 0, 0))
    transparent.putalpha(picture().point(lambda value: 255 - value))
    assert texts(encoded(transparent, "PNG")) == [COMPACT.text]


def test_pages_of_a_tiff_come_one_by_one_up_to_the_bound() -> None:
    many = encoded(Image.new("1", (8, 8)), "TIFF", save_all=True, append_images=[Image.new("1", (8, 8))] * 80)
    assert len(list(photo.pages(many))) == photo.MAX_PAGES


def test_the_frames_of_a_moving_picture_are_no_pages() -> None:
    for form in ("WEBP", "GIF"):
        moving = encoded(picture(), form, save_all=True, append_images=[Image.new("L", picture().size)])
        assert len(list(photo.pages(moving))) == 1


# --- bounds ---------------------------------------------------------------------------------------------


def test_too_many_bytes_are_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_BYTES", 100)
    with pytest.raises(MalformedImage) as caught:
        list(photo.pages(encoded(picture(), "PNG")))
    assert caught.value.code == "IMAGE_TOO_LARGE"


@pytest.mark.parametrize("form", ["PNG", "BMP", "WEBP", "GIF", "TIFF"])
def test_too_many_pixels_are_refused_before_decoding(form: str) -> None:
    bomb = {
        "PNG": lambda: png_of(20_000, 20_000),
        "BMP": lambda: b"BM" + struct.pack("<IHHIIiiHH", 0, 0, 0, 54, 40, 30_000, 30_000, 1, 24) + bytes(24),
        "WEBP": lambda: b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<IB", 10, 0) + bytes(3)
        + (16_000).to_bytes(3, "little") * 2,
        "GIF": lambda: b"GIF89a" + struct.pack("<HHBBBB4HB", 65_535, 65_535, 0, 0, 0, 0x2C, 0, 0, 65_535, 65_535, 0)
        + b"\x02\x02\x4c\x01\x00;",
        "TIFF": lambda: encoded(Image.new("1", (20_000, 20_000)), "TIFF", compression="group4"),
    }[form]()  # fmt: skip
    with pytest.raises(MalformedImage):
        list(photo.pages(bomb))


def png_of(width: int, height: int) -> bytes:
    """Return a PNG whose header promises so many pixels, and no more than that."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def test_a_jpeg_beyond_the_bound_is_decoded_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_PIXELS", 12_000)
    large = picture().resize((370, 370))
    (page,) = decoding.decoded(encoded(large, "JPEG"))
    assert page.size == (93, 93)
    with pytest.raises(MalformedImage) as caught:
        list(decoding.decoded(encoded(large, "JPEG", progressive=True)))
    assert caught.value.code == "IMAGE_TOO_LARGE"


def test_a_phones_two_hundred_megapixels_are_read_as_fifty() -> None:
    (page,) = photo.pages(encoded(Image.new("L", (16_320, 12_240), 200), "JPEG"))
    assert page.size == (8_160, 6_120)


# --- hostile bytes --------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
def test_random_bytes_are_no_image(content: bytes) -> None:
    with pytest.raises(MalformedImage):
        list(photo.pages(content))


@settings(max_examples=4 if not os.environ.get("GOVSEAL_SOAK") else 300, deadline=None)
@given(st.data())
def test_a_damaged_picture_harms_only_its_child(data: st.DataObject) -> None:
    for whole in (HEIC, encoded(picture(), "TIFF", compression="tiff_lzw"), encoded(picture(), "WEBP")):
        content = bytearray(whole)
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(16, len(content) - 1))] = data.draw(st.integers(0, 255))
        with suppress(MalformedImage):
            assert all(page.mode == "L" for page in photo.pages(bytes(content)))


def test_who_decodes_knows_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVSEAL_SEAL_PASSPHRASE", "made up")
    says = "import os; print('gone' if 'GOVSEAL_SEAL_PASSPHRASE' in os.environ else 'end')"
    monkeypatch.setattr(apart, "_CHILD", (sys.executable, "-I", "-c", says))
    assert list(photo.pages(HEIC)) == []


def test_a_child_that_is_killed_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "SECONDS", 0.0)
    with pytest.raises(MalformedImage, match="too much to decode"):
        list(photo.pages(encoded(Image.new("L", (4000, 4000)), "TIFF", compression="tiff_lzw")))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "HEIC"])
def test_a_decoder_that_crashes_is_one_clear_answer(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    monkeypatch.setattr(apart, "_CHILD", (sys.executable, "-I", "-c", crash))
    with pytest.raises(MalformedImage, match="too much to decode") as caught:
        list(photo.pages(HEIC if form == "HEIC" else encoded(picture(), form)))
    assert caught.value.code == "IMAGE_UNDECODABLE"


def test_what_takes_more_memory_than_a_child_has_is_refused() -> None:
    limits = "from govseal.adapters.photo import __main__ as child; child._MEMORY = 200 << 20; child.main()"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "_CHILD", (sys.executable, "-I", "-c", limits))
        assert texts(encoded(picture(), "PNG")) == [COMPACT.text]
        with pytest.raises(MalformedImage, match="too much to decode"):
            list(photo.pages(encoded(Image.new("RGBA", (7000, 7000)), "PNG", compress_level=1)))


def test_what_begins_like_no_picture_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_CHILD", ("/nowhere",))
    with pytest.raises(MalformedImage):
        list(photo.pages(b"\0\0\0\x0cjP  " + bytes(100)))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_a_picture_that_came_by_half_is_said_to_be_damaged(form: str) -> None:
    content = encoded(picture(), form)
    with pytest.raises(MalformedImage) as caught:
        list(photo.pages(content[: len(content) // 2]))
    assert caught.value.code == "IMAGE_UNDECODABLE"


def test_only_some_are_decoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    content = encoded(picture(), "PNG")
    monkeypatch.setattr(apart, "_TURNS", threading.BoundedSemaphore(1))
    first = photo.pages(content)
    next(first)
    monkeypatch.setattr(apart, "SECONDS", 0.0)
    with pytest.raises(OutsideError, match="Too many pictures"):
        list(photo.pages(content))
    first.close()
    monkeypatch.undo()
    assert texts(content) == [COMPACT.text]
