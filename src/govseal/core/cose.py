r"""Signed CBOR: COSE_Sign1 with ES256 in one deterministic form (RFC 9052, docs/protocol.md section 5).

    18([ << {1: -7, …} >>, {}, << payload >>, signature ])

Invariants: the tag is required; the algorithm is fixed and the unprotected header empty, so that nothing
outside the signature is ever believed; all of it is deterministic CBOR, refused in any other form.

    >>> raw = encode({4: b"key"}, b"\xa0", lambda message: bytes(64))
    >>> message = read(raw, max_bytes=100)
    >>> message.header, message.payload
    ({1: -7, 4: b'key'}, b'\xa0')

What is *not* here: which other members a header has and what payloads say (`seal`, `status`), and the key:
`govseal.core.jose.verify_es256` checks `signature` over `signed` with one that the caller names.
"""

from dataclasses import dataclass
from typing import Any

from govseal.core import cbor
from govseal.core.errors import InputError
from govseal.core.jose import SIGNATURE_BYTES, Sign

ALGORITHM, KID = 1, 4
ES256 = -7

_SIGN1 = 18
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Message:
    """A COSE_Sign1 whose signature is not yet checked.

    Attributes:
        header: the protected header, `ALGORITHM` among its members.
        payload: its bytes.
        signed: the Sig_structure under the signature.
        signature: r‖s, 64 bytes.
    """

    header: dict[int | str, Any]
    payload: bytes
    signed: bytes
    signature: bytes


def encode(header: dict[int, Any], payload: bytes, sign: Sign) -> bytes:
    """Return the COSE_Sign1; the algorithm is set here.

    Raises:
        InputError: something in `header` has no encoding.
    """
    protected = cbor.encode({ALGORITHM: ES256, **header})
    return cbor.encode(cbor.Tag(_SIGN1, [protected, {}, payload, sign(_signed(protected, payload))]))


def read(raw: bytes, *, max_bytes: int) -> Message:
    """Return the parts of a COSE_Sign1.

    Raises:
        InputError: not one in the one allowed form, or not of ES256 (`MALFORMED_COSE`, `MALFORMED_CBOR`).
        TooLargeError: longer than `max_bytes`, or nested too deeply.
    """
    protected, payload, signature = _parts(cbor.decode(raw, max_bytes=max_bytes))
    header = cbor.decode(protected, max_bytes=max_bytes)
    if not isinstance(header, dict) or header.get(ALGORITHM) != ES256:
        raise _malformed("The header is not of ES256.")
    return Message(header, payload, _signed(protected, payload), signature)


def _parts(value: Any) -> tuple[bytes, bytes, bytes]:
    parts = value.value if isinstance(value, cbor.Tag) and value.number == _SIGN1 else None
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise _malformed("This is not a COSE_Sign1 with its tag.")
    protected, unprotected, payload, signature = parts
    if not isinstance(protected, bytes) or unprotected != {} or not isinstance(payload, bytes):
        raise _malformed("The parts are not those of a COSE_Sign1 with an empty unprotected header.")
    if not isinstance(signature, bytes) or len(signature) != SIGNATURE_BYTES:
        raise _malformed(f"An ES256 signature has {SIGNATURE_BYTES} bytes.")
    return protected, payload, signature


def _signed(protected: bytes, payload: bytes) -> bytes:
    """Return the Sig_structure of RFC 9052 section 4.4."""
    return cbor.encode(["Signature1", protected, b"", payload])


def _malformed(message: str) -> InputError:
    return InputError(message, code="MALFORMED_COSE")
