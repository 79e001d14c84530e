"""Our own vectors, as data and as what their generator makes now."""

import json
import sys
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


def generated(name: str) -> str:
    """Return the text that the generator writes now."""
    sys.path.insert(0, str(FOLDER))
    try:
        import generate  # noqa: PLC0415 - a script beside its data, importable only from there

        return str(generate.text(name))
    finally:
        sys.path.remove(str(FOLDER))
