"""The drawing of a seal: a white box, the code in it, and the host's name below, all of them filled paths.

No font is embedded, so a PDF/A stays one, and the code is sharp at any size. The white box holds the quiet zone of
four modules (docs/protocol.md section 4, "Print").

What is *not* here: where on a page it goes (`placing`), and into which part of the file (`spots`, `stamping`, `widgets`).
"""

from dataclasses import dataclass
from typing import Final, Protocol

from govseal.adapters.pdf.placing import Frame

QUIET_ZONE: Final = 4
_LABEL_MM = 2.3  # capital height plus leading of the host's name: about 6.5 pt


class DrawnCode(Protocol):
    """What this package needs of a drawn code; `qrimage.Symbol` is one."""

    def module_mm(self, side_mm: float) -> float:
        """Return the width of a module, or raise when it is under the floor."""

    def path(self) -> bytes:
        """Return operators that fill the dark modules in the unit square."""


class Label(Protocol):
    """A line of text as outlines; `lettering.Lettering` is one."""

    def width(self, height: float) -> float:
        """Return the width at that height of an em."""

    def height_for(self, width: float) -> float:
        """Return the height of an em at which it is that wide."""

    def path(self, height: float) -> bytes:
        """Return operators that fill it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Operators in millimetres, the origin at the bottom left of the white box, y upwards.

    Attributes:
        frame: its measures.
        module_mm: width of a module.
        ink: operators that fill code and label in the current colour.
    """

    frame: Frame
    module_mm: float
    ink: bytes

    @classmethod
    def of(cls, code: DrawnCode, label: Label, side_mm: float) -> "Drawing":
        """Return the drawing of a code whose side is `side_mm`.

        Raises:
            InputError: its modules would be too small (code `QR_TOO_SMALL`).
        """
        module = code.module_mm(side_mm)
        margin = QUIET_ZONE * module
        width = side_mm + 2 * margin
        label_mm = min(_LABEL_MM, label.height_for(width - margin))
        left = (width - label.width(label_mm)) / 2
        parts = (
            f"q {side_mm:.4f} 0 0 {side_mm:.4f} {margin:.4f} {margin + _LABEL_MM:.4f} cm\n".encode("ascii"),
            code.path(),
            f"Q\nq 1 0 0 1 {left:.4f} {margin / 2:.4f} cm\n".encode("ascii"),
            label.path(label_mm),
            b"Q\n",
        )
        return cls(Frame(width, width + _LABEL_MM, side_mm, margin), module, b"".join(parts))

    def operators(self, *, named_grey: bool = False) -> bytes:
        """Return all of it, in device grey, or in the colour space that resources call /Grey."""
        box = f"0 0 {self.frame.width:.4f} {self.frame.height:.4f} re f".encode("ascii")
        if named_grey:
            return b"/Grey cs 1 sc " + box + b" 0 sc\n" + self.ink
        return b"1 g " + box + b" 0 g\n" + self.ink
