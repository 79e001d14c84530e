"""Searches pictures in child processes, which are killed when the time is over.

Every decoder of codes can be kept busy for minutes by a picture made for it: a page of finder patterns costs zxing-cpp
20 seconds, a page of noise WeChat's engine some minutes. None can be asked to stop, so pictures from outside are
searched by a child (`__main__`) that is kept for the next one when it answered in time, and ended when it did not.
What it had found by then counts.

Seconds are of processor time, so that a busy machine sees no less than an idle one; the kernel ends the child when all
its stages together have had theirs. Time on the wall is bounded as well, by `_WALL` times as much.

What is *not* here: the search itself (`searching`).
"""

import json
import os
import select
import subprocess
import sys
import threading
import time
import weakref
from typing import Final, Self

from govseal.adapters.qrimage.engines import Grey
from govseal.core.ports import FoundCode

GRACE: Final = 1.0
"""Seconds beyond the search's own that a child has for the first look and the attempt it is in."""

_WALL: Final = 2.0

_IDLE: Final = 2
_START_SECONDS: Final = 30.0
_CHUNK: Final = 1 << 16
_CHILD: Final = (sys.executable, "-I", "-m", "govseal.adapters.qrimage")


class Searchers:
    """Children that search, one picture at a time each; safe to share between threads."""

    def __init__(self) -> None:
        self._idle: list[_Child] = []
        self._lock = threading.Lock()

    def search(self, grey: Grey, seconds: float) -> tuple[list[FoundCode], float]:
        """Return (codes of a picture, from the top down; seconds it took), after `seconds` and `GRACE` at most."""
        child = self._taken()
        try:
            found, took = child.ask(grey, seconds)
        except BaseException:
            child.kill()
            raise
        self._give_back(child)
        return sorted(found, key=lambda code: (code.corners[0][1], code.corners[0][0])), took

    def _taken(self) -> "_Child":
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
        return _Child.started()

    def _give_back(self, child: "_Child") -> None:
        with self._lock:
            if child.alive and len(self._idle) < _IDLE:
                self._idle.append(child)
                return
        child.kill()


def _end(process: subprocess.Popen[bytes]) -> None:
    with process:  # closes the pipes and waits
        process.kill()


class _Child:
    """One child process; it ends with this object, or by itself when its standard input is closed."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._end = weakref.finalize(self, _end, process)
        self._unread = b""
        self._poll = select.poll()  # takes any number of a file, where select() ends at 1,023
        self._poll.register(self._stdout, select.POLLIN)
        self.alive = True

    @classmethod
    def started(cls) -> Self:
        """Start a child and wait until it has loaded its decoders: that time is nobody's search."""
        process = subprocess.Popen(  # noqa: S603 - our own module
            _CHILD,
            env={"OPENBLAS_NUM_THREADS": "1"},  # no more of ours, and so no secret
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        child = cls(process)
        child._line(time.monotonic() + _START_SECONDS)
        return child

    def ask(self, grey: Grey, seconds: float) -> tuple[list[FoundCode], float]:
        """Return (codes, seconds): what the child finds until it is done or is killed, because the time is over."""
        found: list[FoundCode] = []
        until = time.monotonic() + (seconds + GRACE) * _WALL
        if not self.alive or not self._hand_over(grey, seconds):
            self.kill()
            return found, seconds
        while line := self._line(until):
            if line.startswith(b"end "):
                return found, float(line.removeprefix(b"end "))
            text, corners = json.loads(line)
            found.append(FoundCode(text, tuple((float(x), float(y)) for x, y in corners)))
        self.kill()
        return found, seconds + GRACE

    def kill(self) -> None:
        """End the child at once."""
        self.alive = False
        self._end()

    def _hand_over(self, grey: Grey, seconds: float) -> bool:
        height, width = grey.shape
        try:
            for part in (f"{width} {height} {seconds} {seconds + GRACE}\n".encode(), grey.tobytes()):
                rest = memoryview(part)
                while rest:
                    rest = rest[os.write(self._stdin, rest) :]
        except BrokenPipeError:
            return False
        return True

    def _line(self, until: float) -> bytes | None:
        """Return the next line of the child; None when the time is over or the child has gone."""
        while b"\n" not in self._unread:
            ready = self._poll.poll(max(until - time.monotonic(), 0) * 1_000)
            chunk = os.read(self._stdout, _CHUNK) if ready else b""
            if not chunk:
                self.alive = False
                return None
            self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    @property
    def _stdin(self) -> int:
        return self._process.stdin.fileno() if self._process.stdin else -1

    @property
    def _stdout(self) -> int:
        return self._process.stdout.fileno() if self._process.stdout else -1
