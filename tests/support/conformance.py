"""Outside data, never part of the project: a test that needs it is skipped by name where it is absent."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def conformance_file(*parts: str) -> Path:
    """Return a file of the folder that GOVSEAL_CONFORMANCE names, or skip the calling test, naming the file."""
    return _outside_file("GOVSEAL_CONFORMANCE", *parts)


def input_file(*parts: str) -> Path:
    """Return a file of the folder that GOVSEAL_INPUTS names, or skip the calling test, naming the file."""
    return _outside_file("GOVSEAL_INPUTS", *parts)


def _outside_file(variable: str, *parts: str) -> Path:
    folder = os.environ.get(variable)
    path = Path(folder or "absent").joinpath(*parts)
    if not folder or not path.exists():
        pytest.skip(f"outside data absent ({variable}): {'/'.join(parts)}")
    return path
