"""Decodes one file of JPEG, PNG, WebP, BMP, TIFF or HEIC into its pages, in this process.

Invariants: bytes and pixels are bounded from the header, before anything is decoded. A JPEG beyond the bound is
decoded at a half, a quarter or an eighth of its size, which its format allows at that size's cost, so the 200
megapixels of a new phone are read as 50; a progressive one is not, because it has to be held whole. Of a TIFF no more
than `MAX_PAGES` pages are looked at. A photograph is turned as its EXIF tag says. Whatever a decoder raises arrives
as `MalformedImage`.

What is *not* here: the bounds of memory and time that a process of its own gives (`apart`).
"""

import io
import warnings
from collections.abc import Generator
from typing import Any, Final

from PIL import Image, ImageOps, JpegImagePlugin

from govseal.core.errors import MalformedImage

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_PIXELS: Final = 60_000_000
"""Of a page once decoded, width times height."""

MAX_PAGES: Final = 50
"""Pages of a TIFF."""

_MAX_JPEG_PIXELS: Final = 400_000_000  # at an eighth of each side, 6 million
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})


def is_heif(content: bytes) -> bool:
    """Say whether a file is HEIF with a still picture (ISO/IEC 23008-12: a box `ftyp` with one of its brands)."""
    return content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS


def is_tiff(content: bytes) -> bool:
    """Say whether a file is TIFF or BigTIFF, of either byte order."""
    return content[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}


def decoded(content: bytes) -> Generator[Image.Image]:
    """Yield each page, grey and upright.

    Raises:
        MalformedImage: not a picture, or beyond the limits (`IMAGE_TOO_LARGE`).
    """
    check_bytes(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Pillow's own bound on pixels is above ours; odd tags are no matter
            yield from _pages(content)
    except MalformedImage:
        raise
    except Exception as error:
        # Pillow's decoders raise a dozen types on hostile bytes (struct.error, SyntaxError, ZeroDivisionError...).
        raise MalformedImage(
            "This is not a picture that can be read (JPEG, PNG, HEIC, WebP, TIFF or BMP)."
        ) from error


def check_bytes(content: bytes) -> None:
    """Raise `MalformedImage` when a file is longer than is looked at."""
    if len(content) > MAX_BYTES:
        limit = f"The picture has more than {MAX_BYTES // 1_048_576} MiB."
        raise MalformedImage(limit, code="IMAGE_TOO_LARGE", size=len(content))


def _pages(content: bytes) -> Generator[Image.Image]:
    with _opened(content) as image:
        for number in range(MAX_PAGES):
            if number:
                try:
                    image.seek(number)
                except EOFError:
                    return
            _bound(image)
            yield _grey(image)
            if image.format != "TIFF":
                return  # the frames of a moving picture are no pages


def _opened(content: bytes) -> Image.Image:
    if is_heif(content):
        import pi_heif  # noqa: PLC0415 - loads a decoder that only the child process needs

        heif: Image.Image = pi_heif.HeifImageFile(io.BytesIO(content))
        return heif
    return Image.open(io.BytesIO(content), formats=_FORMATS)


def _bound(image: Image.Image) -> None:
    """Refuse what is too large by its header; have a large JPEG decoded smaller."""
    pixels = image.width * image.height
    if isinstance(image, JpegImagePlugin.JpegImageFile) and not image.info.get("progressive"):
        if MAX_PIXELS < pixels <= _MAX_JPEG_PIXELS:
            shrink = (MAX_PIXELS / pixels) ** 0.5
            for divisor in (2, 4, 8):
                if 1 / divisor <= shrink:
                    image.draft("L", (image.width // divisor, image.height // divisor))
                    break
        else:
            image.draft("L", image.size)
        pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise MalformedImage(
            f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels: send a smaller one.",
            code="IMAGE_TOO_LARGE",
            width=image.width,
            height=image.height,
        )


def _grey(image: Image.Image) -> Image.Image:
    """Return the page upright and grey; what is transparent is put on white, as a sheet would show it."""
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        rgba = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    if upright.mode.startswith(("I", "F")):  # 16 and 32 bits a pixel: Pillow would cut off and not scale
        deep: Any = upright.convert("F")
        low, high = deep.getextrema()
        scale = 255 / max(high - low, 1e-9)
        upright = deep.point(lambda value: value * scale - low * scale)
    return upright.convert("L")
