"""Finds, and on request removes, what makes a PDF act: it could show another content later, or start a program.

Active are JavaScript, launching programs, opening embedded files, importing data, XFA forms, streams whose
data lie outside the file, what hides or shows parts of a page by itself, and images that print otherwise than they look
(ISO 32000-1: 12.6.4, 12.7.8, 7.3.8.2, 8.9.5.4). Links to pages and to the web are not, nor is
a form that sends its values, or a layer that changes, when its reader presses a button.

What is *not* here: deciding to remove (`preparing`).
"""

from collections.abc import Iterator
from typing import Final

import pikepdf

from govseal.adapters.pdf.reading import array, dictionary, entry, everything, name

XFA: Final = "an XFA form"
_ACTIVE = {
    "/JavaScript": "JavaScript",
    "/Launch": "launching a program",
    "/GoToE": "opening an embedded file",
    "/ImportData": "importing data",
}
_SHOWING = frozenset({"/SetOCGState", "/Hide"})
"""Actions that change what a page shows: active where they happen unasked (12.6.4.10, 12.6.4.12)."""

_MAX_CHAIN = 1_000

_OUTSIDE = frozenset({"/F", "/Ref", "/OPI"})
"""Where the data lie: in another file, on a page of one, or as a picture of one (7.3.8.2, 8.10.4, 14.11.7)."""


def active_parts(document: pikepdf.Pdf) -> list[str]:
    """Return, in words and sorted, the kinds of active content in what the file can show; reads all of it."""
    return sorted(set(_kinds(document)))


def _kinds(document: pikepdf.Pdf) -> Iterator[str]:
    if "/XFA" in dictionary(entry(document.Root, "/AcroForm")):
        yield XFA
    if "/JavaScript" in dictionary(entry(document.Root, "/Names")):
        yield "JavaScript"
    for value in everything(document):
        if isinstance(value, pikepdf.Array):
            continue
        kind = _active_kind(value)
        if kind:
            yield kind
        if any(_shows(action) for _, _, action in _unasked(value)):
            yield "hiding or showing parts of a page"
        if isinstance(value, pikepdf.Stream):
            if not _OUTSIDE.isdisjoint(value.keys()):
                yield "a stream outside the file"
            if "/Alternates" in value:
                yield "an image that prints otherwise"


def remove_active(document: pikepdf.Pdf) -> None:
    """Take the active parts out; everything else stays."""
    _drop(entry(document.Root, "/AcroForm"), "/XFA")
    _drop(document.Root, "/NeedsRendering")
    _drop(entry(document.Root, "/Names"), "/JavaScript")
    for value in list(everything(document)):
        if isinstance(value, pikepdf.Array):
            _drop_items(value)
            continue
        for key in list(value.keys()):
            if _active_kind(value[key]):
                del value[key]
        for holder, key, action in list(_unasked(value)):
            if _shows(action):
                del holder[key]
        if isinstance(value, pikepdf.Stream):
            for key in (*_OUTSIDE, "/Alternates"):
                _drop(value, key)


def _active_kind(value: object) -> str | None:
    """Say what kind of active action a value is; None when it is not one."""
    if not isinstance(value, pikepdf.Dictionary):
        return None
    kind = name(value.get("/S"))
    return _ACTIVE.get(kind) or ("JavaScript" if "/JS" in value and "/S" in value else None)


def _unasked(value: pikepdf.Object) -> Iterator[tuple[pikepdf.Object, str, pikepdf.Object]]:
    """Yield the actions that happen unasked, when something is opened, shown or passed by, and where they are kept."""
    places = [(value, "/OpenAction")]
    triggers = dictionary(value.get("/AA"))
    places += [(triggers, key) for key in triggers.keys()]  # noqa: SIM118 - a PDF object is no dict
    for holder, key in places:
        action = holder.get(key)
        if isinstance(action, pikepdf.Dictionary):
            yield holder, key, action


def _shows(action: pikepdf.Object) -> bool:
    """Say whether an action, or one that follows it, changes what a page shows; a chain without end counts as one."""
    waiting: list[object] = [action]
    for _ in range(_MAX_CHAIN):
        if not waiting:
            return False
        current = dictionary(waiting.pop())
        if name(current.get("/S")) in _SHOWING:
            return True
        following = current.get("/Next")
        waiting += (
            array(following)
            if isinstance(following, pikepdf.Array)
            else [following] * (following is not None)
        )
    return True


def _drop(holder: pikepdf.Object | None, key: str) -> None:
    if holder is not None and key in dictionary(holder):
        del holder[key]


def _drop_items(items: pikepdf.Object) -> None:
    kept = [item for item in array(items) if not _active_kind(item)]
    if len(kept) < len(items):
        while len(items):
            del items[-1]
        items.extend(kept)
