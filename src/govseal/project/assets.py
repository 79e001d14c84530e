"""What is made once at set-up: typesetting fonts, translations, browser files.

Each part is made from installed packages, with no network. What is *not* here: installing those (`Makefile`).
"""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from govseal.adapters.node import node_executable
from govseal.core.errors import OperatorError
from govseal.project import staticfiles
from govseal.project.configuration import PROJECT_FOLDER

FONTS_FOLDER = PROJECT_FOLDER / "build" / "fonts"
LABEL_FONT = FONTS_FOLDER / "kantumruy-pro-400.ttf"
"""Prints the host's name beside a code on an existing PDF."""


def build(tell: Callable[[str], None]) -> None:
    """Make everything.

    Raises:
        OperatorError: a package is missing or a part cannot be made; the message says which.
    """
    tell("fonts")
    from govseal.adapters import fonts

    fonts.build(PROJECT_FOLDER / "node_modules", FONTS_FOLDER)
    tell("translations")
    from govseal.web.shared import catalogues

    catalogues.compile_all()
    tell("browser files")
    _run([str(node_executable()), str(PROJECT_FOLDER / "browser" / "build.mjs")])
    _collect_static()


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise OperatorError(f"{command[-1]} failed:\n{done.stderr[-2000:]}")


def _collect_static() -> None:
    """Give every static file the name with its hash that pages refer to."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "govseal.project.settings")
    django.setup()
    root = settings.STATIC_ROOT
    with TemporaryDirectory(dir=PROJECT_FOLDER / "build") as folder:
        settings.STATIC_ROOT = Path(folder)  # a site may run on what is there
        call_command("collectstatic", verbosity=0, interactive=False)
        staticfiles.take_over(Path(folder), root)
