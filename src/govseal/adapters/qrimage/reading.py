"""Finds QR codes in pictures and PDFs: the `CodeReader` port (docs/protocol.md section 4, "Reading").

Engines, tried in order until one finds a code, because they fail on different pictures:

1. zxing-cpp: 4 ms for a page at 200 dpi;
2. OpenCV's ArUco-based detector, 20 ms: noise, tilted sheets;
3. OpenCV's WeChat engine, up to a second a page, so on a reduced picture, and in a PDF on few pages only.
   Its decoder is whole in the wheel; the two neural models that some installations add to it (finding and
   enlarging tiny codes) are not, and are not used.

Invariants: pictures are bounded in bytes and pixels before they are decoded; whatever a decoder raises on
hostile bytes arrives as `MalformedImage`; a photograph is turned as its EXIF tag says, and corners are
given in the turned picture.

What is *not* here: rendering of PDF pages (`pdf`; given to the constructor), the meaning of a text.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageOps

from govseal.core.errors import MalformedImage
from govseal.core.ports import FoundCode

MAX_IMAGE_BYTES = 20 * 1024 * 1024
MAX_IMAGE_PIXELS = 60_000_000
PATIENT_PAGES = 3
"""A PDF in which no code was found yet: so many pages are also given to the slow engine."""

MAX_CODES = 32
"""A sheet has two; more than this many in one picture are not reported."""

_QR_CODES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_WECHAT_PIXELS = 4_000_000
_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")

Grey = NDArray[np.uint8]
Engine = Callable[[Grey], list[FoundCode]]
PageRenderer = Callable[[bytes], Iterator[Image.Image]]


class QrReader:
    """Reads QR codes with three engines; safe to share between threads.

    Args:
        render_pages: turns a PDF into one picture a page, raising `MalformedPdf`; `pdf.page_images` does.
        max_bytes: the largest picture accepted.
        max_pixels: the most pixels accepted, width times height.
    """

    def __init__(
        self,
        render_pages: PageRenderer,
        *,
        max_bytes: int = MAX_IMAGE_BYTES,
        max_pixels: int = MAX_IMAGE_PIXELS,
    ) -> None:
        self._render_pages = render_pages
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels

    def read_image(self, content: bytes) -> list[FoundCode]:
        """Return every QR code in a PNG, JPEG, WebP, TIFF or BMP, from the top down.

        Raises:
            MalformedImage: not an image, or beyond the limits.
        """
        return _find(self._grey(content), (*_QUICK, *_THOROUGH))

    def read_pdf(self, content: bytes) -> Iterator[tuple[int, list[FoundCode]]]:
        """Yield (page number from 1, codes) for each page, rendered.

        Raises:
            MalformedPdf: not a PDF, or beyond the limits.
        """
        patience = PATIENT_PAGES
        for number, page in enumerate(self._render_pages(content), start=1):
            grey = np.asarray(page.convert("L"))
            codes = _find(grey, _QUICK)
            if codes:
                patience = 0
            elif patience:
                patience -= 1
                codes = _find(grey, _THOROUGH)
            yield number, codes

    def _grey(self, content: bytes) -> Grey:
        if len(content) > self._max_bytes:
            raise MalformedImage(
                f"The image has more than {self._max_bytes // 1_048_576} MiB.",
                code="IMAGE_TOO_LARGE",
                size=len(content),
            )
        try:
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                self._check_pixels(image)
                return np.asarray(_on_white(ImageOps.exif_transpose(image)).convert("L"))
        except MalformedImage:
            raise
        except Exception as error:
            # Pillow's decoders raise a dozen types on hostile bytes (struct.error, SyntaxError, a bomb warning...).
            raise MalformedImage(
                "This is not a picture that can be read (PNG, JPEG, WebP, TIFF or BMP)."
            ) from error

    def _check_pixels(self, image: Image.Image) -> None:
        """Refuse before decoding: Pillow knows the size from the header."""
        if image.width * image.height > self._max_pixels:
            raise MalformedImage(
                f"The image has more than {self._max_pixels // 1_000_000} million pixels: send a smaller one.",
                code="IMAGE_TOO_LARGE",
                width=image.width,
                height=image.height,
            )


def _on_white(image: Image.Image) -> Image.Image:
    """Put a picture with transparency on white, as a sheet would show it."""
    if not image.has_transparency_data:
        return image
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)


def _find(grey: Grey, engines: Sequence[Engine]) -> list[FoundCode]:
    for engine in engines:
        found = engine(grey)
        if found:
            return sorted(found, key=lambda code: (code.corners[0][1], code.corners[0][0]))[:MAX_CODES]
    return []


def _with_zxing(grey: Grey) -> list[FoundCode]:
    found = zxingcpp.read_barcodes(grey, formats=_QR_CODES, text_mode=zxingcpp.TextMode.Plain)
    return [FoundCode(code.text, _zxing_corners(code.position)) for code in found if code.text]


def _zxing_corners(position: Any) -> tuple[tuple[float, float], ...]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return tuple((float(corner.x), float(corner.y)) for corner in corners)


def _with_aruco(grey: Grey) -> list[FoundCode]:
    try:
        read, texts, corners, _ = cv2.QRCodeDetectorAruco().detectAndDecodeMulti(grey)
    except (cv2.error, UnicodeDecodeError):
        return []
    return _from_opencv(texts, corners) if read else []


def _with_wechat(grey: Grey) -> list[FoundCode]:
    scale = min(1.0, (_WECHAT_PIXELS / grey.size) ** 0.5)
    reduced = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    try:
        texts, corners = cv2.wechat_qrcode.WeChatQRCode().detectAndDecode(reduced)
    except (cv2.error, UnicodeDecodeError):
        return []
    return _from_opencv(texts, corners, scale)


def _from_opencv(texts: Sequence[str], corners: Any, scale: float = 1.0) -> list[FoundCode]:
    """Pair texts with corners; a code that was located but not read has an empty text."""
    return [
        FoundCode(text, tuple((float(x) / scale, float(y) / scale) for x, y in quadrangle))
        for text, quadrangle in zip(texts, corners, strict=True)
        if text
    ]


_QUICK: Sequence[Engine] = (_with_zxing, _with_aruco)
_THOROUGH: Sequence[Engine] = (_with_wechat,)
