"""The file that anvil writes its state to, in place, and whole copies of it.

anvil killed while it writes leaves half a file. While it runs, what it wrote whole is copied beside it every few
seconds, two copies deep; at the start the newest whole one is put in its place, so that little is ever lost.

What is *not* here: anvil itself (`chain`), and what becomes of the blocks that were lost (the outbox sends again).
"""

import contextlib
import json
import shutil
import threading
from pathlib import Path

COPY_SECONDS = 3.0


class StateFile:
    """The state of one chain and its copies.

    Args:
        folder: the chain's.

    Attributes:
        path: what anvil reads and writes.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state.json"
        self._kept = folder / "state.kept.json"
        self._before = folder / "state.before.json"
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def mend(self) -> None:
        """Put the newest whole copy in place of a state that is torn or gone; call it while no anvil runs.

        A state that is whole is kept: anvil may be killed at its first writing.
        """
        for candidate in (self.path, self._kept, self._before):
            with contextlib.suppress(FileNotFoundError, ValueError):
                json.loads(candidate.read_bytes())
                if candidate != self.path:
                    shutil.copyfile(candidate, self.path)
                    return
                with contextlib.suppress(OSError):  # a full disk: the copies that are there stay
                    self.copy()
                return
        self.path.unlink(missing_ok=True)

    def watch(self) -> None:
        """Copy the state every few seconds, until `leave`."""
        self.leave()
        self._stop.clear()
        self._thread = threading.Thread(target=self._copy_on, name="chain state", daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Copy no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _copy_on(self) -> None:
        while not self._stop.wait(COPY_SECONDS):
            with contextlib.suppress(OSError):  # a full disk: the copies that are there stay
                self.copy()

    def copy(self) -> None:
        """Keep what is written now, unless it looks torn; whether it is whole, `mend` reads."""
        content = self.path.read_bytes()
        if not content.endswith(b"}") or (self._kept.exists() and self._kept.read_bytes() == content):
            return
        partial = self._kept.with_suffix(".partial")
        partial.write_bytes(content)
        if self._kept.exists():
            self._kept.replace(self._before)
        partial.replace(self._kept)
