"""go-ethereum's program, built from source where Go is on the machine: once, whoever asks first.

Built without C and without debugging symbols: under two minutes of processor time instead of five.

What is *not* here: running it (`support.clique`).
"""

import fcntl
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from support.country import PROJECT

MODULE = "github.com/ethereum/go-ethereum"
VERSION = "v1.13.15"
_OLDEST_GO = (1, 20)
_CHECKS_LINKS = (1, 23)


def geth_binary() -> Path:
    """Return the program, built at the first call; skip by name where Go, or its way to modules, is absent."""
    folder = PROJECT / "build" / "geth"
    program = folder / f"geth-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process of the same run waits for the one build
        if not program.exists():
            _build(program)
    return program


def _build(program: Path) -> None:
    version = _go_version()
    if version < _OLDEST_GO:
        pytest.skip("needs Go 1.20 or later to build go-ethereum")
    if _go("list", "-m", f"{MODULE}@{VERSION}").returncode:
        pytest.skip("needs a Go module proxy to build go-ethereum")
    # One of its modules reaches into Go's runtime, which the linker has refused since 1.23.
    links = " -checklinkname=0" if version >= _CHECKS_LINKS else ""
    with tempfile.TemporaryDirectory(dir=program.parent) as made:
        flags = ("-trimpath", f"-ldflags=-s -w{links}")
        built = _go("install", *flags, f"{MODULE}/cmd/geth@{VERSION}", CGO_ENABLED="0", GOBIN=made)
        assert built.returncode == 0, built.stderr
        (Path(made) / "geth").rename(program)


def _go_version() -> tuple[int, int]:
    """Return the version of Go, (0, 0) where there is none."""
    if shutil.which("go") is None:
        return 0, 0
    found = re.match(r"go(\d+)\.(\d+)", _go("env", "GOVERSION").stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _go(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Go at low priority: other tests measure time."""
    assignments = [f"{name}={value}" for name, value in variables.items()]
    command = ["nice", "env", *assignments, "go", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)
