r"""Deterministic CBOR, and only the part of it that seals and approvals use (RFC 8949 section 4.2.1).

Integers of 64 bits, byte and text strings, arrays, maps with integer or text keys, booleans, null and tags.
No floats, no indefinite lengths, no other simple values. One value has one encoding, so nothing can be said twice in
two ways: `decode` refuses a head that is not the shortest, and keys that do not ascend or are repeated. So what it
accepts is what `encode` makes of the value, byte for byte; the tests encode again and compare.

The general library (cbor2) turns tags into objects (dates, patterns, big numbers) while it reads, cannot be
told not to, and orders map keys by the older rule of RFC 7049; as the independent reader it checks this
module in the tests.

    >>> encode({4: b"\x01", 1: [True, None, -7]}).hex()
    'a20183f5f626044101'
    >>> decode(bytes.fromhex("a1617801"))
    {'x': 1}

What is *not* here: what the values mean (`seal`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from govseal.core.errors import InputError, TooLargeError

MAX_BYTES = 64 << 10
MAX_DEPTH = 16

_SIMPLE = {False: b"\xf4", True: b"\xf5", None: b"\xf6"}
_SIMPLE_OF_BYTE = {0xF4: False, 0xF5: True, 0xF6: None}
_UINT, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG = range(7)
_ARGUMENT_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}
_LEAST = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}  # a lower argument has a shorter head
_DIRECT = 24  # arguments below this stand in the first byte itself
_BYTE = [bytes([value]) for value in range(256)]
_KEYS = (int, str)  # a tuple: `int | str` would be built anew at each look


@dataclass(frozen=True, slots=True)
class Tag:
    """A tagged value: `number` says what `value` is."""

    number: int
    value: Any


def encode(value: Any) -> bytes:
    """Return the one encoding of `value`.

    Raises:
        InputError: something in it has no encoding here (a float, a lone surrogate, another type).
        TooLargeError: deeper than `MAX_DEPTH`.
    """
    return _encode(value, MAX_DEPTH)


def decode(raw: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """Return the value that `raw` encodes: int, bytes, str, bool, None, list, dict or `Tag`.

    Raises:
        InputError: `MALFORMED_CBOR`: not one value, outside the part used here, or not its one encoding.
        TooLargeError: longer than `max_bytes`, or deeper than `MAX_DEPTH`.
    """
    if len(raw) > max_bytes:
        raise TooLargeError("The CBOR text is too long.", size=len(raw), limit=max_bytes)
    value, end = _item(raw, 0, MAX_DEPTH)
    if end != len(raw):
        raise _malformed("Something follows the one value.")
    return value


def _encode(value: Any, depth: int) -> bytes:
    if depth < 0:
        raise TooLargeError("The value is nested too deeply.", limit=MAX_DEPTH)
    encoder = _ENCODERS.get(type(value)) or _encoder_of_base(value)
    if encoder:
        return encoder(value, depth - 1)
    raise _malformed(f"A {type(value).__name__} has no encoding here.")


def _encode_simple(value: bool | None, _depth: int) -> bytes:  # noqa: FBT001 - it is what is encoded
    return _SIMPLE[value]


def _encode_integer(value: int, _depth: int) -> bytes:
    return _head(_UINT, value) if value >= 0 else _head(_NEGATIVE, -1 - value)


def _encode_bytes(value: bytes, _depth: int) -> bytes:
    return _head(_BYTES, len(value)) + value


def _encode_text(text: str, _depth: int) -> bytes:
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        raise _malformed("A text holds a lone surrogate.") from None
    return _head(_TEXT, len(raw)) + raw


def _encode_array(items: Sequence[Any], depth: int) -> bytes:
    return _head(_ARRAY, len(items)) + b"".join([_encode(item, depth) for item in items])


def _encode_map(members: dict[Any, Any], depth: int) -> bytes:
    if not all(map(_is_key, members)):
        raise _malformed("The keys of a map are integers or texts.")
    pairs = sorted([(_encode(key, 0), _encode(item, depth)) for key, item in members.items()])
    return _head(_MAP, len(pairs)) + b"".join(chain.from_iterable(pairs))


def _encode_tag(tag: Tag, depth: int) -> bytes:
    return _head(_TAG, tag.number) + _encode(tag.value, depth)


_ENCODERS: dict[type, Callable[[Any, int], bytes]] = {
    bool: _encode_simple,  # before the integers, of which it is one
    type(None): _encode_simple,
    int: _encode_integer,
    bytes: _encode_bytes,
    str: _encode_text,
    list: _encode_array,
    tuple: _encode_array,
    dict: _encode_map,
    Tag: _encode_tag,
}


def _encoder_of_base(value: Any) -> Callable[[Any, int], bytes] | None:
    """Return the encoder for a value of a derived type, such as an enumeration's."""
    return next((encoder for kind, encoder in _ENCODERS.items() if isinstance(value, kind)), None)


