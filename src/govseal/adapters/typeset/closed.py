"""Holds templates to the folder of types: what they draw comes from there, today as in ten years.

Typst keeps a template from naming a file outside its root. A link within leads out all the same, and a package
(`@preview/…`) would be fetched from the network, or taken from the cache of whoever looks the template over and be missing
in the office.

    require_closed(Path("countries/kh/types/diploma"))

What is *not* here: a name of a package that a template puts together; the compiler has no place to find one in.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from govseal.core.errors import OperatorError

SHARED = "common"
"""Name of the folder beside the types that holds what their templates share."""

_PACKAGE = re.compile(r'\b(?:import|include)\s*"(@[^"\n]*)"')


def require_closed(type_folder: Path) -> None:
    """Raise unless everything in a type's folder, and in what the types share, stays and is there.

    Raises:
        OperatorError: a link leads out, or a package is imported (code `TEMPLATE_NOT_CLOSED`).
    """
    root = type_folder.parent.resolve()
    for file in _files(type_folder):
        if not file.resolve().is_relative_to(root):
            raise _not_closed(file, "is a link out of the folder of types: put a copy in its place")
        package = _PACKAGE.search(file.read_text("utf-8", "replace")) if file.suffix == ".typ" else None
        if package:
            raise _not_closed(
                file, f"imports {package[1]}, and nothing is fetched: put its files beside the template"
            )


def _files(type_folder: Path) -> Iterator[Path]:
    for folder in (type_folder, type_folder.with_name(SHARED)):
        yield from (file for file in folder.rglob("*") if file.is_symlink() or file.is_file())


def _not_closed(file: Path, fault: str) -> OperatorError:
    return OperatorError(f"{file.parent.name}/{file.name} {fault}.", code="TEMPLATE_NOT_CLOSED")
