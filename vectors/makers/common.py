"""Fixed keys, bytes and certificates, and a way to record a refusal."""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from govseal.core.errors import GovsealError
from govseal.core.seal import Claims, key_id, sign
from govseal.core.trustlist import Certificate

NAME = "សុខ ចាន់ដារ៉ា"
OPERATOR = "Ministry of Seals of Vectorland"
NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
NOT_AFTER = datetime(2036, 1, 1, tzinfo=UTC)


def drawn(label: str, size: int) -> bytes:
    """Return bytes that look random and are always the same."""
    return hashlib.shake_256(label.encode()).digest(size)


@cache
def key(label: str) -> ec.EllipticCurvePrivateKey:
    """Return a P-256 key."""
    return ec.derive_private_key(int.from_bytes(drawn(label, 31), "big") + 1, ec.SECP256R1())


def signer(label: str) -> Callable[[bytes], bytes]:
    """Return what signs with that key, deterministically (RFC 6979)."""

    def sign_message(message: bytes) -> bytes:
        der = key(label).sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign_message


@cache
def certificate(label: str) -> bytes:
    """Return a certificate of that key, DER, signed by itself."""
    parts = {NameOID.COUNTRY_NAME: "KH", NameOID.ORGANIZATION_NAME: OPERATOR, NameOID.COMMON_NAME: label}
    name = x509.Name([x509.NameAttribute(kind, value) for kind, value in parts.items()])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key(label).public_key())
        .serial_number(int.from_bytes(drawn(label, 8), "big"))
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
    )
    return builder.sign(key(label), SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)


def claims(**changed: Any) -> Claims:
    """Return a diploma's claims, with changes."""
    stated: dict[str, Any] = {
        "issuer": "KH/moeys",
        "issued_at": 1_767_225_600,
        "type": "diploma",
        "secret": drawn("secret", 16),
        "fields": {"name": NAME, "number": "BAC-2026-001234", "grade": "A"},
        "status_list": 1,
        "status_index": 70_123,
    }
    return Claims(**{**stated, **changed})


def sealed(**changed: Any) -> bytes:
    """Return the COSE_Sign1 over `claims(**changed)`."""
    return sign(claims(**changed), kid=key_id(certificate("moeys")), signer=signer("moeys"))


def dated(listed: Certificate) -> dict[str, Any]:
    """Return a certificate of a trust list and its dates."""
    retired_at, compromised_at = listed.retired_at, listed.compromised_at
    return {
        "certificate": base64.b64encode(listed.der).decode(),
        "kid": listed.kid.hex(),
        "retired_at": retired_at and retired_at.isoformat(),
        "compromised_at": compromised_at and compromised_at.isoformat(),
    }


def refused(why: str, case: dict[str, Any], attempt: Callable[[], object]) -> dict[str, Any]:
    """Return `case` with the code of the error that `attempt` raises, and the reason in words."""
    try:
        attempt()
    except GovsealError as error:
        return {"why": why, **case, "code": error.code}
    raise AssertionError(f"accepted, and should not be: {why}")
