"""The child process of `apart`: pictures on standard input, each one's codes on standard output.

A picture is a line `width height seconds most` and its pixels: nothing new is tried after `seconds` of processor time,
and the kernel ends this process after `most`. An answer is a line of JSON for each code, as soon as it is found, and
`end` with the seconds that it took. The first line says that the decoders are loaded.
"""

import json
import resource
import signal
import sys
import time

import cv2
import numpy as np

from govseal.adapters.qrimage.searching import Patient, search
from govseal.core.ports import FoundCode

_MEMORY = 4 << 30


def main() -> None:
    """Search the pictures of standard input until there are no more."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))
    cv2.setNumThreads(1)
    _say("ready")
    while line := sys.stdin.buffer.readline():
        width, height, seconds, most = line.split()
        pixels = sys.stdin.buffer.read(int(width) * int(height))
        grey = np.frombuffer(pixels, np.uint8).reshape(int(height), int(width))
        begun = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, float(most))  # SIGPROF, which nobody handles, ends a process
        search(grey, _patience(float(seconds)), _tell)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _say(f"end {time.process_time() - begun:.3f}")


def _patience(seconds: float) -> Patient:
    until = time.process_time() + seconds
    return lambda: time.process_time() < until


def _tell(code: FoundCode) -> None:
    _say(json.dumps([code.text, code.corners]))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
