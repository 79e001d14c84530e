"""Where a code stands: presets, millimetres from any corner, and the page's own geometry.

Distances go from a corner of the page *as a reader sees it* (the CropBox within the MediaBox, turned by
/Rotate, in units of /UserUnit) to the nearest corner of the code itself, its quiet zone and label not counted.
Boxes that a file leaves out, writes from the wrong corner or makes empty are taken as PDFium takes them, so
that what is measured here is what is drawn there.

    Place.parse("bottom-right")          # a preset
    Place.parse("20,15", page=2)         # 20 mm from the left, 15 mm from the top
    Place.parse("bottom-left:20,15")     # from another corner

What is *not* here: drawing (`stamping`), and what already stands at the place (`noticing`).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from govseal.core.errors import InputError, MalformedPdf

POINTS_PER_MM: Final = 72 / 25.4
DEFAULT_SIDE_MM: Final = 14.8
"""A compact code of 29 modules at 0.51 mm (docs/protocol.md section 4)."""

_PRESET_MM = 12.0  # clear of what office printers leave white, quiet zone counted
_CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")
_MIDDLES = ("top", "bottom", "left", "right", "centre")
PRESETS: Final = (*_CORNERS, *_MIDDLES)
_LONGEST_MM = 100_000.0
_QUARTERS = 4
# Where "right" and "up" of the page as seen point in its own coordinates, by quarter turns (clockwise).
_DIRECTIONS = ((1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0))
_WRITTEN = re.compile(r"(?:(?P<corner>[a-z]+-[a-z]+):)?(?P<x>\d+(?:\.\d+)?),(?P<y>\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code stands.

    Attributes:
        page: from 1; 0 for every page.
        x_mm: from the anchor's vertical edge to the code; ignored where the code is centred across.
        y_mm: from the anchor's horizontal edge to the code; ignored where the code is centred upright.
        size_mm: side of the code, quiet zone not counted.
        anchor: one of `PRESETS`: the corner or side from which distances are measured.
    """

    page: int = 1
    x_mm: float = 20.0
    y_mm: float = 20.0
    size_mm: float = DEFAULT_SIDE_MM
    anchor: str = "top-left"

    @classmethod
    def parse(cls, text: str, *, page: int = 1, size_mm: float = DEFAULT_SIDE_MM) -> "Place":
        """Return the place that a person wrote.

        Raises:
            InputError: neither a preset nor distances (code `PLACE_UNKNOWN`).
        """
        if text in PRESETS:
            return cls(page, _PRESET_MM, _PRESET_MM, size_mm, text)
        written = _WRITTEN.fullmatch(text)
        corner = (written and written["corner"]) or "top-left"
        if written is None or corner not in _CORNERS:
            raise InputError(
                f"Write the place {text!r} as one of {', '.join(PRESETS)}, or as x,y in mm from the top left corner,"
                " or from another: bottom-right:20,15.",
                code="PLACE_UNKNOWN",
            )
        return cls(page, float(written["x"]), float(written["y"]), size_mm, corner)

    def __post_init__(self) -> None:
        numbers = (self.x_mm, self.y_mm, self.size_mm)
        if not all(math.isfinite(number) and 0 <= number <= _LONGEST_MM for number in numbers):
            raise InputError("Distances and sizes are millimetres from 0.", code="PLACE_UNKNOWN")
        if self.page < 0 or self.anchor not in PRESETS:
            raise InputError(f"There is no page {self.page}: pages count from 1.", code="PLACE_UNKNOWN")

    def facts(self) -> dict[str, Any]:
        """Return the place as plain values: what another process is told."""
        return asdict(self)

    def left_top(self, frame: "Frame", page_width: float, page_height: float) -> tuple[float, float]:
        """Return where the top left corner of the whole stamp lies, in mm from that of the page."""
        bare = frame.height - frame.side - 2 * frame.margin  # the label's strip under the quiet zone
        lefts = {
            "left": self.x_mm - frame.margin,
            "right": page_width - self.x_mm - frame.width + frame.margin,
        }
        tops = {
            "top": self.y_mm - frame.margin,
            "bottom": page_height - self.y_mm - frame.height + frame.margin + bare,
        }
        words = self.anchor.split("-")
        across = next((lefts[word] for word in words if word in lefts), (page_width - frame.width) / 2)
        upright = next((tops[word] for word in words if word in tops), (page_height - frame.height) / 2)
        return across, upright


