"""The three codes that are compared, and the sheets that they are printed on.

`peer` is a link of verify.gov.kh's form (docs/protocol.md section 4, `openattestation`): 130 characters, version 8-M.
All name one made-up host of the length of `verify.gov.kh`; no code of a real government is drawn.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from govseal.adapters.qrimage import Symbol, symbol
from govseal.core.qrtext import CompactCode, OpenAttestationCode

HOST: Final = "paper.example"
PROFILES: Final = ("compact", "offline", "peer")
DOTS_PER_MM: Final = 600 / 25.4
"""Every sheet is kept at 600 dpi, the resolution of office printers; so does docs/protocol.md section 4, "Print"."""

_SEAL_BYTES = 230
_MARGIN_MM = 9.0
_LINE_MM = 4.6
_WORDS = (
    "The bearer of this letter has passed the examination of the year and is entitled to all that follows from it. "
    "Given at the office on the date above, entered in the register and signed by the one who is in charge of it. "
)

Grey = NDArray[np.float32]
"""A sheet or picture, rows from the top: reflectance or light, 0 black to 1 white."""


@dataclass(frozen=True, slots=True)
class Text:
    """A QR text in its segments."""

    segments: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.segments)


@dataclass(frozen=True, slots=True)
class Subject:
    """One code on paper.

    Attributes:
        text: what a reader has to find.
        drawn: its modules.
        side_mm: printed width without the quiet zone.
    """

    text: str
    drawn: Symbol
    side_mm: float


def subject(profile: str, side_mm: float, rng: np.random.Generator) -> Subject:
    """Return a code of `profile`, with a content of its own, printed `side_mm` wide."""
    code = _code(profile, rng)
    return Subject(code.text, symbol(code), side_mm)


def page(printed: Subject) -> Grey:
    """Return the part of the page around a code as it should be: 1 paper, 0 ink; the code stands in its middle.

    Each edge between modules falls on a whole printer dot, as a printer's rasteriser puts it, so modules differ by a
    dot where the size is no multiple. Lines of text stand beside the quiet zone of four modules.
    """
    side = round(printed.side_mm * DOTS_PER_MM)
    quiet = round(4 * side / printed.drawn.size)
    extent = side + 2 * round(max(_MARGIN_MM * DOTS_PER_MM, 1.5 * quiet))
    sheet = _lettered(extent, side + 2 * quiet)
    edges = np.round(np.linspace(0, side, printed.drawn.size + 1)).astype(int)
    modules = np.frombuffer(b"".join(printed.drawn.rows), np.uint8).reshape((printed.drawn.size,) * 2)
    widths = np.diff(edges)
    code = 1.0 - np.repeat(np.repeat(modules, widths, axis=0), widths, axis=1)
    begin = (extent - side) // 2
    sheet[begin : begin + side, begin : begin + side] = code
    return sheet


def words(line: int) -> str:
    """Return some 400 characters of text, other ones for each line."""
    start = line * 37 % len(_WORDS)
    return _WORDS[start:] + _WORDS * 2


def _code(profile: str, rng: np.random.Generator) -> CompactCode | OpenAttestationCode | Text:
    match profile:
        case "compact":
            return CompactCode(HOST, rng.bytes(16))
        case "offline":  # as many digits as a seal of 230 bytes takes; what they say changes nothing on paper
            digits = "".join(str(digit) for digit in rng.integers(0, 10, _SEAL_BYTES // 7 * 17 + 15))
            return Text((f"https://{HOST}/s#", "2" + digits))
        case _:
            return OpenAttestationCode(HOST, rng.bytes(16).hex(), rng.bytes(32).hex())


def _lettered(extent: int, white: int) -> Grey:
    """Return a square of text with a white square of `white` dots in its middle."""
    picture = Image.new("L", (extent, extent), 255)
    draw = ImageDraw.Draw(picture)
    line = round(_LINE_MM * DOTS_PER_MM)
    font = ImageFont.load_default(size=round(line * 0.62))
    for number, y in enumerate(range(line // 2, extent - line, line)):
        draw.text((line // 2, y), words(number)[: extent // (line // 4)], fill=0, font=font)
    begin = (extent - white) // 2
    draw.rectangle((begin, begin, begin + white, begin + white), fill=255)
    draw.rectangle((extent - line // 3, 0, extent, extent), fill=255)
    return np.asarray(picture, np.float32) / 255


def blurred(picture: Grey, sigma: float) -> Grey:
    """Return `picture` under a Gaussian point spread of `sigma` pixels."""
    return (
        picture if sigma < 0.1 else cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    )
