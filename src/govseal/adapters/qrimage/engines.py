"""The decoders of QR codes, each as a function from a grey picture to what it found.

zxing-cpp is the quickest and reads what is clean at any size; WeChat's engine of OpenCV reads what is blurred, coarse
or stained, best when it is enlarged and sharpened first; OpenCV's ArUco-based detector holds out longest against
noise. They fail on different pictures (docs/paper.md has figures).

WeChat's decoder is whole in OpenCV's wheel; the two neural models that some installations add to it are not, and are
not used: `regions` and the enlargements of `searching` stand in for them.

What is *not* here: which engine gets which part of a picture, and when (`searching`).
"""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from govseal.core.ports import FoundCode

Grey = NDArray[np.uint8]
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


def _zxing_corners(position: Any) -> tuple[tuple[float, float], ...]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return tuple((float(corner.x), float(corner.y)) for corner in corners)


def _from_opencv(texts: Sequence[str], corners: Any) -> list[FoundCode]:
    """Pair texts with corners; a code that was located but not read has an empty text."""
    return [
        FoundCode(text, tuple((float(x), float(y)) for x, y in quadrangle))
        for text, quadrangle in zip(texts, corners, strict=True)
        if text
    ]
