"""The entries of a status list: two bits a document, packed and deflated (Token Status List section 4.1).

Entry 0 stands in the two lowest bits of byte 0, entry 4 in those of byte 1. Every list holds `ENTRIES`, used or
not, so that its size tells nothing of how much an office issues.

    >>> array = build({0: State.REVOKED, 6: State.SUSPENDED})
    >>> array[:2].hex(), state_at(array, 6)
    ('0120', <State.SUSPENDED: 2>)
    >>> inflate(deflate(array)) == array
    True

What is *not* here: choosing an index (random, by the issuer), and the signed token around the entries (`token`).
"""

import zlib
from collections.abc import Mapping
from enum import IntEnum

from govseal.core.errors import InputError, MalformedToken, OutsideError, RefusedError

BITS = 2
ENTRIES = 131_072
ARRAY_BYTES = ENTRIES * BITS // 8

_PER_BYTE = 8 // BITS
_FOR_GOOD = int.from_bytes(b"\x55" * ARRAY_BYTES)  # the lower bit of each entry: revoked, or superseded
_MASK = (1 << BITS) - 1
_LEVEL = 9  # the specification recommends the highest


class State(IntEnum):
    """What became of a document; the numbers are the entries (Token Status List section 7).

    REVOKED is final. SUPERSEDED is application-specific to the specification: revoked, and there is another
    document in its place.
    """

    VALID = 0
    REVOKED = 1
    SUSPENDED = 2
    SUPERSEDED = 3


def build(changes: Mapping[int, State], onto: bytes = bytes(ARRAY_BYTES)) -> bytes:
    """Return the array `onto` with `changes` made: one copy, then one step for each change.

    Args:
        changes: new state by index.
        onto: the array before, `ARRAY_BYTES` long; without it every entry is valid.

    Raises:
        InputError: an index outside the list (`STATUS_INDEX_OUT_OF_RANGE`), or an array of another size.
        RefusedError: a revoked entry would become something else (`REVOKED_IS_FINAL`).
    """
    if len(onto) != ARRAY_BYTES:
        raise InputError("A status list's array has another size.", size=len(onto), expected=ARRAY_BYTES)
    array = bytearray(onto)
    for index, state in changes.items():
        if not 0 <= index < ENTRIES:
            raise InputError(
                "The index is outside the status list.", code="STATUS_INDEX_OUT_OF_RANGE", index=index
            )
        at, shift = _place(index)
        if array[at] >> shift & _MASK == State.REVOKED != state:
            raise RefusedError("A revoked document stays revoked.", code="REVOKED_IS_FINAL", index=index)
        array[at] = array[at] & ~(_MASK << shift) | state << shift
    return bytes(array)


def state_at(array: bytes, index: int) -> State:
    """Return one entry, from its one byte.

    Raises:
        OutsideError: the array has no such entry (`STATUS_INDEX_OUT_OF_RANGE`): nothing can be told of the document.
    """
    if not 0 <= index < len(array) * _PER_BYTE:
        raise OutsideError(
            "The status list has no entry for this document.", code="STATUS_INDEX_OUT_OF_RANGE", index=index
        )
    at, shift = _place(index)
    return State(array[at] >> shift & _MASK)


def takes_back(array: bytes, before: bytes) -> bool:
    """Say whether a document that was revoked or superseded in `before` is neither in `array` (`ARRAY_BYTES` each)."""
    return bool(int.from_bytes(before) & ~int.from_bytes(array) & _FOR_GOOD)


def deflate(array: bytes) -> bytes:
    """Return the array as a zlib stream (RFC 1950)."""
    return zlib.compress(array, _LEVEL)


def inflate(stream: bytes) -> bytes:
    """Return the array in a zlib stream; inflating stops one byte beyond the size that every list has.

    Raises:
        MalformedToken: not one whole zlib stream, or of an array of another size.
    """
    inflater = zlib.decompressobj()
    try:
        array = inflater.decompress(stream, ARRAY_BYTES + 1)
    except zlib.error:
        raise MalformedToken("The status list's entries are not a zlib stream.") from None
    if len(array) != ARRAY_BYTES or not inflater.eof or inflater.unused_data:
        raise MalformedToken(f"The status list does not hold exactly {ENTRIES} entries.", expected=ENTRIES)
    return array


def _place(index: int) -> tuple[int, int]:
    """Return (byte, shift) of an entry."""
    at, place = divmod(index, _PER_BYTE)
    return at, place * BITS
