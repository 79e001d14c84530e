"""The two envelopes that others make, read and written (docs/protocol.md section 3).

`OPEN-ATTESTATION-TYPE-1` is `@govtechsg/oa-encryption`'s: base64 of the UTF-8 text under AES-GCM, no
associated data. `VERIFY-GOV-KH-1.0` is verify.gov.kh's: a MessagePack document under a key stretched by
scrypt from a text of 16 to 64 characters. Refusals carry the published codes of section 8:
`INVALID_DOCUMENT_KEY`, `INVALID_ENCRYPTED_DOCUMENT`, `DECRYPTION_FAILED`.

    >>> envelope = oa_encrypt("សួស្តី", "4f" * 32, bytes(12))
    >>> sorted(envelope), oa_decrypt(envelope, "4f" * 32)
    (['cipherText', 'iv', 'tag', 'type'], 'សួស្តី')

What is *not* here: our own form (`native`), and drawing keys, salts and nonces.
"""

import base64
import binascii
import hashlib
import math
import re
from typing import Any

import msgpack
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from govseal.core import jsjson
from govseal.core.errors import DecryptionFailed, InputError, MalformedEnvelope, TooLargeError

OPEN_ATTESTATION = "OPEN-ATTESTATION-TYPE-1"
GOV_KH = "VERIFY-GOV-KH-1.0"
FOREIGN_LIMIT = 8 << 20
"""Bound on the characters of a foreign ciphertext. Wrapped documents with photographs pass 1 MiB."""

_IV_BYTES = 12
_TAG_BYTES = 16
_GOV_KH_SALT_BYTES = 24
_GOV_KH_PARTS = 3  # salt, nonce, ciphertext
_MAX_MEMBERS = 100_000
_HEX_KEY = re.compile(r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{48}|[0-9a-fA-F]{64})")
_TEXT_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_INTEGER_LIMIT = 1 << 53


def open_foreign(encrypted_document: Any, document_key: Any) -> Any:
    """Return the document in an envelope of either form, which its `type` tells.

    Args:
        encrypted_document: `{cipherText, iv, tag, type}` or `{cipherText, type}`.
        document_key: the key as text.

    Returns:
        The JSON value; for an OpenAttestation envelope whose text is neither an object nor an array, that text.

    Raises:
        MalformedEnvelope: neither form (`INVALID_ENCRYPTED_DOCUMENT`).
        InputError: not a key of that form (`INVALID_DOCUMENT_KEY`).
        DecryptionFailed: another key, or damage.
        MalformedDocument: what was encrypted is JSON that we refuse, such as one with a repeated key.
        TooLargeError: a bound is passed.
    """
    kind = encrypted_document.get("type") if isinstance(encrypted_document, dict) else None
    if kind == OPEN_ATTESTATION:
        text = oa_decrypt(encrypted_document, document_key)
        return jsjson.parse(text) if text.lstrip(" \t\r\n")[:1] in {"{", "["} else text
    if kind == GOV_KH:
        return gov_kh_decrypt(encrypted_document.get("cipherText"), document_key)
    raise _malformed(f"An encrypted document has the type {OPEN_ATTESTATION} or {GOV_KH}.")


def oa_encrypt(text: str, key_hex: str, iv: bytes) -> dict[str, str]:
    """Return `{cipherText, iv, tag, type}` as oa-encryption writes it.

    Args:
        text: the document's JSON.
        key_hex: 32, 48 or 64 hex digits.
        iv: 12 random bytes, never used twice with one key.
    """
    if len(iv) != _IV_BYTES:
        raise InputError(f"An initialisation vector has {_IV_BYTES} bytes.")
    try:
        plain = base64.b64encode(text.encode())
    except UnicodeEncodeError:
        raise InputError("This form holds no lone surrogates.", code="INVALID_DATA") from None
    sealed = AESGCM(_hex_key(key_hex)).encrypt(iv, plain, None)
    return {
        "cipherText": base64.b64encode(sealed[:-_TAG_BYTES]).decode(),
        "iv": base64.b64encode(iv).decode(),
        "tag": base64.b64encode(sealed[-_TAG_BYTES:]).decode(),
        "type": OPEN_ATTESTATION,
    }


