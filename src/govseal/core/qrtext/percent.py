"""Percent-encoding as JavaScript's encodeURIComponent writes it (RFC 3986 section 2.1, ECMA-262).

    >>> encode("ក/១"), decode("%E1%9E%80")
    ('%E1%9E%80%2F%E1%9F%A1', 'ក')

What is *not* here: forms' `+` for a space, which no code uses.
"""

import re

from govseal.core.errors import MalformedQrText

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()")
_ENCODED = re.compile(r"(?:[A-Za-z0-9._!~*'()-]|%[0-9A-Fa-f]{2})*")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


def encode(text: str) -> str:
    """Return `text` with every byte of UTF-8 escaped that a component of a URL cannot hold as it is.

    Raises:
        MalformedQrText: a lone surrogate, which has no UTF-8.
    """
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        raise MalformedQrText("A part of the link holds a lone surrogate.") from None
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in raw)


def decode(text: str) -> str:
    """Return the text that `text` encodes; escapes of characters that need none are read too.

    Raises:
        MalformedQrText: a character that should be escaped, a broken escape, or not UTF-8.
    """
    if not _ENCODED.fullmatch(text):
        raise MalformedQrText("A part of the link is not percent-encoded.")
    try:
        return _ESCAPE.sub(lambda escape: bytes.fromhex(escape[1].decode()), text.encode()).decode()
    except UnicodeDecodeError:
        raise MalformedQrText("A part of the link is not UTF-8.") from None
