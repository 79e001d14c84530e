"""Reading: what a photo of 12 megapixels takes, and how many photos it takes until one is read.

The peers of a photo are OpenCV's own detector and zxing-cpp once over the picture. The peer of a code is a link of
verify.gov.kh's form, printed as wide, copied and photographed by the same chances, read by the same reader; the
laboratory behind it is `bench.paper`, whose curves are in docs/paper.md. "Photos until one reads" is one over the share
of photos that were read; where none was, it is their number, which is less than the truth.

Both sides of a row read the same files from memory and begin with decoding the JPEG. Ours runs in its child process.
"""

import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from bench.measure import Row
from bench.paper import desk
from bench.paper.trials import READERS, Point, read_counts

from govseal.adapters import pdf, photo
from govseal.adapters.qrimage import QrReader, engines

WAYS = ("sheet", "sent")
SIDE_MM = 20.0
OFFLINE_MM = 32.5
COPIES = 2
REACH = 3.0
OFFLINE_REACH = 0.95

Reader = Callable[[bytes], set[str]]


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows; `quick` makes fewer sheets."""
    yield from _photos(4 if quick else 12)
    yield from _sheets(10 if quick else 60)


def _photos(count: int) -> Iterator[Row]:
    photos = [desk.photo("compact", SIDE_MM, COPIES, number) for number in range(count)]
    reader = QrReader(pdf.page_images, photo.pages, search_seconds=60)

    def ours(content: bytes) -> set[str]:
        return {code.text for code in reader.read_image(content)}

    ours(photos[0][0])  # the child process has loaded its decoders
    name = f"12-megapixel photo of a sheet copied {COPIES} times"
    mine = _run(ours, photos)
    opencv, zxing = _run(_opencv, photos), _run(_zxing, photos)
    yield Row(f"{name}, against OpenCV's detector", mine[0] * 1000, opencv[0] * 1000, "ms", 1)
    yield Row(f"{name}: zxing-cpp once, our first look", zxing[0] * 1000, None, "ms", None)
    for peer, (_, until) in (("OpenCV's detector", opencv), ("zxing-cpp once", zxing)):
        yield Row(f"{name}: photos until one reads, against {peer}", mine[1], until, "", 1)


def _run(reads: Reader, photos: list[tuple[bytes, str]]) -> tuple[float, float]:
    """Return (seconds a photo, photos until one reads)."""
    begun = time.perf_counter()
    read = sum(text in reads(content) for content, text in photos)
    return (time.perf_counter() - begun) / len(photos), _until_one(read, len(photos))


def _opencv(content: bytes) -> set[str]:
    _, texts, _, _ = cv2.QRCodeDetector().detectAndDecodeMulti(_grey(content))
    return set(texts)


def _zxing(content: bytes) -> set[str]:
    return {code.text for code in engines.zxing(_grey(content))}


def _grey(content: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)


def _sheets(sheets: int) -> Iterator[Row]:
    measured = {
        profile: dict(read_counts([Point(profile, side, COPIES, way) for way in WAYS], sheets))
        for profile, side in (("compact", SIDE_MM), ("peer", SIDE_MM), ("offline", OFFLINE_MM))
    }
    until = {
        (point.profile, point.capture, reader): _until_one(counts[reader], sheets)
        for counted in measured.values()
        for point, counts in counted.items()
        for reader in READERS
    }
    for reader in READERS:
        for way in WAYS:
            name = f"photos ({way}) until one reads, {reader}: compact at {SIDE_MM:g} mm against the link"
            yield Row(name, until["compact", way, reader], until["peer", way, reader], "", REACH)
    for way in WAYS:
        name = f"photos ({way}) until one reads, platform: offline at {OFFLINE_MM:g} mm"
        yield Row(name, until["offline", way, "platform"], 1 / OFFLINE_REACH, "", 1)


def _until_one(read: int, of: int) -> float:
    return of / max(read, 1)
