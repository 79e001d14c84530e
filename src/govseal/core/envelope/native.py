"""`GOVSEAL-1`, our own envelope (docs/protocol.md section 3).

    byte0 ‖ nonce (12) ‖ AES-256-GCM ciphertext ‖ tag (16)

byte0 is 1 (zlib) or 2 (stored), plus 0x10 when an access code is needed. The associated data are byte0 and
the 16 raw bytes of the document's id, so an envelope opens only under its own name. The plaintext is a
big-endian u32 length, that many bytes, and zeros up to a multiple of 512, which hides the exact length.

    >>> key, name = bytes(32), "00" * 16
    >>> envelope = seal(b"{}", key=key, document_id=name, nonce=bytes(12))
    >>> len(envelope), open(envelope, key=key, document_id=name, max_bytes=JSON_LIMIT)
    (541, b'{}')

What is *not* here: the forms that others made (`foreign`).
"""

import re
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from govseal.core.errors import DecryptionFailed, InputError, MalformedEnvelope, TooLargeError

JSON_LIMIT = 1 << 20
FILE_LIMIT = 64 << 20
NONCE_BYTES = 12

_TAG_BYTES = 16
_KEY_BYTES = 32
_BLOCK = 512
_LENGTH_BYTES = 4
_ZLIB, _STORED, _ACCESS_CODE = 1, 2, 0x10
_PACKED_ANYWAY, _SAMPLES, _SAMPLE, _WORTH_IT = 1 << 16, 8, 1 << 10, 0.8
_ID = re.compile(r"[0-9a-f]{32}")


def seal(
    body: bytes, *, key: bytes, document_id: str, nonce: bytes, needs_access_code: bool = False
) -> bytes:
    """Return the envelope of `body`.

    Args:
        body: at most `FILE_LIMIT` bytes.
        key: 32 bytes, of `govseal.core.secret`.
        document_id: 32 lower-case hex digits.
        nonce: 12 random bytes, never used twice with one key.
        needs_access_code: whether an access code went into `key`: a reader then knows to ask for it.

    Raises:
        TooLargeError: `body` is beyond the limit.
        InputError: an argument of another shape.
    """
    if len(body) > FILE_LIMIT:
        raise TooLargeError("The content is too large to publish.", size=len(body), limit=FILE_LIMIT)
    if len(nonce) != NONCE_BYTES:
        raise InputError(f"A nonce has {NONCE_BYTES} bytes.")
    packed = zlib.compress(body, 9) if _may_shrink(body) else body
    form = _ZLIB if len(packed) < len(body) else _STORED
    content = packed if form == _ZLIB else body
    first = bytes([form | (_ACCESS_CODE if needs_access_code else 0)])
    plain = len(content).to_bytes(_LENGTH_BYTES, "big") + content
    plain += bytes(-len(plain) % _BLOCK)
    return first + nonce + _cipher(key).encrypt(nonce, plain, first + _raw_id(document_id))


def open(envelope: bytes, *, key: bytes, document_id: str, max_bytes: int = JSON_LIMIT) -> bytes:  # noqa: A001 - the pair of `seal`
    """Return the body of an envelope.

    Args:
        envelope: as published under `document_id`.
        key: 32 bytes.
        document_id: 32 lower-case hex digits.
        max_bytes: bound on the body, `JSON_LIMIT` or `FILE_LIMIT`; inflating stops there.

    Raises:
        MalformedEnvelope: not of this form.
        DecryptionFailed: another key, another id, a wrong access code, or damage.
        TooLargeError: the body is beyond `max_bytes`.
    """
    _check_shape(envelope, max_bytes)
    first, nonce, sealed = envelope[:1], envelope[1 : 1 + NONCE_BYTES], envelope[1 + NONCE_BYTES :]
    try:
        plain = _cipher(key).decrypt(nonce, sealed, first + _raw_id(document_id))
    except InvalidTag:
        raise DecryptionFailed("The key does not open this content, or the content is damaged.") from None
    length = int.from_bytes(plain[:_LENGTH_BYTES], "big")
    end = _LENGTH_BYTES + length
    if len(plain) != end + -end % _BLOCK or plain[end:].strip(b"\0"):
        raise MalformedEnvelope("The envelope's length and padding do not agree.")
    content = plain[_LENGTH_BYTES:end]
    if first[0] & ~_ACCESS_CODE == _ZLIB:
        return _inflate(content, max_bytes)
    if length > max_bytes:
        raise TooLargeError("The content is too large.", size=length, limit=max_bytes)
    return content


def _may_shrink(body: bytes) -> bool:
    """Say whether packing is worth its time: for a PDF whose streams are packed already it is not."""
    if len(body) <= _PACKED_ANYWAY:
        return True
    step = len(body) // _SAMPLES
    sample = b"".join(body[at : at + _SAMPLE] for at in range(0, step * _SAMPLES, step))
    return len(zlib.compress(sample, 1)) < _WORTH_IT * len(sample)


def needs_access_code(envelope: bytes) -> bool:
    """Say whether an access code went into the key, from the first byte alone.

    Raises:
        MalformedEnvelope: not of this form.
    """
    _check_shape(envelope, FILE_LIMIT)
    return bool(envelope[0] & _ACCESS_CODE)


def _check_shape(envelope: bytes, max_bytes: int) -> None:
    blocks, rest = divmod(len(envelope) - 1 - NONCE_BYTES - _TAG_BYTES, _BLOCK)
    if rest or blocks < 1 or envelope[0] & ~_ACCESS_CODE not in {_ZLIB, _STORED}:
        raise MalformedEnvelope("This is not an envelope of the form GOVSEAL-1.")
    if (blocks - 1) * _BLOCK > max_bytes:  # either form holds no more than its body, length and padding
        raise TooLargeError("The envelope is too large.", size=len(envelope), limit=max_bytes)


def _inflate(content: bytes, max_bytes: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        body = stream.decompress(content, max_bytes + 1)
    except zlib.error:
        raise MalformedEnvelope("The envelope's content is not a zlib stream.") from None
    if len(body) > max_bytes:
        raise TooLargeError("The content is too large once inflated.", limit=max_bytes)
    if not stream.eof or stream.unused_data:
        raise MalformedEnvelope("The envelope's zlib stream is cut short, or something follows it.")
    return body


def _cipher(key: bytes) -> AESGCM:
    if len(key) != _KEY_BYTES:
        raise InputError(f"A key has {_KEY_BYTES} bytes.", code="INVALID_DOCUMENT_KEY")
    return AESGCM(key)


def _raw_id(document_id: str) -> bytes:
    if not _ID.fullmatch(document_id):
        raise InputError("A document id has 32 lower-case hex digits.", code="MALFORMED_ID")
    return bytes.fromhex(document_id)
