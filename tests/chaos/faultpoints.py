"""The anchoring worker's task, killed at its k-th act upon the world; started by `test_faultpoints.py`.

Reads lines `k institution` and, for each, forks a process that takes the institution's outbox as far as it goes and
publishes what came of it, as the worker's jobs do. The fork counts every commit and every statement outside a
transaction, every exchange with the ledger and every operation on published files, before and after each; at the
k-th it kills itself, as a power cut would. For k = 0 it lives. Answers one line of JSON: whether it was killed, and
the names of the points it came to.

The production code knows nothing of it: its ports and Django's cursor are wrapped here, from outside.
"""

import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from govseal.adapters.blobs import FolderBlobs
from govseal.adapters.evm import bridge  # noqa: F401 - web3 is loaded once, before any fork
from govseal.adapters.evm.rpc import JsonRpc
from govseal.project.cli.running import setup_django
from support.waiting import PATIENCE


class Points:
    """Counts points, writes each down, and kills the process at one of them."""

    def __init__(self, fatal: int, trace: int) -> None:
        self._fatal, self._trace, self._count = fatal, trace, 0

    def reach(self, name: str) -> None:
        """Come to a point."""
        self._count += 1
        os.write(self._trace, name.encode() + b"\n")
        if self._count == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str, counts: Callable[..., str | None]) -> None:
        """Put a point before and after a method, where `counts` gives its call a name."""
        method = getattr(owner, name)

        def wrapped(*arguments: Any, **named: Any) -> Any:
            what = counts(*arguments, **named)
            if what is None:
                return method(*arguments, **named)
            self.reach(f"before {what}")
            result = method(*arguments, **named)
            self.reach(f"after {what}")
            return result

        setattr(owner, name, wrapped)


def _statement(cursor: Any, sql: Any, *_: Any) -> str | None:
    """Name a statement that is a transaction of its own, unless it only reads."""
    text = str(sql).lstrip()
    reads = text.startswith("SELECT") and "procrastinate_defer" not in text
    if cursor.db.in_atomic_block or reads:
        return None
    return f"statement {' '.join(text.split()[:3])}"


def _call(_: Any, request: Any) -> str:
    calls = request if isinstance(request, list) else [request]
    return f"ledger {calls[-1]['method']}"


def wrap(points: Points) -> None:
    """Put points around everything that leaves the process."""
    points.around(BaseDatabaseWrapper, "_commit", lambda _: "commit")
    points.around(CursorWrapper, "execute", _statement)
    points.around(JsonRpc, "_post", _call)
    points.around(FolderBlobs, "put", lambda _, path, *__, **___: f"put {path.split('/')[0]}")
    points.around(FolderBlobs, "replace", lambda _, path, __: f"replace {path.split('/')[0]}")
    points.around(os, "link", lambda *_: "link")


def work(institution: str) -> None:
    """Do what the worker's jobs do for an institution that has work."""
    from govseal.apps.registry.models import Institution  # noqa: PLC0415 - once Django is set up
    from govseal.project import jobs  # noqa: PLC0415 - as above

    jobs._STAY_SECONDS = PATIENCE  # as far as it goes, however busy the machine
    pk = Institution.objects.get(code=institution).pk
    jobs.outbox_run(pk)
    jobs.publish(0)


@contextmanager
def _ending_here() -> Iterator[None]:
    """End the process with the block, without what its parent has yet to do."""
    try:
        yield
    except Exception:  # noqa: BLE001 - whatever it is, the log tells
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def fork(fatal: int, institution: str) -> dict[str, Any]:
    """Work in a process of its own; say how it ended."""
    with tempfile.TemporaryFile() as trace:
        child = os.fork()
        if child == 0:
            with _ending_here():
                wrap(Points(fatal, trace.fileno()))
                work(institution)
        _, status = os.waitpid(child, 0)
        trace.seek(0)
        return {"exit": os.waitstatus_to_exitcode(status), "points": trace.read().decode().splitlines()}


if __name__ == "__main__":
    setup_django()
    for line in sys.stdin:
        number, code = line.split()
        sys.stdout.write(json.dumps(fork(int(number), code)) + "\n")
        sys.stdout.flush()
