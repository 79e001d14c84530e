"""Asks confined processes to work on PDFs, within a bound on real time.

A few processes are started when first needed and live as long as this one; each serves one caller at a time. One that
crashed, or took too long, is killed and replaced, and the caller is told `MalformedPdf`: the file was at fault.

What is *not* here: the limits on memory and processor time (`child`), and what is done (`tasks`).
"""

import atexit
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Final

from govseal.adapters.pdf import wire
from govseal.adapters.pdf.limits import MAX_PDF_BYTES
from govseal.core import errors
from govseal.core.errors import GovsealError, MalformedPdf, OutsideError

SECONDS: Final = 60.0
"""Real time for one task, of which a third may be processor time."""

_AT_ONCE = 2
_TASKS_EACH = 500  # then another takes its place: what a file left behind in memory ends with it
_ENDING_SECONDS = 5.0


class Confined:
    """One confined process.

    Raises:
        OutsideError: it does not start.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._line = ours
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
                [sys.executable, "-P", "-m", "govseal.adapters.pdf.child", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._left = _TASKS_EACH
        self.owner = os.getpid()
        self._await_start()

    def _await_start(self) -> None:
        try:
            wire.receive(self._line, time.monotonic() + SECONDS)
        except (wire.ClosedError, OSError) as error:  # a TimeoutError is an OSError
            self.end()
            raise OutsideError(
                "The process that reads PDFs does not start: try again in a minute."
            ) from error

    @property
    def pid(self) -> int:
        """Its number to the kernel."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Say whether it may be asked again."""
        return self._left > 0 and self._process.poll() is None

    def ask(
        self, task: str, *blobs: bytes, seconds: float = SECONDS, **values: Any
    ) -> tuple[Any, list[bytes]]:
        """Return the task's value and blobs.

        Raises:
            MalformedPdf: of the task, or because the file made it crash or hang (`PDF_TOO_LARGE`).
            GovsealError: another error of the task.
        """
        if any(len(blob) > MAX_PDF_BYTES for blob in blobs):
            raise MalformedPdf(
                f"The PDF has more than {MAX_PDF_BYTES >> 20} MiB: split it, or print it to a smaller one.",
                code="PDF_TOO_LARGE",
            )
        self._left -= 1
        deadline = time.monotonic() + seconds
        try:
            header = {"task": task, "values": values, "seconds": seconds / 3}
            wire.send(self._line, header, blobs, deadline)
            said, answered = wire.receive(self._line, deadline)
        except TimeoutError:
            self.end()
            raise MalformedPdf(
                f"The PDF takes longer than {seconds:.0f} s to work through: print it to a simpler PDF.",
                code="PDF_TOO_LARGE",
            ) from None
        except (wire.ClosedError, OSError, ValueError) as error:
            self.end()
            raise MalformedPdf(
                "The PDF takes more time or memory than is allowed, or makes its readers crash: print it to a new PDF.",
                code="PDF_TOO_LARGE",
            ) from error
        if "error" in said:
            raise _error(said)
        return said["value"], answered

    def end(self) -> None:
        """End the process."""
        self._left = 0
        self._line.close()
        self._process.kill()
        self._process.wait(_ENDING_SECONDS)


class _Pool:
    """Confined processes that nobody uses at the moment."""

    def __init__(self) -> None:
        self._idle: list[Confined] = []
        self._thread = threading.local()
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        atexit.register(self.close)

    @contextmanager
    def lent(self) -> Iterator[Confined]:
        """Lend one; who holds one already, and would wait for himself, gets another at once."""
        with nullcontext() if self._holding() else self._turn():
            process = self._taken()
            self._thread.held = self._holding() + 1
            try:
                yield process
            finally:
                self._thread.held -= 1
                if process.usable:
                    self._idle.append(process)
                else:
                    process.end()

    def _holding(self) -> int:
        return int(getattr(self._thread, "held", 0))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=SECONDS):
            raise OutsideError("Too many PDFs are being worked on: try again in a minute.")
        try:
            yield
        finally:
            self._turns.release()

    def _taken(self) -> Confined:
        while self._idle:
            process = self._idle.pop()
            if process.owner != os.getpid():
                continue  # a parent's, known to us since we were forked from it
            if process.usable:
                return process
            process.end()
        return Confined()

    def close(self) -> None:
        while self._idle:
            process = self._idle.pop()
            if process.owner == os.getpid():
                process.end()


_POOL: Final = _Pool()


@contextmanager
def confined() -> Iterator[Confined]:
    """Lend a confined process for several tasks in a row."""
    with _POOL.lent() as process:
        yield process


def ask(task: str, *blobs: bytes, **values: Any) -> tuple[Any, list[bytes]]:
    """Have one task done; as `Confined.ask`."""
    with confined() as process:
        return process.ask(task, *blobs, **values)


def _environment() -> dict[str, str]:
    """Return an environment without any secret: only where Python finds its modules."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}


def _error(said: dict[str, Any]) -> GovsealError:
    kinds: Sequence[type[GovsealError]] = (errors.MalformedPdf, errors.TooLargeError, errors.InputError)
    kind = next((one for one in kinds if one.__name__ == said["error"]), GovsealError)
    return kind(said["message"], code=said["code"], **said["facts"])
