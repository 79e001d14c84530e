"""Salted values: `<uuid4>:<type>:<text>` (docs/protocol.md 1.2).

The salt keeps a hidden field from being guessed from its leaf hash. Salting changes primitives only; `{}` and
`[]` stay.

    >>> salt({"n": 1.0}, lambda: "ee7f3323-1634-4dea-8c12-f0bb83aff874")
    {'n': 'ee7f3323-1634-4dea-8c12-f0bb83aff874:number:1'}

What is *not* here: randomness (`uuid4_source` cuts UUIDs from bytes that its argument draws), and reading salted
values (`reading`).
"""

from binascii import hexlify
from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

from govseal.core.errors import MalformedDocument, TooLargeError
from govseal.core.jsjson import number_text
from govseal.core.openattestation.leaves import MAX_PATHS

_UUIDS_AT_ONCE = 256
_ROW = 36 + 1  # the text of a UUID, and a space after it
_HYPHENS = (8, 13, 18, 23)
_VERSION, _VARIANT = 14, 19
_TO_VARIANT = bytes.maketrans(b"0123456789abcdef", b"89ab" * 4)


def uuid4_source(draw: Callable[[int], bytes]) -> Callable[[], str]:
    """Return a function that gives a fresh version 4 UUID at each call (RFC 9562).

    Args:
        draw: returns so many cryptographically random bytes; callers pass `os.urandom`. It is asked for blocks,
            which is many times faster than one UUID at a time.
    """
    return chain.from_iterable(map(_uuid4s, repeat(draw))).__next__


def salt(data: Any, new_uuid: Callable[[], str]) -> Any:
    """Return a copy of `data` in which every primitive is salted.

    Args:
        data: JSON value.
        new_uuid: gives a fresh version 4 UUID at each call (see `uuid4_source`).

    Raises:
        MalformedDocument: a value that JSON has no form for, or a key that contains `.`.
    """
    return salt_leaves({"": data}, new_uuid)[0][""]


def salt_leaves(data: dict[str, Any], new_uuid: Callable[[], str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the salted copy of an object, and its leaves by their paths: what `reading.leaves` finds in the copy.

    One walk for both saves a twenty-fifth of the time of attesting. It says the same unless a key of the root is empty
    (see `leaves.ambiguous_paths`).

    Args:
        data: JSON object.
        new_uuid: as for `salt`.

    Raises:
        MalformedDocument: a value that JSON has no form for, or a key that contains `.`.
        TooLargeError: the paths pass `MAX_PATHS`.
    """
    walk = _Salting(new_uuid)
    return walk.members(data, ""), walk.found


class _Salting:
    """One walk over a document.

    Attributes:
        found: its leaves by their paths.
    """

    __slots__ = ("_new_uuid", "_room", "found")

    def __init__(self, new_uuid: Callable[[], str]) -> None:
        self.found: dict[str, Any] = {}
        self._new_uuid = new_uuid
        self._room = MAX_PATHS

    def members(self, node: dict[str, Any], prefix: str) -> dict[str, Any]:
        salted: dict[str, Any] = {}
        found, new_uuid = self.found, self._new_uuid
        self._room -= len(prefix) * len(node)
        if self._room < 0:
            raise TooLargeError("The paths of the document's values are too long.", limit=MAX_PATHS)
        for key, value in node.items():
            if "." in key:
                raise MalformedDocument(
                    "A key of an attested document must not contain a full stop.", key=key
                )
            if isinstance(value, str):
                salted[key] = found[prefix + key] = f"{new_uuid()}:string:{value}"
            elif not isinstance(value, (dict, list, tuple)):
                salted[key] = found[prefix + key] = f"{new_uuid()}:{_typed_text(value)}"
            elif not value:
                salted[key] = found[prefix + key] = {} if isinstance(value, dict) else []
            elif isinstance(value, dict):
                salted[key] = self.members(value, f"{prefix}{key}.")
            else:
                elements = {str(index): element for index, element in enumerate(value)}
                salted[key] = [*self.members(elements, f"{prefix}{key}.").values()]
        return salted


def _uuid4s(draw: Callable[[int], bytes]) -> list[str]:
    """Return a block of UUIDs: rows of random hex digits, over which the marks of RFC 9562 are written by columns.

    Column by column for all rows at once is three times as fast as putting each UUID together. Of a row's digits 30
    stay as drawn and the variant's keeps two bits: the 122 random bits of a version 4 UUID.
    """
    rows = bytearray(hexlify(draw(_ROW * _UUIDS_AT_ONCE // 2)))
    for column in _HYPHENS:
        rows[column::_ROW] = b"-" * _UUIDS_AT_ONCE
    rows[_VERSION::_ROW] = b"4" * _UUIDS_AT_ONCE
    rows[_VARIANT::_ROW] = rows[_VARIANT::_ROW].translate(_TO_VARIANT)
    rows[_ROW - 1 :: _ROW] = b" " * _UUIDS_AT_ONCE
    return rows.decode().split()


def _typed_text(value: Any) -> str:
    if value is None:
        return "null:null"
    if isinstance(value, bool):
        return "boolean:true" if value else "boolean:false"
    if isinstance(value, int | float):
        return f"number:{number_text(value)}"
    raise MalformedDocument(f"JSON has no form for a {type(value).__name__}.")
