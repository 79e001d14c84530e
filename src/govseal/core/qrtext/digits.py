r"""Bytes as decimal digits, which a QR code holds more densely than text (docs/protocol.md section 4).

Seven bytes become 17 digits, big-endian and zero-padded; a tail of n bytes takes ceil(n·log10 256) digits.
Each byte string has one text of digits, and a text that is none's is refused.

    >>> from_digits(to_digits(b"\x00\xff"))
    b'\x00\xff'

What is *not* here: the first digit, which names the profile.
"""

from govseal.core.errors import MalformedQrText

_GROUP_BYTES = 7
_DIGITS_OF_TAIL = (0, 3, 5, 8, 10, 13, 15, 17)  # by the number of bytes
_GROUP_DIGITS = _DIGITS_OF_TAIL[_GROUP_BYTES]
_BYTES_OF_TAIL = {digits: size for size, digits in enumerate(_DIGITS_OF_TAIL)}
_DIGITS = frozenset("0123456789")


def to_digits(raw: bytes) -> str:
    """Return the digits of `raw`."""
    groups = (raw[at : at + _GROUP_BYTES] for at in range(0, len(raw), _GROUP_BYTES))
    return "".join(str(int.from_bytes(group, "big")).zfill(_DIGITS_OF_TAIL[len(group)]) for group in groups)


def from_digits(text: str) -> bytes:
    """Return the bytes whose digits are `text`.

    Raises:
        MalformedQrText: another character than 0 to 9, a length that no bytes have, or a group that is too large.
    """
    if not _DIGITS.issuperset(text):
        raise MalformedQrText("After the # stand digits only.")
    groups = [text[at : at + _GROUP_DIGITS] for at in range(0, len(text), _GROUP_DIGITS)]
    return b"".join(map(_group, groups))


def _group(digits: str) -> bytes:
    size = _BYTES_OF_TAIL.get(len(digits))
    if size is None:
        raise MalformedQrText("The code has too many or too few digits.", digits=len(digits))
    try:
        return int(digits).to_bytes(size, "big")
    except OverflowError:
        raise MalformedQrText("A group of digits is larger than its bytes.") from None
