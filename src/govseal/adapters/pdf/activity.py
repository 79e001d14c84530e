"""Finds, and on request removes, what makes a PDF act: it could show another content later, or start a program.

Active are JavaScript, launching programs, opening embedded files, importing data, XFA forms, whatever happens unasked
other than going to a page, and parts that show or print something else than the page: streams whose data lie outside
the file, images with another version for print, drawings for PostScript printers, layers that follow the zoom or the
reader, rich media (ISO 32000-1: 12.6.4, 12.7.8, 7.3.8.2, 8.9.5.4, 8.8.2, 8.11.4.4; ISO 32000-2: 13.7). Links to pages
and to the web are not, nor is a form that sends its values, a layer that changes, or a film that plays when its reader
presses a button.

Each kind is found and removed by one rule, so that nothing is found that would stay.

What is *not* here: which actions are active (`actions`), deciding to remove (`preparing`).
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

import pikepdf

from govseal.adapters.pdf.actions import SCRIPT, kind_of, unasked
from govseal.adapters.pdf.reading import array, dictionary, entry, everything, name

XFA: Final = "an XFA form"
_EMBEDDED = "opening an embedded file"
_UNASKED = "something that happens unasked"

_OUTSIDE = frozenset({"/F", "/Ref", "/OPI"})
"""Where the data lie: in another file, on a page of one, or as a picture of one (7.3.8.2, 8.10.4, 14.11.7)."""

_SHELLS = frozenset({"/D", "/Navigator"})
"""What a collection shows in place of this file's pages: a file in it, or a program (7.11.6)."""

_MOVED_BY = frozenset({"/Zoom", "/User", "/Language"})
_RICH = ("/RichMediaContent", "/RichMediaSettings")


def active_parts(document: pikepdf.Pdf) -> list[str]:
    """Return, in words and sorted, the kinds of active content in what the file can show; reads all of it."""
    return sorted(set(_kinds(document)))


def _kinds(document: pikepdf.Pdf) -> Iterator[str]:
    for kind, holder, keys in _of_the_file(document):
        if not keys.isdisjoint(dictionary(holder).keys()):
            yield kind
    for value in everything(document):
        if isinstance(value, pikepdf.Array):
            continue
        keys = frozenset(value.keys())
        action = kind_of(value)
        if action:
            yield action
        if any(True for _ in unasked(value, keys)):
            yield _UNASKED
        for rule in _RULES:
            if not rule.keys.isdisjoint(keys) and rule.holds(value):
                yield rule.kind


def remove_active(document: pikepdf.Pdf) -> None:
    """Take the active parts out; everything else stays."""
    for _, holder, keys in _of_the_file(document):
        _drop(holder, keys)
    _drop(document.Root, {"/NeedsRendering"})
    for value in list(everything(document)):
        if isinstance(value, pikepdf.Array):
            _drop_items(value)
            continue
        for key in list(value.keys()):
            if kind_of(value[key]):
                del value[key]
        for holder, key in list(unasked(value, value.keys())):
            del holder[key]
        for rule in _RULES:
            if not rule.keys.isdisjoint(value.keys()) and rule.holds(value):
                rule.mend(value)


def _of_the_file(
    document: pikepdf.Pdf,
) -> Iterator[tuple[str, pikepdf.Object | None, frozenset[str]]]:
    """Yield kinds that the catalogue can lead to, whose dictionary, and the keys there."""
    yield XFA, entry(document.Root, "/AcroForm"), frozenset({"/XFA"})
    yield SCRIPT, entry(document.Root, "/Names"), frozenset({"/JavaScript"})
    yield "a presentation", entry(document.Root, "/Names"), frozenset({"/AlternatePresentations"})
    yield _EMBEDDED, entry(document.Root, "/Collection"), _SHELLS


@dataclass(frozen=True, slots=True)
class _Rule:
    """One kind of active part.

    Attributes:
        kind: in words.
        keys: a dictionary without any of them is none.
        holds: says whether a dictionary with one is.
        mend: makes it none.
    """

    kind: str
    keys: frozenset[str]
    holds: Callable[[pikepdf.Object], bool]
    mend: Callable[[pikepdf.Object], None]


def _is_stream(value: pikepdf.Object) -> bool:
    return isinstance(value, pikepdf.Stream)


def _shows_at_once(value: pikepdf.Object) -> bool:
    """Say whether a 3D scene shows when its page does (13.6.2); by default it waits for a reader's press."""
    return name(entry(value, "/3DA", "/A")) in {"/PO", "/PV"}


def _is_rich(value: pikepdf.Object) -> bool:
    return name(value.get("/Subtype")) == "/RichMedia"


def _make_picture(value: pikepdf.Object) -> None:
    """Leave of a rich media annotation what it looks like (ISO 32000-2, 13.7.2)."""
    _drop(value, _RICH)
    value.Subtype = pikepdf.Name.Stamp


def _is_postscript(value: pikepdf.Object) -> bool:
    """Say whether a stream is drawn by PostScript printers alone, or in their way (8.8.2)."""
    return _is_stream(value) and "/PS" in {name(value.get("/Subtype")), name(value.get("/Subtype2"))}


def _empty_postscript(value: pikepdf.Object) -> None:
    """Leave what is seen on the screen: the form, or nothing."""
    if name(value.get("/Subtype")) == "/PS":
        value.write(b"")
        value.Subtype, value.BBox = pikepdf.Name.Form, pikepdf.Array([0, 0, 0, 0])
    _drop(value, {"/Subtype2", "/PS", "/Level1"})


def _moves(value: pikepdf.Object) -> bool:
    """Say whether it switches layers by the zoom, or by who reads (8.11.4.4)."""
    return any(name(one) in _MOVED_BY for one in array(value["/Category"])) and "/OCGs" in value


def _hold_still(value: pikepdf.Object) -> None:
    value.Category = pikepdf.Array([one for one in array(value.Category) if name(one) not in _MOVED_BY])


def _drop(holder: object, keys: Collection[str]) -> None:
    holding = dictionary(holder)
    for key in set(holding.keys()).intersection(keys):
        del holding[key]


def _drop_items(items: pikepdf.Object) -> None:
    kept = [item for item in array(items) if not kind_of(item)]
    if len(kept) < len(items):
        while len(items):
            del items[-1]
        items.extend(kept)


_RULES: Final = (
    _Rule("a stream outside the file", _OUTSIDE, _is_stream, lambda value: _drop(value, _OUTSIDE)),
    _Rule(
        "an image that prints otherwise",
        frozenset({"/Alternates"}),
        _is_stream,
        lambda value: _drop(value, {"/Alternates"}),
    ),
    _Rule("a drawing for PostScript printers", frozenset({"/Subtype"}), _is_postscript, _empty_postscript),
    _Rule(SCRIPT, frozenset({"/OnInstantiate"}), _is_stream, lambda value: _drop(value, {"/OnInstantiate"})),
    _Rule(_UNASKED, frozenset({"/3DA"}), _shows_at_once, lambda value: _drop(value, {"/3DA"})),
    _Rule("rich media", frozenset({"/Subtype"}), _is_rich, _make_picture),
    _Rule("a layer that follows the zoom or the reader", frozenset({"/Category"}), _moves, _hold_still),
)
