"""One run of the publisher that kills itself, as a power cut would, before or after it first writes a file.

    dying_publisher.py before-replace|after-replace|before-put|after-put

The production code knows nothing of it: the published files are wrapped where the process begins.
"""

import os
import signal
import sys
from typing import Any

from govseal.adapters.blobs import FolderBlobs
from support import officework
from support.publishwork import publish


def _die_at(moment: str, name: str) -> None:
    method = getattr(FolderBlobs, name)

    def call(*arguments: Any, **named: Any) -> None:
        if moment == "after":
            method(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(FolderBlobs, name, call)


if __name__ == "__main__":
    _die_at(*sys.argv[1].split("-"))
    officework.begin(dict(os.environ))
    officework.call(publish)
