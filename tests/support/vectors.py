"""Our own vectors, as data and as what their generator makes now."""

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from support.conformance import PROJECT

FOLDER = PROJECT / "vectors"


def vectors(name: str) -> dict[str, Any]:
    """Return the committed vectors of one file."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def why(case: dict[str, Any]) -> str:
    """Return an invalid case's name for pytest."""
    return str(case["why"])


def names() -> list[str]:
    """Return the names of the files that the generator writes."""
    with _generator() as generator:
        return list(generator.NAMES)


def generated(name: str) -> str:
    """Return the text that the generator writes now."""
    with _generator() as generator:
        return str(generator.text(name))


@contextmanager
def _generator() -> Iterator[ModuleType]:
    """Yield the script beside its data, which is importable only from there."""
    sys.path.insert(0, str(FOLDER))
    try:
        yield importlib.import_module("generate")
    finally:
        sys.path.remove(str(FOLDER))
