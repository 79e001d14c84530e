"""What a template is given: the fields, the drawn codes, and what surrounds them.

What is *not* here: judging the fields (`fields`), compiling the template (the package itself).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from govseal.adapters.typeset.breaking import flowing
from govseal.writing import chhankitek


class DrawnCode(Protocol):
    """What a template needs of a drawn code; `qrimage.Symbol` is one."""

    @property
    def size(self) -> int:
        """Modules on a side, without quiet zone."""

    @property
    def print_mm(self) -> float:
        """Side in mm, without quiet zone."""

    def svg(self, *, quiet_zone: int) -> str:
        """Return the drawing."""


@dataclass(frozen=True, slots=True)
class SheetContext:
    """What a template prints besides the fields.

    Attributes:
        host: what the codes name; printed beside them without its scheme.
        number: the document's number.
        issued: date of issue; also dates the PDF.
        issuer: the institution's name per language.
        brand_colour: `#rrggbb` of the country pack.
        demonstration: prints plainly that the sheet is a specimen.
    """

    host: str
    number: str
    issued: date
    issuer: Mapping[str, str]
    brand_colour: str
    demonstration: bool = False


def sheet_of(
    fields: Mapping[str, Any], codes: Mapping[str, DrawnCode], context: SheetContext
) -> dict[str, Any]:
    """Return the sheet as the package's docstring describes it."""
    return {
        "fields": dict(fields),
        "flowing": {code: flowing(value) for code, value in fields.items() if isinstance(value, str)},
        "codes": {
            profile: {"svg": code.svg(quiet_zone=0), "modules": code.size, "size_mm": code.print_mm}
            for profile, code in codes.items()
        },
        "host": context.host.partition("://")[2] or context.host,
        "number": context.number,
        "issued": context.issued.isoformat(),
        "issued_lunar": _lunar(context.issued),
        "issuer": dict(context.issuer),
        "brand_colour": context.brand_colour,
        "demonstration": context.demonstration,
    }


def _lunar(day: date) -> str | None:
    """Return the Khmer date in words, or None for a year that its rules do not reach."""
    known = chhankitek.FIRST_YEAR <= day.year <= chhankitek.LAST_YEAR
    return chhankitek.lunar_date(day).in_words() if known else None
