"""Reading salted data: what it shows, and the leaves that were hashed (docs/protocol.md 1.3 and 1.10).

One walk yields both, so that nothing is shown which the walk did not also hand over to be hashed. It follows the
reference to the letter: a text is trimmed as JavaScript trims, a number is read as JavaScript's `Number()` reads it.

    >>> read = Reading({"a": {"n": "ee7f3323-1634-4dea-8c12-f0bb83aff874:number:1.50"}, "c": [{}, "y"]})
    >>> read.shown
    {'a': {'n': 1.5}, 'c': [{}, 'y']}
    >>> read.leaves
    {'a.n': 'ee7f3323-1634-4dea-8c12-f0bb83aff874:number:1.50', 'c.0': {}, 'c.1': 'y'}

Depth is bounded by whoever parsed the tree (`govseal.core.jsjson`).

What is *not* here: hashing (`leaves`), and the flattening of version 3, which writes paths otherwise (`v3`).
"""

import math
import re
from collections.abc import Callable
from typing import Any

from govseal.core.errors import MalformedDocument
from govseal.core.openattestation.leaves import MAX_PATHS

_UUID4 = re.compile(
    r"[0-9A-Fa-f]{8}+-[0-9A-Fa-f]{4}+-4[0-9A-Fa-f]{3}+-[89ABab][0-9A-Fa-f]{3}+-[0-9A-Fa-f]{12}+(?::|\Z)"
)
_is_salted_string = re.compile(_UUID4.pattern.replace(r"(?::|\Z)", ":string:")).match
_SALT_LENGTH = 37  # a UUID and its colon
_STRING_AT = _SALT_LENGTH + len("string:")
_CONTAINERS = (dict, list)  # a tuple: `dict | list` would be built anew at each look

# What ECMA-262 calls WhiteSpace and LineTerminator. Python's own strip() takes other characters away.
_JS_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_DECIMAL = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
_RADIX = re.compile(r"0(?:[xX]([0-9A-Fa-f]+)|[oO]([0-7]+)|[bB]([01]+))")
_EXACT_DIGITS = 15  # any integer of so many digits is below 2^53
_INFINITY = {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}


class _Undefined:
    """JavaScript's undefined, which the reference can salt: as a member it is absent, in an array null."""


_UNDEFINED = _Undefined()


class Reading:
    """Salted data, read.

    Attributes:
        shown: every salted text replaced by its value; texts without a salt stay as they are, and so do all where one
            of them cannot be read. Numbers that JavaScript reads as NaN or an infinity become that float.
        leaves: the value of each leaf by its path; of two leaves with one path, the later, as in the reference.
        is_readable: False where a salted text names no type.
        is_flat: False where a key contains `.`, or the paths pass `MAX_PATHS`: no digest exists then.
    """

    __slots__ = ("_room", "is_flat", "is_readable", "leaves", "shown")

    def __init__(self, salted: Any) -> None:
        """Read `salted`: an object as a rule, but any JSON value is taken."""
        self.leaves: dict[str, Any] = {}
        self._room = MAX_PATHS
        self.is_flat = self.is_readable = True
        shown = self._members(salted, "") if isinstance(salted, dict) else self._odd(salted)
        self.shown = shown if self.is_readable else salted

    def _members(self, node: dict[str, Any], prefix: str) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        found = self.leaves
        self._room -= len(prefix) * len(node)
        if self._room < 0:
            self.is_flat = False
            return shown
        for key, value in _ordered(node) if "" in node and not prefix else node.items():
            if "." in key:
                self.is_flat = False
            path = prefix + key
            if isinstance(value, str):
                found[path] = value
                # Salted strings, which most members are, at once; the rest the long way.
                if _is_salted_string(value):
                    shown[key] = value[_STRING_AT:].rstrip(_JS_SPACE)
                elif (read := self._value(value)) is not _UNDEFINED:
                    shown[key] = read
            elif not value or not isinstance(value, _CONTAINERS):
                found[path] = value
                shown[key] = value.copy() if isinstance(value, _CONTAINERS) else value
            elif isinstance(value, dict):
                shown[key] = self._members(value, f"{path}." if path else "")
            else:
                shown[key] = self._elements(value, f"{path}." if path else "")
        return shown

    def _elements(self, node: list[Any], prefix: str) -> list[Any]:
        elements = {str(index): value for index, value in enumerate(node)}
        shown = self._members(elements, prefix)
        return [*map(shown.get, elements)]  # null where undefined

    def _odd(self, salted: Any) -> Any:
        """Read what is no object, of which the reference flattens arrays, and texts into their characters."""
        if isinstance(salted, list):
            return self._elements(salted, "")
        if not isinstance(salted, str):
            return salted
        self.leaves.update((str(index), character) for index, character in enumerate(salted))
        value = self._value(salted)
        return None if value is _UNDEFINED else value

    def _value(self, text: str) -> Any:
        """Return the value of a text, salted or not; `_UNDEFINED` for JavaScript's undefined."""
        if not _UUID4.match(text):
            return text
        kind, _, content = text[_SALT_LENGTH:].strip(_JS_SPACE).partition(":")
        if kind not in _VALUE_OF:
            self.is_readable = False
            return text
        return _VALUE_OF[kind](content)


