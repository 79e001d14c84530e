"""Decodes one file of JPEG, PNG, WebP, BMP, GIF, TIFF, HEIC or AVIF into its pages, in the process that calls it: the child's.

Invariants: bytes and pixels are bounded from the header, before anything is decoded. A JPEG beyond the bound is
decoded at a half, a quarter or an eighth of its size, which its format allows at that size's cost, so the 200
megapixels of a new phone are read as 50; a progressive one is not, because it has to be held whole. Of a TIFF no more
than `MAX_PAGES` pages are looked at. A photograph is turned as its EXIF tag says. Whatever a decoder raises arrives
as `MalformedImage`. A page of `MAX_PIXELS` is decoded within the child's memory, whatever its colours.

What is *not* here: the bounds of memory and time that a process of its own gives (`apart`).
"""

import io
import warnings
from collections.abc import Generator
from typing import Any, Final

from PIL import Image, ImageChops, ImageOps, JpegImagePlugin

from govseal.core.errors import MalformedImage

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_PIXELS: Final = 60_000_000
"""Of a page once decoded, width times height."""

MAX_PAGES: Final = 50
"""Pages of a TIFF."""

NO_PICTURE: Final = "This is not a picture that can be read (JPEG, PNG, HEIC, AVIF, WebP, GIF, TIFF or BMP)."

_MAX_JPEG_PIXELS: Final = 400_000_000  # at an eighth of each side, 6 million
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
_COLOURLESS: Final = frozenset({"1", "L", "LA", "I", "I;16", "I;16B", "F"})
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
_BEGINNINGS: Final = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"GIF8"),
    *(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
)


def is_picture(content: bytes) -> bool:
    """Say whether a file begins as one of the formats does; most of what is no picture is known by that."""
    return (
        content.startswith(_BEGINNINGS)
        or content[8:12] == b"WEBP"
        or is_heif(content)
        or content[4:12] == b"ftypavif"
    )


def is_heif(content: bytes) -> bool:
    """Say whether a file is HEIF with a still picture (ISO/IEC 23008-12: a box `ftyp` with one of its brands)."""
    return content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS


def decoded(content: bytes, *, black_only: bool = False) -> Generator[Image.Image]:
    """Yield each page, grey and upright.

    Args:
        content: the file.
        black_only: show no coloured ink: of a pixel its lightest colour, on which a red or blue stamp is white. Ends
            at the first page whose form has no colours.

    Raises:
        MalformedImage: not a picture, or beyond the limits (`IMAGE_TOO_LARGE`).
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd tags are no matter
            yield from _pages(content, black_only=black_only)
    except (MalformedImage, MemoryError):
        raise
    except Exception as error:
        # Pillow's decoders raise a dozen types on hostile bytes (struct.error, SyntaxError, ZeroDivisionError...).
        raise MalformedImage(NO_PICTURE) from error


def check_bytes(content: bytes) -> None:
    """Raise `MalformedImage` when a file is longer than is looked at."""
    if len(content) > MAX_BYTES:
        limit = f"The picture has more than {MAX_BYTES // 1_048_576} MiB."
        raise MalformedImage(limit, code="IMAGE_TOO_LARGE", size=len(content))


def _pages(content: bytes, *, black_only: bool) -> Generator[Image.Image]:
    with _opened(content) as image:
        for number in range(MAX_PAGES):
            if number:
                try:
                    image.seek(number)
                except EOFError:
                    return
            if black_only and image.mode in _COLOURLESS:
                return
            _bound(image, mode="RGB" if black_only else "L")
            yield _grey(image, black_only=black_only)
            if image.format != "TIFF":
                return  # the frames of a moving picture are no pages


def _opened(content: bytes) -> Image.Image:
    if is_heif(content):
        import pi_heif  # noqa: PLC0415 - loads a decoder that only the child process needs

        heif: Image.Image = pi_heif.HeifImageFile(io.BytesIO(content))
        return heif
    return Image.open(io.BytesIO(content), formats=_FORMATS)


def _bound(image: Image.Image, *, mode: str) -> None:
    """Refuse what is too large by its header; have a JPEG decoded to `mode`, a large one smaller."""
    pixels = image.width * image.height
    if isinstance(image, JpegImagePlugin.JpegImageFile) and not image.info.get("progressive"):
        if MAX_PIXELS < pixels <= _MAX_JPEG_PIXELS:
            shrink = (MAX_PIXELS / pixels) ** 0.5
            for divisor in (2, 4, 8):
                if 1 / divisor <= shrink:
                    image.draft(mode, (image.width // divisor, image.height // divisor))
                    break
        else:
            image.draft(mode, image.size)
        pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise MalformedImage(
            f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels: send a smaller one.",
            code="IMAGE_TOO_LARGE",
            width=image.width,
            height=image.height,
        )


def _grey(image: Image.Image, *, black_only: bool) -> Image.Image:
    """Return the page upright and grey; what is transparent is put on white, as a sheet would show it."""
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        return _on_white(upright)
    if upright.mode.startswith(("I", "F")):  # 16 and 32 bits a pixel: Pillow would cut off and not scale
        deep: Any = upright.convert("F")
        low, high = deep.getextrema()
        scale = 255 / max(high - low, 1e-9)
        upright = deep.point(lambda value: value * scale - low * scale)
    return _lightest(upright) if black_only else upright.convert("L")


def _lightest(image: Image.Image) -> Image.Image:
    red, green, blue = image.convert("RGB").split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _on_white(image: Image.Image) -> Image.Image:
    """Return what is seen of a transparent page, grey; two of its bytes a pixel are held, not four of each layer."""
    layers = image if image.mode in {"LA", "RGBA"} else image.convert("RGBA")
    alpha, grey = layers.getchannel("A"), layers.convert("L")
    return Image.composite(grey, Image.new("L", grey.size, 255), alpha)
