"""Decodes pictures in child processes of bounded memory and time, one for each file.

Every decoder of pictures has a record of crashes on hostile bytes, and a small file can promise a gigabyte. The child
(`__main__`) reads the file from standard input, sets its own limits before it decodes, and writes pages as it decodes
them; what ends it early costs this process nothing, and the person is told one thing: the picture cannot be decoded.
A child takes some 0.1 s, is used once, and so never holds what two people sent.

What is *not* here: the formats (`decoding`).
"""

import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Final

from PIL import Image

from govseal.adapters.photo import decoding
from govseal.core.errors import MalformedImage, OutsideError

SECONDS: Final = 20
"""Wall time that a child gets for all pages; its processor time is bounded by the same."""

_TURNS: Final = threading.BoundedSemaphore(4)
"""So many files at once, and no more than so many times the memory of a child."""

_CHILD: Final = (sys.executable, "-I", "-m", "govseal.adapters.photo")


def pages(content: bytes, *, black_only: bool = False) -> Generator[Image.Image]:
    """Yield each page of a picture, grey and upright; one for all but TIFF.

    Args:
        content: the file.
        black_only: show no coloured ink; ends at the first page whose form has no colours.

    Raises:
        MalformedImage: not a picture, beyond the limits (`IMAGE_TOO_LARGE`), or its decoder crashed on it or took
            more time or memory than it may (`IMAGE_UNDECODABLE`).
        OutsideError: too many others are being read.
    """
    decoding.check_bytes(content)
    if not decoding.is_picture(content):
        raise MalformedImage(decoding.NO_PICTURE)
    with _turn():
        yield from _from_child(content, ("black",) if black_only else ())


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(timeout=SECONDS):
        raise OutsideError("Too many pictures are being read: try again in a minute.")
    try:
        yield
    finally:
        _TURNS.release()


def _from_child(content: bytes, how: tuple[str, ...]) -> Generator[Image.Image]:
    child = subprocess.Popen(  # noqa: S603 - our own module
        (*_CHILD, *how),
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
        word, *facts = stream.readline(256).split() or [b"gone"]
        if word == b"end":
            return
        if word != b"page":
            raise _failure(word, facts)
        width, height = (int(size) for size in facts)
        pixels = stream.read(width * height) if width * height <= decoding.MAX_PIXELS else b""
        if not pixels or len(pixels) != width * height:
            raise _failure(b"gone", [])
        yield Image.frombytes("L", (width, height), pixels)


def _failure(word: bytes, facts: list[bytes]) -> MalformedImage:
    if word == b"refused" and facts == [b"IMAGE_TOO_LARGE"]:
        return MalformedImage(
            "The picture is too large to be read: send a smaller one.", code="IMAGE_TOO_LARGE"
        )
    return MalformedImage(
        "This picture is damaged, or too much to decode: take it again, or send it as JPEG.",
        code="IMAGE_UNDECODABLE",
    )