def oa_decrypt(envelope: dict[str, Any], key_hex: Any) -> str:
    """Return the text in an `OPEN-ATTESTATION-TYPE-1` envelope; members beside the four are ignored.

    Raises:
        MalformedEnvelope, InputError, DecryptionFailed, TooLargeError: as `open_foreign`.
    """
    if envelope.get("type") != OPEN_ATTESTATION:
        raise _malformed(f"The envelope is not of the type {OPEN_ATTESTATION}.")
    sealed, iv, tag = (_bytes(envelope.get(name), name) for name in ("cipherText", "iv", "tag"))
    if len(iv) != _IV_BYTES or len(tag) != _TAG_BYTES:
        raise _malformed(f"iv has {_IV_BYTES} bytes and tag {_TAG_BYTES}.")
    plain = _decrypt(_hex_key(key_hex), iv, sealed + tag)
    try:
        return base64.b64decode(plain, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _malformed("What was encrypted is not the base64 of UTF-8 text.") from None


def gov_kh_encrypt(document: Any, key_text: str, salt: bytes, nonce: bytes) -> str:
    """Return the `cipherText` of a `VERIFY-GOV-KH-1.0` envelope.

    Args:
        document: a JSON value.
        key_text: 16 to 64 characters of nanoid's alphabet (`A-Za-z0-9_-`).
        salt: 24 random bytes.
        nonce: 24 random bytes.
    """
    if len(salt) != _GOV_KH_SALT_BYTES or len(nonce) != _GOV_KH_SALT_BYTES:
        raise InputError(f"Salt and nonce have {_GOV_KH_SALT_BYTES} bytes each.")
    try:
        plain = msgpack.packb(document, unicode_errors="surrogatepass")
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise InputError("Only a JSON value can be encrypted.", code="INVALID_DATA") from None
    sealed = AESGCM(_stretched(key_text, salt)).encrypt(nonce, plain, None)
    return base64.b64encode(msgpack.packb([salt, nonce, sealed])).decode()


def gov_kh_decrypt(cipher_text: Any, key_text: Any) -> Any:
    """Return the document in a `VERIFY-GOV-KH-1.0` envelope.

    Raises:
        MalformedEnvelope, InputError, DecryptionFailed, TooLargeError: as `open_foreign`.
    """
    parts = _unpack(_bytes(cipher_text, "cipherText"), max_members=_GOV_KH_PARTS)
    if not _are_parts(parts):
        raise _malformed("cipherText holds three byte strings: salt, nonce and ciphertext.")
    salt, nonce, sealed = parts
    if len(salt) != _GOV_KH_SALT_BYTES or len(nonce) != _GOV_KH_SALT_BYTES or len(sealed) < _TAG_BYTES:
        raise _malformed(f"Salt and nonce have {_GOV_KH_SALT_BYTES} bytes each, the tag {_TAG_BYTES}.")
    document = _unpack(_decrypt(_stretched(key_text, salt), nonce, sealed), max_members=_MAX_MEMBERS)
    if not _is_json(document, jsjson.MAX_DEPTH):
        raise _malformed("What was encrypted is not a JSON value, or is nested too deeply.")
    return document


def _decrypt(key: bytes, nonce: bytes, sealed: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, sealed, None)
    except InvalidTag:
        raise DecryptionFailed("The key does not open this document, or the document is damaged.") from None


def _hex_key(key: Any) -> bytes:
    if not isinstance(key, str) or not _HEX_KEY.fullmatch(key):
        raise InputError("The key has 32, 48 or 64 hex digits.", code="INVALID_DOCUMENT_KEY")
    return bytes.fromhex(key)


def _stretched(key: Any, salt: bytes) -> bytes:
    if not isinstance(key, str) or not _TEXT_KEY.fullmatch(key):
        raise InputError("The key has 16 to 64 letters, digits, _ or -.", code="INVALID_DOCUMENT_KEY")
    return hashlib.scrypt(key.encode(), salt=salt, n=1024, r=8, p=1, dklen=32)


def _bytes(text: Any, name: str) -> bytes:
    if not isinstance(text, str):
        raise _malformed(f"{name} is base64 text.")
    if len(text) > FOREIGN_LIMIT:
        raise TooLargeError("The encrypted document is too large.", size=len(text), limit=FOREIGN_LIMIT)
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:  # binascii.Error is one, and so is what non-ASCII text raises
        raise _malformed(f"{name} is not base64.") from None


def _are_parts(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == _GOV_KH_PARTS
        and all(isinstance(part, bytes) for part in value)
    )


def _unpack(raw: bytes, *, max_members: int) -> Any:
    try:
        return msgpack.unpackb(
            raw,
            raw=False,
            unicode_errors="surrogatepass",
            object_pairs_hook=_no_repeated_key,
            ext_hook=_no_extension,
            max_array_len=max_members,  # msgpack reserves what an array claims before it reads it
            max_map_len=max_members,
        )
    except MalformedEnvelope:
        raise
    except (ValueError, RecursionError):  # msgpack's own errors are ValueErrors
        raise _malformed("This is not one MessagePack value.") from None


def _no_repeated_key(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _malformed("A member of the document is repeated.")
    return members


def _no_extension(code: int, _data: bytes) -> None:
    raise _malformed(f"MessagePack extension {code} has no place in a document.")


def _is_json(value: Any, depth: int) -> bool:
    """Say whether `value` could have come from JSON, with at most `depth` nested objects and arrays."""
    if isinstance(value, dict):
        return depth > 0 and all(
            isinstance(k, str) and _is_json(item, depth - 1) for k, item in value.items()
        )
    if isinstance(value, list):
        return depth > 0 and all(_is_json(item, depth - 1) for item in value)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return True
    if isinstance(value, int):
        return abs(value) <= _INTEGER_LIMIT
    return isinstance(value, float) and math.isfinite(value)


def _malformed(message: str) -> MalformedEnvelope:
    return MalformedEnvelope(message, code="INVALID_ENCRYPTED_DOCUMENT")
