"""TCP ports of loopback that stay free until a test uses them, also between a server's end and its next start.

They lie below those that the system gives to connections (Linux: `ip_local_port_range`), so that nobody gets one by
chance. Each process of the machine's test runs holds a range of its own, by a socket bound to the first port of it: the
kernel frees it with the process.
"""

import os
import socket
from functools import cache
from itertools import count

HOST = "127.0.0.1"
_FIRST, _EACH = 10_240, 256
_RANGES = 80  # up to 30,719, below 32,768
_TAKEN = count()


def free_port() -> int:
    """Return a port that nobody listens on, another at each call."""
    first = _guard().getsockname()[1] + 1
    for _ in range(_EACH):
        port = first + next(_TAKEN) % (_EACH - 1)
        with socket.socket() as probe:
            if _bound(probe, port):
                return port
    raise AssertionError(f"no port is free of {_EACH}")


@cache
def _guard() -> socket.socket:
    """Return the socket that holds this process's range."""
    guard = socket.socket()
    for at in range(_RANGES):
        if _bound(guard, _FIRST + (os.getpid() + at) % _RANGES * _EACH):
            return guard
    raise AssertionError("no range of ports is free")


def _bound(one: socket.socket, port: int) -> bool:
    try:
        one.bind((HOST, port))
    except OSError:
        return False
    return True
