"""A process of ours: started, watched by its log, ended with everything it started.

The kernel ends it with the thread that started it, also when that is killed.

What is *not* here: which processes there are, and what to do when one dies (`supervisor`).
"""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

_END_SECONDS = 8.0
_WORDS = 300
# util-linux: the kernel ends the child with the thread that started it. A process of many threads that is killed has a
# signal sent for one after the other, and what asks politely so often may lock up what it asks; whatever we start here
# can be killed anywhere.
_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")


class Child:
    """One process that must live as long as we do.

    Args:
        command: what to run.
        log: file that its output is added to.
    """

    def __init__(self, command: list[str], log: Path) -> None:
        self.log = log
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether it is alive now."""
        return self._process is not None and self._process.poll() is None

    @property
    def status(self) -> int | None:
        """Its exit status; a signal's number below zero; None while it runs."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it, or start it again once what it left is gone."""
        self.stop()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*_WITH_PARENT, *self._command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C in the terminal reaches us alone; we end the others in order
            )

    def stop(self) -> None:
        """Ask it to end, then end it, and whatever it has started."""
        if self._process is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # what a killed server left behind
        self._process.wait()
        self._process = None

    def last_words(self) -> str:
        """Return the last line of its log; the rest, traces and all, stays there."""
        with contextlib.suppress(OSError, IndexError), self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 2000))
            return log.read().decode("utf-8", "replace").strip().splitlines()[-1][:_WORDS]
        return "nothing"
