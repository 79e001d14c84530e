"""The web application as our own supervisor serves it: Granian's RSGI outside, WSGI (PEP 3333) inside.

The server's processes end with the one that started them: a server that is killed leaves its workers on the port, for
ever, and the next one cannot listen. And nobody who takes nothing, or stops while he sends, holds up the others: no
thread waits for a sender (`receiving`) or a reader, since the server keeps what is sent until it is read; a few threads
answer what has come whole.

What is *not* here: the application (`wsgi`), which any other server runs as well.
"""

import asyncio
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from multiprocessing import parent_process
from typing import TYPE_CHECKING, Any

from granian.rsgi import ProtocolClosed

from govseal.project import wsgi
from govseal.project.receiving import Reception

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPStreamTransport as HTTPStreamTransport
    from granian.rsgi import HTTPProtocol, Scope

_PR_SET_PDEATHSIG = 1  # prctl(2)
_RECEPTION = Reception()
_ANSWERING = ThreadPoolExecutor(4, "answering")
"""What takes minutes has a thread and a place of its own (`govseal.web.public.many`)."""


class IncompleteBody(BytesIO):
    """A body that did not come whole: whoever reads it learns so, as of a sender who has gone."""

    def read(self, size: int | None = -1) -> bytes:  # noqa: ARG002 - the signature of a stream
        """Raise `TimeoutError`."""
        raise TimeoutError("The body of the request did not come whole.")


@dataclass(slots=True)
class _Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes | Iterable[bytes]  # the latter of one that grows


def end_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends, however."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    parent = parent_process()
    if parent is not None and parent.pid != os.getppid():  # it was gone before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def open_all() -> None:
    """Have this process open as many connections as it may, rather than the 1,024 files that are usual."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def application(scope: "Scope", protocol: "HTTPProtocol") -> None:
    """Answer a request; a body without a declared length is empty, as WSGI has it."""
    length = int(scope.headers.get("content-length", "0"))
    async with _RECEPTION.body(aiter(protocol), length) as body:
        environ = _environ(scope, IncompleteBody() if body is None else body)
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(_ANSWERING, _answered, environ)
        if body is None:
            answer.headers.append(("connection", "close"))
        if isinstance(answer.body, bytes):
            protocol.response_bytes(answer.status, answer.headers, answer.body)
        else:
            stream = protocol.response_stream(answer.status, answer.headers)
            await _send_growing(answer.body, stream, loop)


def _environ(scope: "Scope", body: BytesIO) -> dict[str, Any]:
    """Return what a WSGI application is told of a request; a name with `_` would pass for one with `-` and is left out."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for header, value in scope.headers.items():
        if "_" not in header:
            name = header.upper().replace("-", "_")
            key = name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{name}"
            joint = "; " if key == "HTTP_COOKIE" else ","
            environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    return environ


def _answered(environ: dict[str, Any]) -> _Answer:
    """Return the application's answer, whole unless it says that it grows (`govseal.web.public.many`)."""
    answer = _Answer(500, [], b"")

    def start(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> Any:
        answer.status, answer.headers = int(status.split(maxsplit=1)[0]), headers

    body = wsgi.application(environ, start)
    if ("X-Accel-Buffering", "no") in answer.headers:
        answer.body = body
        return answer
    try:
        answer.body = b"".join(body)
    finally:
        body.close()
    return answer


async def _send_growing(body: Any, stream: "HTTPStreamTransport", loop: asyncio.AbstractEventLoop) -> None:
    """Send pieces as they come, until the reader has gone; all are made in one thread, whose connections they use."""
    alone = ThreadPoolExecutor(1, "growing")
    pieces = iter(body)
    try:
        with suppress(ProtocolClosed):
            while (piece := await loop.run_in_executor(alone, next, pieces, None)) is not None:
                await stream.send_bytes(piece)
    finally:
        await loop.run_in_executor(alone, body.close)
        alone.shutdown(wait=False)


end_with_parent()
open_all()
