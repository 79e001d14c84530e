"""Decodes pictures, the risky formats in a child process of bounded memory and time.

A child starts in a fifth of a second, so only HEIC and TIFF go there: libde265, libheif and libtiff have a long record
of crashes on hostile bytes. The child (`__main__`) reads the file from standard input, sets its own limits before it
loads a decoder, and writes pages as it decodes them; what ends it early costs this process nothing.

What is *not* here: the formats (`decoding`).
"""

import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import IO, Final

from PIL import Image

from govseal.adapters.photo import decoding
from govseal.core.errors import MalformedImage

SECONDS: Final = 20
"""Wall time that a child gets for all pages; its processor time is bounded by the same."""

_CHILD: Final = (sys.executable, "-I", "-m", "govseal.adapters.photo")
_REFUSED: Final = b"refused"


def pages(content: bytes) -> Generator[Image.Image]:
    """Yield each page of a picture, grey and upright; one for all but TIFF.

    Raises:
        MalformedImage: not a picture, beyond the limits (`IMAGE_TOO_LARGE`), or its decoder crashed on it.
    """
    decoding.check_bytes(content)
    if decoding.is_heif(content) or decoding.is_tiff(content):
        return _from_child(content)
    return decoding.decoded(content)


def _from_child(content: bytes) -> Generator[Image.Image]:
    child = subprocess.Popen(  # noqa: S603 - our own module
        _CHILD,
        env={},  # it needs nothing of ours, and learns no secret
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    feeding = threading.Thread(target=_feed, args=(child.stdin, content))
    clock = threading.Timer(SECONDS, child.kill)
    with child:
        feeding.start()
        clock.start()
        try:
            if child.stdout is not None:  # as it was asked for
                yield from _received(child.stdout)
        finally:
            clock.cancel()
            child.kill()
            feeding.join()


def _feed(stdin: IO[bytes] | None, content: bytes) -> None:
    with suppress(OSError):  # the child has ended: what it wrote says why
        if stdin is not None:
            stdin.write(content)
            stdin.close()


def _received(stream: IO[bytes]) -> Iterator[Image.Image]:
    """Yield pages as the child writes them: a line `width height`, then the pixels; `end` when there are no more."""
    while True:
        word, *sizes = stream.readline(256).split() or [b"gone"]
        if word == b"end":
            return
        if word != b"page":
            raise _failure(word, sizes)
        width, height = (int(size) for size in sizes)
        pixels = stream.read(width * height) if width * height <= decoding.MAX_PIXELS else b""
        if not pixels or len(pixels) != width * height:
            raise _failure(b"gone", [])
        yield Image.frombytes("L", (width, height), pixels)


def _failure(word: bytes, facts: list[bytes]) -> MalformedImage:
    if word == _REFUSED and facts == [b"IMAGE_TOO_LARGE"]:
        return MalformedImage(
            "The picture is too large to be read: send a smaller one.", code="IMAGE_TOO_LARGE"
        )
    return MalformedImage("This picture is damaged, or too much to decode: send a JPEG of it.")
