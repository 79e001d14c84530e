"""Short Latin text as filled outlines, for a host's name beside a code.

What is *not* here: shaping. Khmer needs it; it is set by `typeset`.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

from govseal.core.errors import InputError, OperatorError


class Lettering:
    """One line of text in one font.

    Args:
        font: a TrueType file.
        text: characters that the font has, each set with its plain advance.

    Raises:
        OperatorError: the font file is missing or broken (code `FONT_MISSING`).
        InputError: the font lacks a character (code `CHARACTER_UNPRINTABLE`).
    """

    def __init__(self, font: Path, text: str) -> None:
        opened = _open(font)
        characters = opened.getBestCmap()
        missing = [character for character in text if ord(character) not in characters]
        if missing:
            raise InputError(f"The character {missing[0]!r} cannot be printed.", code="CHARACTER_UNPRINTABLE")
        self._glyphs = opened.getGlyphSet()
        self._names = [characters[ord(character)] for character in text]
        self._units: int = opened["head"].unitsPerEm

    def width(self, height: float) -> float:
        """Return the width of the line when an em is `height` high, in the same unit."""
        advances: float = sum(self._glyphs[name].width for name in self._names)
        return advances * height / self._units

    def height_for(self, width: float) -> float:
        """Return the em at which the line is exactly `width` wide."""
        return width / self.width(1)

    def path(self, height: float) -> bytes:
        """Return PDF operators that fill the line in the current colour, its baseline from the origin."""
        scale = height / self._units
        pen = _OperatorPen(self._glyphs)
        for name in self._names:
            self._glyphs[name].draw(pen)
            pen.offset += self._glyphs[name].width
        return f"q {scale:.8f} 0 0 {scale:.8f} 0 0 cm\n{' '.join(pen.operators)} f Q\n".encode("ascii")


@lru_cache(maxsize=4)
def _open(font: Path) -> Any:
    try:
        return TTFont(font, lazy=False)
    except (OSError, ValueError) as error:
        raise OperatorError(
            f"The font {font} cannot be opened: run `govseal assets`.", code="FONT_MISSING", file=str(font)
        ) from error


class _OperatorPen(BasePen):  # type: ignore[misc]  # fontTools ships no types
    """Writes outlines as PDF path operators; the base class turns TrueType's curves into cubic ones."""

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.offset = 0.0
        self.operators: list[str] = []

    def _write(self, operator: str, *points: tuple[float, float]) -> None:
        numbers = " ".join(f"{x + self.offset:.1f} {y:.1f}" for x, y in points)
        self.operators.append(f"{numbers} {operator}")

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - named by fontTools
        self._write("m", point)

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - fontTools' name
        self._write("l", point)

    def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802 - fontTools' name
        self._write("c", *points)

    def _closePath(self) -> None:  # noqa: N802 - fontTools' name
        self.operators.append("h")
