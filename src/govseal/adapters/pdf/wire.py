"""Messages between a process and the confined one it asks: a line of JSON with the sizes of the blobs after it.

Nothing of the other side is executed: JSON and bytes only, bounded in size.
"""

import json
import socket
import time
from collections.abc import Sequence
from typing import Any, Final

MAX_HEADER_BYTES: Final = 4 * 1024 * 1024
MAX_BLOB_BYTES: Final = 256 * 1024 * 1024
READY: Final = "ready"
"""What the confined process says first: from then on, what goes wrong is the file's fault."""

_CHUNK = 1 << 20
_PREFIX = 8


class ClosedError(Exception):
    """The other side went away, or sent what is no message."""


def send(line: socket.socket, header: Any, blobs: Sequence[bytes], deadline: float | None = None) -> None:
    """Send one message.

    Raises:
        TimeoutError: not taken by the deadline (of `time.monotonic`).
        OSError: the other side went away.
    """
    sizes = [len(blob) for blob in blobs]
    text = json.dumps({"header": header, "sizes": sizes}).encode("utf-8")
    line.settimeout(_left(deadline))
    line.sendall(len(text).to_bytes(_PREFIX, "big") + text)
    for blob in blobs:
        line.settimeout(_left(deadline))
        line.sendall(blob)


def receive(line: socket.socket, deadline: float | None = None) -> tuple[Any, list[bytes]]:
    """Return the next message.

    Raises:
        ClosedError: there is none to come.
        TimeoutError: not whole by the deadline.
    """
    length = int.from_bytes(_exactly(line, _PREFIX, deadline), "big")
    if length > MAX_HEADER_BYTES:
        raise ClosedError
    message = json.loads(_exactly(line, length, deadline))
    sizes = message["sizes"]
    if any(size > MAX_BLOB_BYTES for size in sizes):
        raise ClosedError
    return message["header"], [_exactly(line, size, deadline) for size in sizes]


def _exactly(line: socket.socket, size: int, deadline: float | None) -> bytes:
    content = bytearray(size)
    view, taken = memoryview(content), 0
    while taken < size:
        line.settimeout(_left(deadline))
        got = line.recv_into(view[taken : taken + _CHUNK])
        if got == 0:
            raise ClosedError
        taken += got
    return bytes(content)


def _left(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
