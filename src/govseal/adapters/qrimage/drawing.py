"""Draws QR codes as SVG, PNG and PDF (docs/protocol.md section 4, "Drawing" and "Print").

A `Symbol` is the bare grid of modules; every form is drawn from it, so all forms show the same code. Error
correction is M, no logo, the quiet zone four modules. Vector forms are one filled path of row runs: one
fill has no hairlines between its rows, whatever the renderer.

Engine: zxing-cpp's writer. It splits prefix and digits into a byte and a numeric segment by itself, and so
gives the version that `segno.make([prefix, digits], error="m")` gives (a test compares) in 1/40 of the time.

What is *not* here: reading (`reading`), the text of each profile (`govseal.core.qrtext`), the place of a
code on a page (`pdf`, and the templates of a document type).
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import pikepdf
import zxingcpp
from PIL import Image

from govseal.core.errors import InputError, TooLargeError

QUIET_ZONE = 4
"""Modules of white on each side (ISO/IEC 18004 and section 4, "Print")."""

MODULE_MM = 0.508
"""Printed width of a module: 12 dots at 600 dpi, 6 at 300. Section 4 asks for 0.5 mm and whole dots."""

FLOOR_MODULE_MM = 0.42
"""Section 4, "Print": a code with smaller modules is refused."""

_LONGEST_TEXT = 5596  # digits that version 40-M holds; a longer text fits no symbol
_POINTS_PER_MM = 72 / 25.4
_DARK_RUN = re.compile(rb"\x01+")
_RUN_PATHS = tuple(f"h{length}v1h-{length}" for length in range(178))  # a symbol has 177 columns at most
_DARK_IS_ONE = bytes([1, *([0] * 255)])


class QrText(Protocol):
    """What `govseal.core.qrtext` hands over: the text in one or two segments."""

    @property
    def segments(self) -> tuple[str, ...]:
        """The prefix and the digits, or the whole text."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """The modules of a QR code, without its quiet zone.

    Attributes:
        rows: top to bottom; one byte a module, 1 where it is dark.
    """

    rows: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Modules on a side: 21 (version 1) to 177 (version 40)."""
        return len(self.rows)

    @property
    def print_mm(self) -> float:
        """Side in mm, without quiet zone, at which the platform prints this symbol."""
        return round(self.size * MODULE_MM, 3)

    def module_mm(self, side_mm: float) -> float:
        """Return the width of a module when the symbol is printed `side_mm` wide.

        Raises:
            InputError: under the floor of section 4, "Print" (code `QR_TOO_SMALL`).
        """
        module = side_mm / self.size
        if module < FLOOR_MODULE_MM:
            least = self.size * FLOOR_MODULE_MM
            raise InputError(
                f"A code of {self.size} modules printed {side_mm:g} mm wide cannot be scanned reliably: "
                f"it needs at least {least:.1f} mm, better {self.print_mm:.1f} mm.",
                code="QR_TOO_SMALL",
                side_mm=side_mm,
                least_mm=round(least, 2),
            )
        return module

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield (column, row, length) of each run of dark modules, from the top left."""
        for row, modules in enumerate(self.rows):
            for run in _DARK_RUN.finditer(modules):
                yield run.start(), row, run.end() - run.start()

    def svg(self, *, quiet_zone: int = QUIET_ZONE) -> str:
        """Return an SVG whose user unit is one module, dark on white."""
        side = self.size + 2 * quiet_zone
        # Not by `runs`: a batch draws thousands, and this takes a fifth of the time. A fill closes what it fills.
        modules = np.frombuffer(b"\0".join([b"", *self.rows, b""]), np.int8)
        edges = np.flatnonzero(np.diff(modules))
        begins, lengths = edges[::2].tolist(), (edges[1::2] - edges[::2]).tolist()
        places = _places(self.size, quiet_zone)
        path = "".join([places[at] + _RUN_PATHS[length] for at, length in zip(begins, lengths, strict=True)])
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
            f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
        )

    def png(self, *, module_px: int = 8) -> bytes:
        """Return a black and white PNG with quiet zone, `module_px` pixels a module."""
        side = self.size + 2 * QUIET_ZONE
        modules = Image.new("L", (side, side), 255)
        pixels = b"".join(self.rows).translate(bytes([255, 0, *([0] * 254)]))
        modules.paste(Image.frombytes("L", (self.size, self.size), pixels), (QUIET_ZONE, QUIET_ZONE))
        stream = io.BytesIO()
        scaled = modules.resize((side * module_px, side * module_px), Image.Resampling.NEAREST)
        scaled.convert("1").save(stream, "PNG", optimize=True)
        return stream.getvalue()

    def path(self) -> bytes:
        """Return PDF operators that fill the dark modules in the unit square, y upwards, in the current colour."""
        unit = 1 / self.size
        operators = [f"q {unit:.8f} 0 0 {unit:.8f} 0 0 cm"]
        operators += [f"{column} {self.size - row - 1} {length} 1 re" for column, row, length in self.runs()]
        return "\n".join([*operators, "f Q\n"]).encode("ascii")

    def pdf(self, *, side_mm: float | None = None) -> bytes:
        """Return a PDF of one page that holds the code and its quiet zone, `side_mm` without the latter.

        Raises:
            InputError: `side_mm` is under the floor (code `QR_TOO_SMALL`).
        """
        side = side_mm or self.print_mm
        margin = self.module_mm(side) * QUIET_ZONE * _POINTS_PER_MM
        extent = side * _POINTS_PER_MM
        stream = io.BytesIO()
        with pikepdf.new() as document:
            page = document.add_blank_page(page_size=(extent + 2 * margin, extent + 2 * margin))
            place = f"0 g {extent:.4f} 0 0 {extent:.4f} {margin:.4f} {margin:.4f} cm\n".encode("ascii")
            page.Contents = document.make_stream(place + self.path())
            document.save(stream, deterministic_id=True)
        return stream.getvalue()


@lru_cache(maxsize=8)
def _places(size: int, quiet_zone: int) -> list[str]:
    """Return where a run begins, for each module of the rows one after the other with a light one between them."""
    return [f"M{column + quiet_zone} {row + quiet_zone}" for row in range(size) for column in range(size + 1)]


def symbol(code: QrText) -> Symbol:
    """Return the symbol of `code`, error correction M.

    Raises:
        TooLargeError: no QR code holds so long a text.
    """
    text = "".join(code.segments)
    if len(text) > _LONGEST_TEXT:
        raise TooLargeError("The text is too long for a QR code.", length=len(text), most=_LONGEST_TEXT)
    try:
        drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    except (ValueError, RuntimeError) as error:
        raise TooLargeError("The text is too long for a QR code.", length=len(text)) from error
    pixels = np.asarray(zxingcpp.write_barcode_to_image(drawn, scale=1, add_quiet_zones=False))
    return Symbol(tuple(row.tobytes().translate(_DARK_IS_ONE) for row in pixels))
