"""Where things stand on the sheet: A4, millimetres from its top left corner.

Invariant: two quiet zones never overlap, and everything stays 12 mm inside the paper, which any printer reaches.
"""

from dataclasses import dataclass

PAPER_MM = (210.0, 297.0)
PAPERS_MM = {"A4": PAPER_MM, "Letter": (215.9, 279.4), "Legal": (215.9, 355.6)}
"""Papers that a printer may hold in A4's place (ISO 216; ANSI/ASME Y14.1)."""
RULER_MM = 100.0
RULERS = ((55.0, 48.0), (14.0, 150.0))
"""Left end of the one across, top end of the one down."""
BLACK = (95.0, 255.0, 20.0)
"""Left, top and side of the black square, on which contrast and sharpness are measured."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One code on the sheet.

    Attributes:
        name: what the report calls it; its symbol is given under this name.
        profile: `compact` or `offline`.
        x: left edge of the symbol, without its quiet zone.
        y: its top edge.
        side: its width.
    """

    name: str
    profile: str
    x: float
    y: float
    side: float


_MARK = 20.0


def _row(profile: str, y: float, sides: tuple[float, ...], gap: float) -> tuple[Spot, ...]:
    x, spots = (PAPER_MM[0] - sum(sides) - gap * (len(sides) - 1)) / 2, list[Spot]()
    for side in sides:
        spots.append(Spot(f"{profile} {side:g} mm", profile, round(x, 3), y, side))
        x += side + gap
    return tuple(spots)


SPOTS = (
    Spot("mark 1", "compact", 16, 16, _MARK),
    Spot("mark 2", "compact", PAPER_MM[0] - 16 - _MARK, 16, _MARK),
    Spot("mark 3", "compact", 16, PAPER_MM[1] - 16 - _MARK, _MARK),
    Spot("mark 4", "compact", PAPER_MM[0] - 16 - _MARK, PAPER_MM[1] - 16 - _MARK, _MARK),
    *_row("compact", 62, (10, 12.5, 14.5, 17, 25), 9),
    *_row("offline", 100, (27.5, 30, 32.5, 40), 10),
)
"""Four marks near the corners, then both profiles from too small to comfortable."""
