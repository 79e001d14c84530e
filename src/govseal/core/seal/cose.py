"""Signing, reading, verifying and packing a seal: claims under the COSE_Sign1 of `govseal.core.cose`.

    18([ << {1: -7, 4: kid} >>, {}, << claims >>, signature ])

Invariant (docs/protocol.md section 5): the protected header is exactly those two members.

    >>> claims = Claims(issuer="KH/moeys", issued_at=0, type="diploma", secret=bytes(range(16)), fields={},
    ...                 status_list=1, status_index=0)
    >>> seal = read(sign(claims, kid=bytes(range(8)), signer=lambda message: bytes(range(64))))
    >>> len(seal.raw), seal.claims == claims
    (133, True)

What is *not* here: choosing the key. A caller looks keys up by (issuer, kid) in one trust list and tries
every match; a key id alone names nobody.
"""

import hashlib
import zlib
from dataclasses import dataclass
from typing import TypeGuard

from govseal.core import cose
from govseal.core.errors import InputError, MalformedSeal, TooLargeError
from govseal.core.jose import Key, Sign, verify_es256
from govseal.core.seal.claims import Claims, from_cbor, to_cbor

MAX_BYTES = 4 << 10
KEY_ID_BYTES = 8
DIGIT_STORED = "2"
DIGIT_ZLIB = "3"


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal whose signature is not yet checked.

    Attributes:
        claims: what it says.
        kid: id of the key it names, 8 bytes.
        signature: r‖s, 64 bytes.
        signed_bytes: the COSE Sig_structure under the signature.
        raw: the whole COSE_Sign1.
    """

    claims: Claims
    kid: bytes
    signature: bytes
    signed_bytes: bytes
    raw: bytes


def sign(claims: Claims, *, kid: bytes, signer: Sign) -> bytes:
    """Return the COSE_Sign1 over `claims`.

    Args:
        claims: what to say.
        kid: `key_id` of the signer's certificate, 8 bytes.
        signer: signs a message with ES256; returns r‖s, 64 bytes.

    Raises:
        MalformedSeal: `kid` or the signature has another length.
        TooLargeError: the seal passes `MAX_BYTES`.
    """
    raw = cose.encode({cose.KID: kid}, to_cbor(claims), signer)
    return read(raw).raw


def read(raw: bytes) -> Seal:
    """Return the parts of a seal.

    Args:
        raw: a COSE_Sign1, not packed.

    Raises:
        MalformedSeal: not in the one allowed form.
        TooLargeError: longer than `MAX_BYTES`, or nested too deeply.
    """
    message = _message(raw)
    kid = message.header.get(cose.KID)
    if message.header != {cose.ALGORITHM: cose.ES256, cose.KID: kid} or not _is_key_id(kid):
        raise MalformedSeal("The seal's header is not exactly ES256 and an 8-byte key id.")
    return Seal(from_cbor(message.payload), kid, message.signature, message.signed, raw)


def verify(seal: Seal, key: Key) -> None:
    """Check the seal's signature with a certificate (DER) or a P-256 public key.

    Raises:
        BadSignature: it does not match.
        InputError: `key` is no P-256 key.
    """
    verify_es256(key, seal.signature, seal.signed_bytes)


def key_id(certificate: bytes) -> bytes:
    """Return the first 8 bytes of the SHA-256 of a certificate (DER)."""
    return hashlib.sha256(certificate).digest()[:KEY_ID_BYTES]


def pack(raw: bytes) -> tuple[str, bytes]:
    """Return (first digit, payload) for a QR code: zlib only when that is shorter."""
    deflated = zlib.compress(raw, 9)
    return (DIGIT_ZLIB, deflated) if len(deflated) < len(raw) else (DIGIT_STORED, raw)


def unpack(digit: str, payload: bytes) -> bytes:
    """Return the COSE_Sign1 that `pack` packed; inflating stops at `MAX_BYTES`.

    Raises:
        MalformedSeal: not a whole zlib stream, or one that does not shorten.
        TooLargeError: the seal passes `MAX_BYTES`.
    """
    if digit == DIGIT_STORED:
        return payload
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(payload, MAX_BYTES + 1)
    except zlib.error:
        raise MalformedSeal("The packed seal is not a zlib stream.") from None
    if len(raw) > MAX_BYTES:
        raise TooLargeError("The seal is too long once inflated.", limit=MAX_BYTES)
    if not stream.eof or stream.unused_data or len(payload) >= len(raw):
        raise MalformedSeal("The packed seal is cut short, has something after it, or is not shorter.")
    return raw


def _message(raw: bytes) -> cose.Message:
    try:
        return cose.read(raw, max_bytes=MAX_BYTES)
    except TooLargeError:
        raise
    except InputError as error:
        raise MalformedSeal(error.message) from None


def _is_key_id(kid: object) -> TypeGuard[bytes]:
    return isinstance(kid, bytes) and len(kid) == KEY_ID_BYTES
