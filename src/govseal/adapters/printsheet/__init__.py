"""A sheet that shows what a printer does to codes: drawn by `draw`, read back from a photo or scan by `measure`.

    pdf = draw(symbols, fonts_folder=Path("build/fonts"))
    measure(photo, symbols).scale

`layout` says what stands where, in millimetres. What can honestly be known of a picture: the codes give the plane of
the sheet in its own millimetres, whatever the printer did to them; the edge of the paper, or a scanner's stated
resolution, or the ruler that a person measured, gives real ones. Without one of these three no scale is told.

What is *not* here: drawing of symbols (`qrimage`), and what the texts of the codes are.
"""

from govseal.adapters.printsheet.drawing import draw
from govseal.adapters.printsheet.layout import SPOTS, Spot
from govseal.adapters.printsheet.measuring import Measured, Scale, measure

__all__ = ["SPOTS", "Measured", "Scale", "Spot", "draw", "measure"]
