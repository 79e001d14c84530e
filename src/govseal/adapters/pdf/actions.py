"""Which actions of a PDF are active: what they do, and whether they happen unasked (ISO 32000-2, 12.6).

Some are active wherever they stand, since nobody can tell beforehand what they show. Others may stay where a reader
presses something, but not where they happen by themselves: when something is opened, shown or passed by.

What is *not* here: other active parts, and taking them out (`activity`).
"""

from collections.abc import Collection, Iterator
from typing import Final

import pikepdf

from govseal.adapters.pdf.reading import array, dictionary, name

SCRIPT: Final = "JavaScript"
_ACTIVE = {
    "/JavaScript": SCRIPT,
    "/Launch": "launching a program",
    "/GoToE": "opening an embedded file",
    "/ImportData": "importing data",
}
_STEPS = frozenset({"", "/GoTo", "/GoToDp", "/Named", "/Trans"})
"""What may happen unasked: going to a page of the same file (12.6.4.2, 12.6.4.12); without a type, nothing."""

_PRESSED = frozenset({"/D", "/U"})
"""Triggers that are a reader's own: the button down, and up again (12.6.3)."""

_PRESENTING = frozenset({"/NA", "/PA"})
"""Before and after a step of a presentation (12.4.4.2); in a link /PA is an address that nothing follows."""

_MAX_CHAIN = 1_000


def kind_of(value: object) -> str | None:
    """Say what kind of action, active wherever it stands, a value is; None when it is not one."""
    if not isinstance(value, pikepdf.Dictionary):
        return None
    kind = name(value.get("/S"))
    if kind == "/URI" and _is_script(value.get("/URI")):
        return SCRIPT
    return _ACTIVE.get(kind) or (SCRIPT if kind and "/JS" in value else None)


def unasked(value: pikepdf.Object, keys: Collection[str]) -> Iterator[tuple[pikepdf.Object, str]]:
    """Yield where a dictionary keeps actions that happen unasked and do more than go to a page: holder and key.

    Args:
        value: the dictionary or stream.
        keys: its keys.
    """
    places = [(value, "/OpenAction")] if "/OpenAction" in keys else []
    if "/AA" in keys:
        triggers = dictionary(value["/AA"])
        places += [(triggers, key) for key in set(triggers.keys()) - _PRESSED]
    if "/Subtype" not in keys:
        places += [(value, key) for key in _PRESENTING.intersection(keys)]
    for holder, key in places:
        action = holder[key]
        if isinstance(action, pikepdf.Dictionary) and _acts(action):
            yield holder, key


def _is_script(address: object) -> bool:
    text = bytes(address) if isinstance(address, pikepdf.String) else b""
    return text.strip().lower().startswith(b"javascript:")


def _acts(action: pikepdf.Object) -> bool:
    """Say whether an action, or one that follows it, does more than go to a page; a chain without end counts as one.

    What is active wherever it stands is not counted again.
    """
    waiting: list[object] = [action]
    for _ in range(_MAX_CHAIN):
        if not waiting:
            return False
        current = dictionary(waiting.pop())
        if name(current.get("/S")) not in _STEPS and kind_of(current) is None:
            return True
        following = current.get("/Next")
        waiting += array(following) or [following] * (following is not None)
    return True
