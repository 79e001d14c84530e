"""Outside data, never part of the project: a test that needs it is skipped by name where it is absent."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("GOVSEAL_CONFORMANCE", PROJECT.parent / "shared" / "conformance"))


def conformance_file(*parts: str) -> Path:
    """Return a file of the conformance folder, or skip the calling test, naming the file."""
    path = FOLDER.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"conformance data absent: {'/'.join(parts)}")
    return path
