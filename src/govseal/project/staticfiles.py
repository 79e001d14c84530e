"""Puts a new build of the static files in place while a site runs on the one before.

A running site read the list of its files when it started, and its pages refer to them by names with a hash. So a new
build is laid beside what is there, the list last, and only files of builds before the last one are removed.

    take_over(Path("build/static.new"), Path("build/static"))

What is *not* here: making the files (`assets`).
"""

import json
from pathlib import Path
from typing import Final

LIST: Final = "staticfiles.json"
"""Django's: which hashed name stands for which file."""

_BUILDS: Final = "builds.json"
"""Files of the builds that are kept, the newest first."""

_KEPT: Final = 2


def take_over(made: Path, root: Path) -> None:
    """Move the build in folder `made` into `root`, keep the build before it there, and remove older ones."""
    names = sorted(file.relative_to(made).as_posix() for file in made.rglob("*") if file.is_file())
    builds = _with(names, _builds(root))
    for name in sorted(names, key=lambda name: name == LIST):
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (made / name).replace(target)
    _write(root / _BUILDS, builds)
    _prune(root, {_BUILDS, *(name for build in builds for name in build)})


def _builds(root: Path) -> list[list[str]]:
    """Return what builds `root` holds; of one from before they were noted, whatever is there."""
    noted = root / _BUILDS
    if noted.exists():
        builds: list[list[str]] = json.loads(noted.read_text("utf-8"))
        return builds
    return [sorted(file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file())]


def _with(names: list[str], builds: list[list[str]]) -> list[list[str]]:
    """Return the builds to keep; one that is made again counts once."""
    return [names, *(build for build in builds if build != names)][:_KEPT]


def _write(file: Path, builds: list[list[str]]) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(builds), "utf-8")
    part.replace(file)


def _prune(root: Path, kept: set[str]) -> None:
    """Remove all other files, and folders that are empty then."""
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(root).as_posix() not in kept:
            path.unlink()
