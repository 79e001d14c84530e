"""go-ethereum's program, built from source where Go is on the machine: once, whoever asks first.

What is *not* here: how it is built (`.ci/geth`), and running it (`support.clique`).
"""

import subprocess
from pathlib import Path

import pytest

from support.country import PROJECT

_ABSENT = 3


def geth_binary() -> Path:
    """Return the program, built at the first call; skip by name where Go, or its way to modules, is absent."""
    built = subprocess.run([PROJECT / ".ci" / "geth"], capture_output=True, text=True, check=False)
    if built.returncode == _ABSENT:
        pytest.skip(built.stderr.strip())
    assert built.returncode == 0, built.stderr
    return Path(built.stdout.strip())
