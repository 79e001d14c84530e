"""The confined process: parses PDFs from anywhere under hard limits on memory, processor time and files.

    python -m govseal.adapters.pdf.child FD

reads tasks from the socket FD until it is closed. The environment holds no secret of the parent's. Whatever a file
makes go wrong is answered as an error; what it makes crash or hang ends this process, and the parent starts another.

What is *not* here: the tasks (`tasks`), the parent's side and the limit on real time (`confinement`).
"""

import math
import resource
import socket
import sys
from collections.abc import Sequence
from typing import Any, Final

from govseal.adapters.pdf import wire
from govseal.adapters.pdf.tasks import Answer, Tasks
from govseal.core.errors import GovsealError, MalformedPdf

MEMORY_BYTES: Final = 3 * 1024**3
_FILES = 64


def main(descriptor: int) -> None:
    """Serve until the line is closed."""
    _confine()
    tasks = Tasks()
    with socket.socket(fileno=descriptor) as line:
        wire.send(line, wire.READY, [])
        while True:
            try:
                header, blobs = wire.receive(line)
            except (wire.ClosedError, OSError):
                return
            _allow_seconds(header["seconds"])
            answer, said = _answered(tasks, header, blobs)
            wire.send(line, said, answer.blobs)


def _answered(tasks: Tasks, header: dict[str, Any], blobs: Sequence[bytes]) -> tuple[Answer, dict[str, Any]]:
    try:
        answer = tasks.do(header["task"], blobs, header["values"])
    except GovsealError as error:
        kind = type(error).__name__
        facts = {
            name: fact for name, fact in error.facts.items() if isinstance(fact, int | float | str | list)
        }
        return Answer(), {"error": kind, "message": error.message, "code": error.code, "facts": facts}
    except MemoryError:
        return Answer(), _unreadable("The PDF takes more memory than is allowed.", "PDF_TOO_LARGE")
    except Exception:  # noqa: BLE001 - a hostile file; the parent tells it like any other that cannot be read
        return Answer(), _unreadable("This is not a PDF that can be read.", MalformedPdf.default_code)
    return answer, {"value": answer.value}


def _unreadable(message: str, code: str) -> dict[str, Any]:
    return {"error": MalformedPdf.__name__, "message": message, "code": code, "facts": {}}


def _confine() -> None:
    """Bound memory, and forbid core dumps, growing files and many of them, for good."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _FILES),
    ):
        resource.setrlimit(kind, (most, most))


def _allow_seconds(seconds: float) -> None:
    """Let this process compute that much longer; then the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(int(sys.argv[1]))
