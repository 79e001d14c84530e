"""The faces for typesetting, made once in a run of the tests."""

import atexit
import tempfile
from functools import cache
from pathlib import Path

import pytest

from govseal.adapters import fonts
from support.conformance import PROJECT

NODE_MODULES = PROJECT / "node_modules"


def font_folder() -> Path:
    """Return a folder with every face, or skip the calling test when the npm packages are not installed."""
    if not (NODE_MODULES / "@fontsource").is_dir():
        pytest.skip("npm packages absent: run `make setup`")
    return _made()


@cache
def _made() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="govseal-fonts-")
    atexit.register(folder.cleanup)
    fonts.build(NODE_MODULES, Path(folder.name))
    return Path(folder.name)