def _is_key(key: object) -> bool:
    return isinstance(key, _KEYS) and not isinstance(key, bool)


def _head(major: int, argument: int) -> bytes:
    if argument < _DIRECT:
        return _BYTE[major << 5 | argument]
    for code, length in _ARGUMENT_BYTES.items():
        if argument < 1 << 8 * length:
            return _BYTE[major << 5 | code] + argument.to_bytes(length, "big")
    raise _malformed("An integer has at most 64 bits.")


def _item(raw: bytes, start: int, depth: int) -> tuple[Any, int]:
    """Return the item at `start` and the offset after it."""
    if depth < 0:
        raise TooLargeError("The CBOR text is nested too deeply.", limit=MAX_DEPTH)
    if start >= len(raw):
        raise _cut_short()
    first = raw[start]
    major, argument, at = first >> 5, first & 31, start + 1
    if major > _TAG:
        return _simple(first), at
    if argument >= _DIRECT:
        argument, at = _argument(raw, at, argument)
    if major == _UINT:
        return argument, at
    if major == _NEGATIVE:
        return -1 - argument, at
    return _READERS[major](raw, at, argument, depth - 1)


def _simple(first: int) -> bool | None:
    if first not in _SIMPLE_OF_BYTE:
        raise _malformed("Floats and other simple values have no place here.")
    return _SIMPLE_OF_BYTE[first]


def _argument(raw: bytes, at: int, code: int) -> tuple[int, int]:
    """Return an argument that stands after the first byte, and the offset after it."""
    if code not in _ARGUMENT_BYTES:
        raise _malformed("Indefinite lengths have no place here.")
    content, at = _read_bytes(raw, at, _ARGUMENT_BYTES[code], 0)
    argument = int.from_bytes(content, "big")
    if argument < _LEAST[code]:
        raise _malformed("A length or an integer is not in its shortest form.")
    return argument, at


def _read_bytes(raw: bytes, at: int, length: int, _depth: int) -> tuple[bytes, int]:
    end = at + length
    if end > len(raw):
        raise _cut_short()
    return raw[at:end], end


def _read_text(raw: bytes, at: int, length: int, depth: int) -> tuple[str, int]:
    content, at = _read_bytes(raw, at, length, depth)
    try:
        return content.decode(), at
    except UnicodeDecodeError:
        raise _malformed("A text is not UTF-8.") from None


def _read_array(raw: bytes, at: int, count: int, depth: int) -> tuple[list[Any], int]:
    items = []
    for _ in range(count):  # each item takes a byte at least, so a false count ends at the text's end
        item, at = _item(raw, at, depth)
        items.append(item)
    return items, at


def _read_map(raw: bytes, at: int, count: int, depth: int) -> tuple[dict[Any, Any], int]:
    members: dict[Any, Any] = {}
    before = b""
    for _ in range(count):
        key, end = _item(raw, at, depth)
        encoded = raw[at:end]
        if not _is_key(key):
            raise _malformed("The keys of a map are integers or texts.")
        if encoded <= before:
            raise _malformed("The keys of a map do not ascend, or one is repeated.")
        members[key], at = _item(raw, end, depth)
        before = encoded
    return members, at


def _read_tag(raw: bytes, at: int, number: int, depth: int) -> tuple[Tag, int]:
    value, at = _item(raw, at, depth)
    return Tag(number, value), at


_READERS: dict[int, Callable[[bytes, int, int, int], tuple[Any, int]]] = {
    _BYTES: _read_bytes,
    _TEXT: _read_text,
    _ARRAY: _read_array,
    _MAP: _read_map,
    _TAG: _read_tag,
}


def _cut_short() -> InputError:
    return _malformed("The CBOR text is cut short.")


def _malformed(message: str) -> InputError:
    return InputError(message, code="MALFORMED_CBOR")
