"""Reads what a PDF's objects say where a file may say anything: no kind of object is taken for granted.

Each function answers for damaged and hostile objects too, with an empty value, or within a bound.

What is *not* here: opening files (`opening`), and any judgement (`activity`, `signatures`).
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import pikepdf

from govseal.core.errors import MalformedPdf

MAX_OBJECTS: Final = 2_000_000
"""Objects and values that are looked at in one file."""

_MAX_ANCESTORS = 64
_SIDES = 4
_INHERITABLE = ("/MediaBox", "/CropBox", "/Rotate")
Key = tuple[int, int]


def dictionary(value: object) -> pikepdf.Object:
    """Return `value` when it is a dictionary or a stream's, else an empty dictionary."""
    return value if isinstance(value, pikepdf.Dictionary | pikepdf.Stream) else pikepdf.Dictionary()


def array(value: object) -> list[pikepdf.Object]:
    """Return the items of an array; of anything else, none."""
    return list(value) if isinstance(value, pikepdf.Array) else []


def entry(holder: pikepdf.Object, *names: str) -> pikepdf.Object | None:
    """Return what lies under a path of names, or None."""
    found: pikepdf.Object | None = holder
    for key in names:
        found = dictionary(found).get(key)
    return found


def name(value: object) -> str:
    """Return a name with its slash, whatever bytes it is made of; of anything else, nothing."""
    return bytes(value).decode("latin-1") if isinstance(value, pikepdf.Name) else ""


def number(value: object, default: float = 0.0) -> float:
    """Return a number, or the default for anything else."""
    try:
        return float(value)  # type: ignore[arg-type]  # whatever is no number raises
    except (TypeError, ValueError, ArithmeticError):
        return default


def is_rectangle(value: object) -> bool:
    """Say whether a value is four numbers (ISO 32000-1, 7.9.5)."""
    parts = array(value)
    return len(parts) == _SIDES and all(type(part) in {int, Decimal} for part in parts)


def page_attributes(page: pikepdf.Object) -> dict[str, object]:
    """Return a page's boxes and turn, its own or its nearest ancestor's (ISO 32000-1, 7.7.3.4)."""
    found: dict[str, object] = {}
    node: object = page
    for _ in range(_MAX_ANCESTORS):
        holder = dictionary(node)
        for key in _INHERITABLE:
            if key not in found and key in holder:
                value = _attribute(holder[key])
                if value is not None:
                    found[key] = value
        if "/Parent" not in holder:
            return found
        node = holder["/Parent"]
    raise MalformedPdf("The PDF's pages are nested too deep.", code="PDF_TOO_LARGE")


def _attribute(value: pikepdf.Object) -> object:
    if isinstance(value, pikepdf.Array):
        return [number(part) for part in value]
    return number(value)


def everything(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield every dictionary, stream and array that can be reached from the trailer, each once.

    Raises:
        MalformedPdf: more than `MAX_OBJECTS` values (code `PDF_TOO_LARGE`).
    """
    waiting: list[object] = [document.trailer]
    seen: set[Key] = set()
    for _ in range(MAX_OBJECTS):
        if not waiting:
            return
        value = waiting.pop()
        if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
            continue
        if value.is_indirect:
            if value.objgen in seen:
                continue
            seen.add(value.objgen)
        yield value
        waiting.extend(value if isinstance(value, pikepdf.Array) else value.values())
    raise MalformedPdf("The PDF holds too many objects.", code="PDF_TOO_LARGE")


def form_fields(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield every field and widget of the form, each once."""
    waiting = array(entry(document.Root, "/AcroForm", "/Fields"))
    seen: set[Key] = set()
    for _ in range(MAX_OBJECTS):
        if not waiting:
            return
        field = dictionary(waiting.pop())
        if field.is_indirect:
            if field.objgen in seen:
                continue
            seen.add(field.objgen)
        yield field
        waiting.extend(array(field.get("/Kids")))
    raise MalformedPdf("The PDF's form has too many fields.", code="PDF_TOO_LARGE")
