"""A process that begins to check what never ends, by several processes: see `tests/project/test_checking_apart.py`.

python -m support.checkwork FOLDER
"""

import fcntl
import os
import signal
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

from govseal.apps.verification.many import Item
from govseal.project.configuration import Configuration
from govseal.project.wiring import checking_apart
from govseal.project.wiring.checking import Checker

ITEMS = 32


def hold(file: Path) -> bytes:
    """Hold a file, as nobody else can until this process has ended, and read nothing from it for ever."""
    stream = file.open("ab")
    fcntl.flock(stream, fcntl.LOCK_EX)
    time.sleep(1 << 20)
    return b""


def is_held(file: Path) -> bool:
    """Say whether a process holds a file."""
    if not file.exists():
        return False
    with file.open("ab") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def main(folder: Path) -> None:
    """Check files that are never read; Ctrl-C ends it with status 3."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a run in the background ignores
    items = [Item(str(place), read=partial(hold, folder / str(place))) for place in range(ITEMS)]
    checking_apart._worthwhile = lambda _items: 2
    try:
        with closing(checking_apart.many(Checker(Configuration.load(os.environ)), items, {})) as answers:
            next(answers)
    except KeyboardInterrupt:
        sys.exit(3)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
