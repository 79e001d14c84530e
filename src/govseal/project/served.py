"""The web application as our own supervisor serves it.

The server's processes end with the one that started them: a server that is killed leaves its workers on the port, for
ever, and the next one cannot listen. And a reader who takes nothing holds none of its few threads: whatever is whole
goes to the server as one piece, which the server keeps until it is read.

What is *not* here: the application (`wsgi`), which any other server runs as well.
"""

import ctypes
import os
import signal
from collections.abc import Callable, Iterable
from multiprocessing import parent_process
from typing import Any

from govseal.project import wsgi

_PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends, however."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    parent = parent_process()
    if parent is not None and parent.pid != os.getppid():  # it was gone before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request (PEP 3333); in pieces only what says that it grows (`govseal.web.public.many`)."""
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
