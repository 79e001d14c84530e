"""TCP ports of loopback that stay free until a test uses them, also between a server's end and its next start.

They lie below those that the system gives to connections (Linux: `ip_local_port_range`), so that nobody gets one by
chance; each process of the test run has some of its own.
"""

import os
import socket
from itertools import count

HOST = "127.0.0.1"
_FIRST, _EACH = 10_240, 256
_RANGES = 80  # up to 30,719, below 32,768
_TAKEN = count()


def free_port() -> int:
    """Return a port that nobody listens on, another at each call."""
    for _ in range(_EACH):
        port = _FIRST + os.getpid() % _RANGES * _EACH + next(_TAKEN) % _EACH
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue  # somebody listens there
            return port
    raise AssertionError(f"no port is free of {_EACH}")