def unsalt(salted: Any) -> Any:
    """Return what `salted` shows (see `Reading`).

    Raises:
        MalformedDocument: a salted text names no type.
    """
    read = Reading(salted)
    if not read.is_readable:
        raise MalformedDocument("A salted value names no type.")
    return read.shown


def leaves(data: Any) -> dict[str, Any]:
    """Return the value of each leaf of `data`, salted or not, by its path (see `Reading`).

    Raises:
        MalformedDocument: a key contains `.`, or the paths pass `MAX_PATHS`.
    """
    read = Reading(data)
    if not read.is_flat:
        raise MalformedDocument(
            "A key of an attested document contains a full stop, or its paths are too long."
        )
    return read.leaves


def element_index(key: str) -> int | None:
    """Return the index of an array's element that `key` is to JavaScript, or None: `07` and `4294967295` are none."""
    is_index = (
        key.isascii() and key.isdecimal() and (key == "0" or key[0] != "0") and len(key) <= len("4294967294")
    )
    return int(key) if is_index and int(key) < (1 << 32) - 1 else None


def _number(text: str) -> float:
    """Read `text` as ECMA-262's StringToNumber does; an exact integer comes back as an int."""
    if len(text) <= _EXACT_DIGITS and text.isascii() and text.isdecimal():  # what most numbers are
        return int(text)
    text = text.strip(_JS_SPACE)
    if not text:
        return 0
    if _DECIMAL.fullmatch(text):
        return _exact(float(text))
    if radix := _RADIX.fullmatch(text):
        base = 16 if radix[1] else 8 if radix[2] else 2
        return _exact(_wide(int(radix[1] or radix[2] or radix[3], base)))
    return _INFINITY.get(text, math.nan)


def _wide(integer: int) -> float:
    try:
        return float(integer)
    except OverflowError:
        return math.inf


def _exact(double: float) -> float:
    return int(double) if double.is_integer() and abs(double) <= 1 << 53 else double


def _ordered(node: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return members whose paths can meet others': which comes last is decided by JavaScript's order."""
    return sorted(node.items(), key=_javascript_order)


def _javascript_order(member: tuple[str, Any]) -> tuple[int, int]:
    """Array indexes first, ascending; other keys keep their order (ECMA-262, OrdinaryOwnPropertyKeys)."""
    index = element_index(member[0])
    return (1, 0) if index is None else (0, index)


_VALUE_OF: dict[str, Callable[[str], Any]] = {
    "string": str,
    "number": _number,
    "boolean": "true".__eq__,
    "null": lambda _: None,
    "undefined": lambda _: _UNDEFINED,
}
