"""The faces for typesetting, made once a machine and kept between test runs."""

import tempfile
from pathlib import Path

import pytest

from govseal.adapters import fonts
from support.conformance import PROJECT

NODE_MODULES = PROJECT / "node_modules"


def font_folder() -> Path:
    """Return a folder with every face, or skip the calling test when the npm packages are not installed."""
    if not (NODE_MODULES / "@fontsource").is_dir():
        pytest.skip("npm packages absent: run `make setup`")
    folder = Path(tempfile.gettempdir()) / "govseal-test-fonts"
    fonts.build(NODE_MODULES, folder)
    return folder
