"""The decoders of QR codes, each as a function from a grey picture to what it found.

zxing-cpp is the quickest and reads what is clean at any size; WeChat's engine of OpenCV reads what is blurred, coarse
or stained, best when it is enlarged and sharpened first; OpenCV's ArUco-based detector holds out longest against
noise. They fail on different pictures (docs/paper.md has figures).

WeChat's decoder is whole in OpenCV's wheel; the two neural models that some installations add to it are not, and are
not used: `regions` and the enlargements of `searching` stand in for them.

What is *not* here: which engine gets which part of a picture, and when (`searching`).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from govseal.core.ports import FoundCode

Grey = NDArray[np.uint8]
Corners = tuple[tuple[float, float], ...]
Engine = Callable[[Grey], list[FoundCode]]

_QR_CODES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def zxing(grey: Grey, *, binarizer: zxingcpp.Binarizer = zxingcpp.Binarizer.LocalAverage) -> list[FoundCode]:
    """Read with zxing-cpp, which also reads inverted and mirrored codes: some 30 ms for 12 megapixels."""
    found = zxingcpp.read_barcodes(
        grey, formats=_QR_CODES, text_mode=zxingcpp.TextMode.Plain, binarizer=binarizer
    )
    return [FoundCode(code.text, _zxing_corners(code.position)) for code in found if code.text]


def zxing_one_threshold(grey: Grey) -> list[FoundCode]:
    """Read with zxing-cpp and one threshold for all: for a window, where its local one sees modules as ground."""
    return zxing(grey, binarizer=zxingcpp.Binarizer.GlobalHistogram)


def decoded(clean: Grey) -> str:
    """Return the text of a picture that is one upright symbol and nothing else; empty when it has errors."""
    found = zxingcpp.read_barcodes(clean, formats=_QR_CODES, text_mode=zxingcpp.TextMode.Plain, is_pure=True)
    return next((code.text for code in found if code.valid), "")


def located(grey: Grey) -> Iterator[tuple[Corners, int | None]]:
    """Yield (corners, modules on a side) of what may be a symbol, whether or not it can be read.

    zxing-cpp's come first, then OpenCV's, which does not know the size. The corners are the symbol's own: upper left,
    upper right, lower right, lower left.
    """
    evened = np.asarray(cv2.createCLAHE(4.0, (4, 4)).apply(grey), np.uint8)
    for part, scale, binarizer in (
        (grey, 2, zxingcpp.Binarizer.LocalAverage),
        (grey, 1, zxingcpp.Binarizer.LocalAverage),
        (grey, 3, zxingcpp.Binarizer.LocalAverage),
        (evened, 2, zxingcpp.Binarizer.LocalAverage),
        (grey, 2, zxingcpp.Binarizer.GlobalHistogram),
    ):
        seen = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        for code in zxingcpp.read_barcodes(seen, formats=_QR_CODES, binarizer=binarizer, return_errors=True):
            extra: Any = code.extra or {}
            version = str(extra.get("Version", ""))
            if version.isdigit():  # not a Micro QR or rMQR code
                corners = _zxing_corners(code.position)
                yield tuple((x / scale, y / scale) for x, y in corners), 17 + 4 * int(version)
    found, quadrangles = cv2.QRCodeDetector().detect(grey)
    for quadrangle in quadrangles if found else ():
        yield _corners(quadrangle), None


def wechat(grey: Grey) -> list[FoundCode]:
    """Read with OpenCV's WeChat engine: some 10 ms for a window, a second for a few megapixels without a code."""
    try:
        texts, corners = cv2.wechat_qrcode.WeChatQRCode().detectAndDecode(grey)
    except (cv2.error, UnicodeDecodeError):
        return []
    return _from_opencv(texts, corners)


def aruco(grey: Grey) -> list[FoundCode]:
    """Read with OpenCV's ArUco-based detector: 20 ms for a page at 200 dpi."""
    try:
        read, texts, corners, _ = cv2.QRCodeDetectorAruco().detectAndDecodeMulti(grey)
    except (cv2.error, UnicodeDecodeError):
        return []
    return _from_opencv(texts, corners) if read else []


def _zxing_corners(position: Any) -> Corners:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return tuple((float(corner.x), float(corner.y)) for corner in corners)


def _from_opencv(texts: Sequence[str], corners: Any) -> list[FoundCode]:
    """Pair texts with corners; a code that was located but not read has an empty text."""
    return [
        FoundCode(text, _corners(quadrangle)) for text, quadrangle in zip(texts, corners, strict=True) if text
    ]


def _corners(quadrangle: Any) -> Corners:
    return tuple((float(x), float(y)) for x, y in quadrangle)
