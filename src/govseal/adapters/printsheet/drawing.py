"""Draws the sheet as a PDF: codes, rulers, a black square, and what to do, in English and Khmer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import typst

from govseal.adapters.printsheet.layout import BLACK, PAPER_MM, RULER_MM, RULERS, SPOTS
from govseal.core.errors import OperatorError

_FONT = "Kantumruy Pro"
_HEAD = f"""
#set document(title: "govseal print test")
#set page(width: {PAPER_MM[0]}mm, height: {PAPER_MM[1]}mm, margin: 0pt)
#set text(font: "{_FONT}", size: 9pt, lang: "km")
#set par(leading: 0.75em)
#let at(x, y, body) = place(top + left, dx: x * 1mm, dy: y * 1mm, body)
#let words(x, y, width, body) = at(x, y, box(width: width * 1mm, body))
"""
_WORDS = """
#words(42, 18, 126, align(center)[#text(14pt, weight: 700)[Print test · ការសាកល្បងបោះពុម្ព] \\
  Print at actual size (100 %). Photograph the whole sheet on a dark table. \\
  សូមបោះពុម្ពតាមទំហំពិត (១០០%) រួចថតសន្លឹកទាំងមូលឱ្យឃើញគែមទាំងបួន លើតុពណ៌ចាស់។])
#words(55, 51, 100, align(center)[100 mm])
#words(26, 165, 160)[
  *1.* Measure both rulers: 100 mm each. Less than 99 mm: the printer made the sheet smaller ("fit to page"). \\
  *2.* Scan the codes with a phone. Each size that is read easily may be used on documents. \\
  *3.* Let the photo be read: `govseal print-test --read PHOTO`

  *១.* សូមវាស់បន្ទាត់ទាំងពីរ៖ បន្ទាត់នីមួយៗមានប្រវែង ១០០ មម។ បើខ្លីជាង ៩៩ មម មានន័យថាម៉ាស៊ីនបោះពុម្ពបានបង្រួមសន្លឹក។ \\
  *២.* សូមស្កេនកូដដោយទូរស័ព្ទ។ ទំហំណាដែលអានបានស្រួល អាចប្រើលើឯកសារបាន។ \\
  *៣.* សូមឱ្យប្រព័ន្ធអានរូបថតសន្លឹកនេះ៖ `govseal print-test --read PHOTO`
]
#words(26, 215, 150)[
  The black square shows how dark the printer prints. The codes belong to no document.

  ការ៉េខ្មៅបង្ហាញថាម៉ាស៊ីនបោះពុម្ពបានខ្មៅកម្រិតណា។ កូដទាំងនេះមិនមែនជារបស់ឯកសារណាមួយឡើយ។
]
"""


class Drawn(Protocol):
    """A QR code that can be drawn; `qrimage.Symbol` is one."""

    def svg(self, *, quiet_zone: int) -> str:
        """Return it as SVG, with so many modules of white around."""


def draw(symbols: Mapping[str, Drawn], *, fonts_folder: Path) -> bytes:
    """Return the sheet as PDF.

    Args:
        symbols: by the names of `SPOTS`.
        fonts_folder: holds the TTF files made at set-up.

    Raises:
        OperatorError: the fonts are not there (`FONT_MISSING`).
    """
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(fonts_folder)]
    )
    if _FONT not in fonts.families():
        raise OperatorError(
            f"The font {_FONT!r} is not in {fonts_folder}: run `govseal assets`.", code="FONT_MISSING"
        )
    parts = [_HEAD, _WORDS, _ruler_across(*RULERS[0]), _ruler_down(*RULERS[1]), _black()]
    for spot in SPOTS:
        svg = symbols[spot.name].svg(quiet_zone=0).replace('"', '\\"')
        parts.append(
            f'#at({spot.x}, {spot.y}, image(bytes("{svg}"), format: "svg", width: {spot.side}mm))\n'
            f"#words({spot.x - 5}, {spot.y + spot.side + 3}, {spot.side + 10},"
            f" align(center, text(7pt)[{spot.side:g} mm]))"
        )
    compiler = typst.Compiler(input="\n".join(parts).encode(), font_paths=fonts, ignore_system_fonts=True)
    pdf = compiler.compile(format="pdf")
    if not isinstance(pdf, bytes):  # Typst answers None or a list for other formats only
        raise OperatorError("The print test sheet could not be typeset.")
    return pdf


def _ruler_across(x: float, y: float) -> str:
    ticks = (
        _bar(x + mm - 0.1, y - (4 if mm % 10 == 0 else 2), 0.2, 4 if mm % 10 == 0 else 2) for mm in _ticks()
    )
    return "\n".join([_bar(x, y, RULER_MM, 0.4), *ticks])


def _ruler_down(x: float, y: float) -> str:
    ticks = (_bar(x, y + mm - 0.1, 4 if mm % 10 == 0 else 2, 0.2) for mm in _ticks())
    return "\n".join([_bar(x, y, 0.4, RULER_MM), *ticks])


def _ticks() -> range:
    return range(0, int(RULER_MM) + 1, 5)


def _black() -> str:
    x, y, side = BLACK
    return _bar(x, y, side, side)


def _bar(x: float, y: float, width: float, height: float) -> str:
    return f"#at({x:.2f}, {y:.2f}, rect(width: {width}mm, height: {height}mm, fill: black))"