@dataclass(frozen=True, slots=True)
class Frame:
    """The white box around a code: its outer size, and the code's side and quiet zone in it, in mm."""

    width: float
    height: float
    side: float
    margin: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page as seen: millimetres from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class View:
    """The page as a reader sees it: its visible box in its own coordinates, its turn, and its scale.

    Attributes:
        left: of the visible box, in the page's units.
        bottom: of the same.
        right: of the same.
        top: of the same.
        quarters: quarter turns clockwise, 0 to 3.
        units_per_mm: of the page's units.
    """

    left: float
    bottom: float
    right: float
    top: float
    quarters: int
    units_per_mm: float

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height as seen, in mm."""
        width, height = (self.right - self.left, self.top - self.bottom)
        return _turned((width / self.units_per_mm, height / self.units_per_mm), self.quarters)

    def box(self, place: Place, frame: Frame, page: int) -> Box:
        """Return where the stamp lies.

        Raises:
            MalformedPdf: not wholly on the page (code `PDF_PLACE_OUTSIDE_PAGE`).
        """
        width, height = self.size_mm
        left, top = place.left_top(frame, width, height)
        slack = 1e-6
        if (
            min(left, top) < -slack
            or left + frame.width > width + slack
            or top + frame.height > height + slack
        ):
            raise MalformedPdf(
                f"The code with its white margin does not lie on page {page}, which is {width:.0f} mm by"
                f" {height:.0f} mm: the margin is {frame.margin:.1f} mm wide, and the host's name stands below.",
                code="PDF_PLACE_OUTSIDE_PAGE",
                width_mm=round(width, 1),
                height_mm=round(height, 1),
            )
        return Box(left, top, frame.width, frame.height)

    def matrix(self, box: Box) -> tuple[float, ...]:
        """Return the matrix that makes the box's bottom left corner the origin, a millimetre the unit, up up."""
        right, down = box.left * self.units_per_mm, (box.top + box.height) * self.units_per_mm
        origin = (
            (self.left + right, self.top - down),
            (self.left + down, self.bottom + right),
            (self.right - right, self.bottom + down),
            (self.right - down, self.top - right),
        )[self.quarters]
        return (*(direction * self.units_per_mm for direction in _DIRECTIONS[self.quarters]), *origin)

    def rectangle(self, box: Box) -> tuple[float, float, float, float]:
        """Return left, bottom, right, top of the box in the page's coordinates."""
        a, b, c, d, e, f = self.matrix(box)
        xs = (e, e + a * box.width + c * box.height)
        ys = (f, f + b * box.width + d * box.height)
        return min(xs), min(ys), max(xs), max(ys)


def view_of(attributes: Mapping[str, Any], *, user_unit: float) -> View:
    """Return the view of a page from its /MediaBox, /CropBox and /Rotate, inherited ones filled in.

    Args:
        attributes: boxes as four numbers, and the angle; whatever is unusable is left out.
        user_unit: points in a unit of the page.
    """
    media = _box(attributes.get("/MediaBox")) or (0.0, 0.0, 612.0, 792.0)
    visible = attributes.get("/CropBox")
    if visible is not None and not (isinstance(visible, list) and len(visible) == _QUARTERS):
        raise MalformedPdf(
            "What is visible of a page is written so that programs disagree about it: print the PDF to a new one.",
            code="PDF_LOOKS_DIFFERENT",
        )
    crop = _box(visible) or media
    seen = (max(crop[0], media[0]), max(crop[1], media[1]), min(crop[2], media[2]), min(crop[3], media[3]))
    if seen[0] >= seen[2] or seen[1] >= seen[3]:
        raise MalformedPdf("The page has no visible part.", code="PDF_PLACE_OUTSIDE_PAGE")
    quarters = int(attributes.get("/Rotate") or 0) // 90 % _QUARTERS
    unit = user_unit if math.isfinite(user_unit) and user_unit > 0 else 1.0
    return View(*seen, quarters, POINTS_PER_MM / unit)


def _box(numbers: Sequence[float] | None) -> tuple[float, float, float, float] | None:
    """Return left, bottom, right, top of a rectangle, which PDF allows to be written from any corner."""
    if numbers is None or len(numbers) != _QUARTERS or not all(math.isfinite(number) for number in numbers):
        return None
    x0, y0, x1, y1 = numbers
    box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    return None if box[0] == box[2] or box[1] == box[3] else box


def _turned(size: tuple[float, float], quarters: int) -> tuple[float, float]:
    return size if quarters % 2 == 0 else size[::-1]
