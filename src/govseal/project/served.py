"""The web application as our own supervisor serves it.

The server's processes end with the one that started them: a server that is killed leaves its workers on the port, for
ever, and the next one cannot listen. And nobody who takes nothing, or stops while he sends, holds up the others: whatever
is whole goes to the server as one piece, which the server keeps until it is read; and of the many threads that wait for
bodies a few work at a time.

What is *not* here: the application (`wsgi`), which any other server runs as well.
"""

import ctypes
import os
import signal
from collections.abc import Callable, Iterable
from io import BytesIO
from multiprocessing import parent_process
from threading import BoundedSemaphore
from typing import Any

from govseal.project import wsgi

_PR_SET_PDEATHSIG = 1  # prctl(2)
_WORKING = BoundedSemaphore(4)
"""Of the server's threads (`supervisor`), so many work; what grows holds a place of its own (`govseal.web.public.many`)."""
_LONGEST = 48 << 20
"""Bytes kept of a body; a longer one, which the views refuse, is dropped up to as much as a browser sends first."""
_DROPPED = 96 << 20
_PIECE = 64 << 10


def end_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends, however."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    parent = parent_process()
    if parent is not None and parent.pid != os.getppid():  # it was gone before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request (PEP 3333); in pieces only what says that it grows (`govseal.web.public.many`)."""
    environ["wsgi.input"] = _body(environ)
    with _WORKING:
        return _answer(environ, start_response)


def _body(environ: dict[str, Any]) -> BytesIO:
    """Return the whole body of a request, from its first byte; one without a declared length is empty."""
    length, source, kept = int(environ.get("CONTENT_LENGTH") or 0), environ["wsgi.input"], BytesIO()
    left = min(length, _DROPPED)
    while left > 0 and (piece := source.read(min(left, _PIECE))):
        left -= len(piece)
        if length <= _LONGEST:
            kept.write(piece)
    kept.seek(0)
    return kept


def _answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    grows = False

    def started(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        nonlocal grows
        grows = ("X-Accel-Buffering", "no") in headers
        return start_response(status, headers, exc_info)

    answer = wsgi.application(environ, started)
    if grows:
        return answer
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


end_with_parent()
