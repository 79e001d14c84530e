"""Makes the TTF files that typesetting needs from the web fonts of `node_modules/@fontsource`.

@fontsource cuts a face into one WOFF2 file a script, because browsers choose by `unicode-range`. Typst
reads TTF and keeps one file of a family and weight, so the parts are merged into one face that holds Khmer
and Latin with their shaping tables. Done once, at set-up.

Invariants: a face is written whole or not at all (written beside, then renamed); a face that is there is
left alone, so a second call costs nothing; the result depends on the packages only.

    build(Path("node_modules"), Path("var/fonts"))

What is *not* here: which faces a template wants (its `type.json`), and whether they are there (`typeset`).
"""

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontTools.merge import Merger
from fontTools.ttLib import TTFont, TTLibError

from govseal.core.errors import OperatorError

# Hints for rasterising at small sizes, and the axes of a variable font that @fontsource has already fixed:
# neither survives a merge, neither means anything to a vector PDF.
_DROPPED_TABLES = ("STAT", "gasp", "prep", "fpgm", "cvt ")
_FAMILY_NAME_IDS = (1, 16)
_STYLE_NAME_IDS = (2, 17)
_FULL_NAME_ID = 4


@dataclass(frozen=True, slots=True)
class Face:
    """One weight of one family.

    Attributes:
        family: the name that templates use.
        weight: 100 to 900, as in CSS.
        package: folder under `@fontsource`.
        scripts: the parts to merge; the first to hold a character gives its glyph.
    """

    family: str
    weight: int
    package: str
    scripts: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """Name of the TTF file, e.g. `kantumruy-pro-400.ttf`."""
        return f"{self.package}-{self.weight}.ttf"

    def parts(self, node_modules: Path) -> list[Path]:
        """Return the WOFF2 files this face is made of."""
        folder = node_modules / "@fontsource" / self.package / "files"
        return [folder / f"{self.package}-{script}-{self.weight}-normal.woff2" for script in self.scripts]


FACES: tuple[Face, ...] = (
    *(
        Face("Kantumruy Pro", weight, "kantumruy-pro", ("khmer", "latin", "latin-ext"))
        for weight in (400, 600, 700)
    ),
    Face("Moul", 400, "moul", ("khmer", "latin")),
)


def build(node_modules: Path, folder: Path, faces: Sequence[Face] = FACES) -> list[Path]:
    """Make every face that `folder` lacks; return the path of each, in the order of `faces`.

    Args:
        node_modules: where npm installed the packages.
        folder: where the TTF files go; made when absent.
        faces: the faces wanted.

    Raises:
        OperatorError: a package is not installed or not a font (code `FONT_SOURCE_MISSING`).
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for face in faces:
        path = folder / face.file_name
        if not path.exists():
            _make(face, node_modules, path)
        made.append(path)
    return made


def _make(face: Face, node_modules: Path, path: Path) -> None:
    parts = face.parts(node_modules)
    for part in parts:
        if not part.is_file():
            raise OperatorError(
                f"The font file {part} is missing: run `make setup`, which installs the npm packages.",
                code="FONT_SOURCE_MISSING",
                font=face.family,
                file=str(part),
            )
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            merged = _merge([_as_ttf(part, Path(scratch)) for part in parts])
            _name(merged, face)
            unfinished = Path(scratch) / path.name
            merged.save(unfinished)
            unfinished.replace(path)
    except (TTLibError, OSError) as error:
        raise OperatorError(
            f"The font {face.family} could not be made from {parts[0].parent}: {error}.",
            code="FONT_SOURCE_MISSING",
            font=face.family,
        ) from error


def _as_ttf(part: Path, scratch: Path) -> str:
    """Unpack one WOFF2 part into a file that the merger can open."""
    font = TTFont(part, recalcTimestamp=False)
    for tag in _DROPPED_TABLES:
        if tag in font:
            del font[tag]
    font.flavor = None
    target = scratch / f"{part.stem}.part.ttf"
    font.save(target)
    return str(target)


def _merge(parts: list[str]) -> Any:
    """Return one font of all glyphs, with the shaping rules (GSUB, GPOS) of every part."""
    # fontTools tells every table it merges at INFO level, and duplicates (Latin in the Khmer part) as warnings.
    logger = logging.getLogger("fontTools")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        merged = Merger().merge(parts)
    finally:
        logger.setLevel(level)
    # The merger dates its work; the first part's dates stand instead: the same packages give the same bytes.
    merged.recalcTimestamp = False
    dates = TTFont(parts[0])["head"]
    merged["head"].created, merged["head"].modified = dates.created, dates.modified
    return merged


def _name(font: Any, face: Face) -> None:
    """Give the font the one family name and weight that templates ask for."""
    font["OS/2"].usWeightClass = face.weight
    names = font["name"]
    for name_id in _FAMILY_NAME_IDS:
        names.setName(face.family, name_id, 3, 1, 0x409)
    for name_id in _STYLE_NAME_IDS:
        names.setName(str(face.weight), name_id, 3, 1, 0x409)
    names.setName(f"{face.family} {face.weight}", _FULL_NAME_ID, 3, 1, 0x409)
