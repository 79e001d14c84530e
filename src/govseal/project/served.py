"""The web application as our own supervisor serves it: the server's processes end with the one that started them.

A server that is killed leaves its workers on the port, for ever, and the next one cannot listen. What is *not* here:
the application (`wsgi`), which any other server runs as well.
"""

import ctypes
import os
import signal
from multiprocessing import parent_process

from govseal.project.wsgi import application

__all__ = ["application"]

_PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends, however."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    parent = parent_process()
    if parent is not None and parent.pid != os.getppid():  # it was gone before we asked
        os.kill(os.getpid(), signal.SIGKILL)


end_with_parent()
