"""Signed JSON: compact JWS with ES256 and nothing else (RFC 7515, docs/protocol.md section 6).

Invariants: the algorithm is fixed and the key comes from the caller, never from a header; `typ` is compared
exactly, so that no kind of list passes for another; base64url has one spelling; a header that marks
something critical is refused, since nothing critical is understood here.

    >>> token = encode({"typ": "example+jwt"}, b"{}", lambda message: bytes(64))
    >>> read(token).header
    {'alg': 'ES256', 'typ': 'example+jwt'}

What is *not* here: what payloads say (`trustlist`, `status`), and judging certificates.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from govseal.core import jsjson
from govseal.core.errors import BadSignature, InputError, MalformedToken, TooLargeError

MAX_BYTES = 1 << 20
SIGNATURE_BYTES = 64

_MAX_HEADER_BYTES = 16 << 10
_HALF = SIGNATURE_BYTES // 2
_ES256 = ECDSA(SHA256())

Sign = Callable[[bytes], bytes]
"""Signs a message with ES256: returns r‖s, 64 bytes."""

Key = bytes | EllipticCurvePublicKey
"""A certificate (DER) or a P-256 public key."""


@dataclass(frozen=True, slots=True)
class Token:
    """A compact JWS whose signature is not yet checked.

    Attributes:
        header: the protected header.
        payload: its bytes.
        signed: the bytes under the signature.
        signature: r‖s, 64 bytes.
    """

    header: dict[str, Any]
    payload: bytes
    signed: bytes
    signature: bytes


def encode(header: dict[str, Any], payload: bytes, sign: Sign) -> str:
    """Return the compact JWS; `alg` is set here."""
    protected = jsjson.dumps({"alg": "ES256", **header}).encode()
    signed = f"{base64url(protected)}.{base64url(payload)}"
    return f"{signed}.{base64url(sign(signed.encode()))}"


def read(token: bytes | str, *, max_bytes: int = MAX_BYTES) -> Token:
    """Return the parts of a compact JWS.

    Raises:
        MalformedToken: not one, or not ES256, or something in it is marked critical.
        TooLargeError: longer than `max_bytes`.
    """
    if len(token) > max_bytes:
        raise TooLargeError("The token is too long.", size=len(token), limit=max_bytes)
    try:
        text = token if isinstance(token, str) else token.decode("ascii")
        protected, payload, signature = text.split(".")
    except ValueError:
        raise MalformedToken("A compact JWS has three parts of ASCII.") from None
    read_header = _header(from_base64url(protected))
    parts = Token(
        read_header, from_base64url(payload), f"{protected}.{payload}".encode(), from_base64url(signature)
    )
    if len(parts.signature) != SIGNATURE_BYTES:
        raise MalformedToken(f"An ES256 signature has {SIGNATURE_BYTES} bytes.")
    return parts


def verify(token: Token, key: Key, *, typ: str) -> None:
    """Check the type, exactly, and the signature.

    Raises:
        MalformedToken: another `typ` (`WRONG_TYPE`).
        BadSignature: the signature does not match.
        InputError: `key` is no P-256 key.
    """
    if token.header.get("typ") != typ:
        raise MalformedToken(f"The token is not of the type {typ}.", code="WRONG_TYPE")
    verify_es256(key, token.signature, token.signed)


def verify_es256(key: Key, signature: bytes, message: bytes) -> None:
    """Check an ES256 signature r‖s.

    Raises:
        BadSignature: it does not match.
        InputError: `key` is no P-256 key.
    """
    public_key = p256_key(key)
    r, s = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    try:
        public_key.verify(encode_dss_signature(r, s), message, _ES256)
    except InvalidSignature:
        raise BadSignature("The signature does not match.") from None


def p256_key(key: Key) -> EllipticCurvePublicKey:
    """Return the P-256 public key in `key`.

    Raises:
        InputError: not a certificate, or of another kind of key (`MALFORMED_CERTIFICATE`).
    """
    public_key = _key_in(key) if isinstance(key, bytes) else key
    if not isinstance(public_key, EllipticCurvePublicKey) or not isinstance(public_key.curve, SECP256R1):
        raise InputError("Only P-256 keys are used.", code="MALFORMED_CERTIFICATE")
    return public_key


@lru_cache(maxsize=256)  # a verification reads two; to parse one takes as long as to check a signature
def _key_in(certificate: bytes) -> object:
    try:
        return x509.load_der_x509_certificate(certificate).public_key()
    except ValueError:
        raise InputError("This is not an X.509 certificate.", code="MALFORMED_CERTIFICATE") from None
    except UnsupportedAlgorithm:  # of a kind or a curve that nobody here knows
        return None


def certificate(token: Token) -> bytes:
    """Return the first certificate of the header's `x5c`, DER: whom the token *says* it is from.

    Raises:
        MalformedToken: no `x5c`, or not base64.
    """
    chain = token.header.get("x5c")
    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str):
        raise MalformedToken("The token's header names no certificate (x5c).")
    try:
        return base64.b64decode(chain[0], validate=True)
    except ValueError:
        raise MalformedToken("The certificate in the token's header is not base64.") from None


def base64url(raw: bytes) -> str:
    """Return base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Return the bytes that `base64url` writes as `text`.

    Raises:
        MalformedToken: not base64url, or not its one spelling.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise MalformedToken("A part of the token is not base64url.") from None
    if base64url(raw) != text:  # unused bits, padding, + and / would give one token several spellings
        raise MalformedToken("A part of the token is not canonical base64url.")
    return raw


def _header(raw: bytes) -> dict[str, Any]:
    try:
        header = jsjson.parse(raw, max_bytes=_MAX_HEADER_BYTES)
    except InputError as error:
        raise MalformedToken(f"The token's header cannot be read: {error.message}") from None
    if not isinstance(header, dict) or header.get("alg") != "ES256" or "crit" in header or "b64" in header:
        raise MalformedToken("The token's header is not of plain ES256.")
    return header
