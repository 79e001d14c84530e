"""Signing, reading, verifying and packing a seal: COSE_Sign1 (RFC 9052) in its one allowed form.

    18([ << {1: -7, 4: kid} >>, {}, << claims >>, signature ])

Invariants (docs/protocol.md section 5): the tag is required; the protected header is exactly those two
members and the unprotected one is empty; every map is deterministic CBOR, encoded again and compared.

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
from typing import Any

from govseal.core import cbor
from govseal.core.errors import MalformedSeal, TooLargeError
from govseal.core.jose import SIGNATURE_BYTES, Key, Sign, verify_es256
from govseal.core.seal.claims import Claims, decoded, from_cbor, to_cbor

MAX_BYTES = 4 << 10
KEY_ID_BYTES = 8
DIGIT_STORED = "2"
DIGIT_ZLIB = "3"

_COSE_SIGN1 = 18
_PARTS = 4
_ALGORITHM, _KID = 1, 4
_ES256 = -7


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
    protected = cbor.encode({_ALGORITHM: _ES256, _KID: kid})
    payload = to_cbor(claims)
    signature = signer(_signed_bytes(protected, payload))
    raw = cbor.encode(cbor.Tag(_COSE_SIGN1, [protected, {}, payload, signature]))
    return read(raw).raw


def read(raw: bytes) -> Seal:
    """Return the parts of a seal.

    Args:
        raw: a COSE_Sign1, not packed.

    Raises:
        MalformedSeal: not in the one allowed form.
        TooLargeError: longer than `MAX_BYTES`, or nested too deeply.
    """
    if len(raw) > MAX_BYTES:
        raise TooLargeError("The seal is too long.", size=len(raw), limit=MAX_BYTES)
    protected, payload, signature = _parts(decoded(raw))
    header = decoded(protected)
    kid = header.get(_KID) if isinstance(header, dict) else None
    if header != {_ALGORITHM: _ES256, _KID: kid} or not isinstance(kid, bytes) or len(kid) != KEY_ID_BYTES:
        raise MalformedSeal("The seal's header is not exactly ES256 and an 8-byte key id.")
    return Seal(from_cbor(payload), kid, signature, _signed_bytes(protected, payload), raw)


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


def _parts(value: Any) -> tuple[bytes, bytes, bytes]:
    parts = value.value if isinstance(value, cbor.Tag) and value.number == _COSE_SIGN1 else None
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise MalformedSeal("This is not a COSE_Sign1 with its tag.")
    protected, unprotected, payload, signature = parts
    if not isinstance(protected, bytes) or unprotected != {} or not isinstance(payload, bytes):
        raise MalformedSeal(
            "The seal's parts are not those of a COSE_Sign1 with an empty unprotected header."
        )
    if not isinstance(signature, bytes) or len(signature) != SIGNATURE_BYTES:
        raise MalformedSeal(f"The seal's signature has {SIGNATURE_BYTES} bytes.")
    return protected, payload, signature


def _signed_bytes(protected: bytes, payload: bytes) -> bytes:
    """Return the Sig_structure of RFC 9052 section 4.4."""
    return cbor.encode(["Signature1", protected, b"", payload])
