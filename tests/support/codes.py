"""Codes to draw and pages to draw them on, made the same way in every run."""

import io
from dataclasses import dataclass
from datetime import date

import pikepdf

from govseal.adapters.qrimage import Symbol, symbol
from govseal.adapters.typeset import SheetContext
from govseal.core.qrtext import CompactCode

SECRET = bytes(range(16))
HOST = "gov.demo"
COMPACT = CompactCode(HOST, SECRET)


@dataclass(frozen=True)
class Text:
    """A QR text of any length; a real offline code needs a signed seal, a drawing does not care."""

    segments: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.segments)


# As many digits as a seal of 230 bytes has.
OFFLINE = Text((f"https://{HOST}/s#", "2" + "7182818284590452353602874713526624977572470936999595" * 11))


def drawn() -> dict[str, Symbol]:
    """Return both printed profiles."""
    return {"compact": symbol(COMPACT), "offline": symbol(OFFLINE)}


def sheet_context(*, host: str = HOST, demonstration: bool = True) -> SheetContext:
    """Return what a template prints besides the fields."""
    return SheetContext(
        host=host,
        number="2026-00417",
        issued=date(2026, 11, 22),
        issuer={"km": "ក្រសួងសាកល្បង", "en": "Ministry of Examples"},
        brand_colour="#014F99",
        demonstration=demonstration,
    )


def blank_pdf(
    *, pages: int = 1, rotate: int = 0, box: tuple[float, ...] = (0, 0, 595, 842), **save: object
) -> bytes:
    """Return a PDF of empty pages."""
    stream = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            page = document.add_blank_page(page_size=(box[2] - box[0], box[3] - box[1]))
            page.MediaBox = pikepdf.Array(list(box))
            if rotate:
                page.Rotate = rotate
        document.save(stream, deterministic_id="encryption" not in save, **save)
    return stream.getvalue()
