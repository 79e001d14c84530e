"""Signing and reading a published trust list: compact JAdES with the signer's certificate (docs/protocol.md section 6).

Invariants: the signer is the pinned one, byte for byte, whatever the header claims; a list is believed only
between its issue and its `NextUpdate`, on the clock that the caller passes.

What is *not* here: fetching, the rule on sequences (same number, other bytes: refuse and keep both), and
changing a pin.
"""

import base64
import hashlib
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import NameOID

from govseal.core import jose, jsjson
from govseal.core.errors import BadSignature, InputError, MalformedToken, OutsideError
from govseal.core.trustlist import lote, reading
from govseal.core.trustlist.model import Certificate, TrustList
from govseal.core.unixtime import is_unix_time, moment

TYP = "trustlist+jwt"
PATH = ".well-known/govseal/trust-list.jwt"
"""Where a host publishes its list, without a leading slash."""
MAX_BYTES = 1 << 20

_CLOCK_SKEW = timedelta(minutes=5)


def sign(trust_list: TrustList, *, certificate: bytes, signer: jose.Sign) -> str:
    """Return the published token.

    Args:
        trust_list: what to say.
        certificate: the signer's, DER; its organisation and country are the list's (clause 6.8 of TS 119 602).
        signer: signs a message with ES256; returns r‖s, 64 bytes.

    Raises:
        InputError: the certificate names somebody else, or the list has no published form.
    """
    _check_signer(certificate, trust_list)
    header = {
        "typ": TYP,
        "cty": "json",
        "x5c": [base64.b64encode(certificate).decode()],
        "x5t#S256": base64.urlsafe_b64encode(hashlib.sha256(certificate).digest()).rstrip(b"=").decode(),
        "iat": int(trust_list.issued_at.timestamp()),
    }
    return jose.encode(header, jsjson.dumps(lote.build(trust_list)).encode(), signer)


def read(token: bytes | str, *, pin: bytes, now: datetime) -> TrustList:
    """Return a trust list that the pinned key signed and that is fresh.

    Args:
        token: as published, at most `MAX_BYTES`.
        pin: the signer's certificate (DER), or the 32 bytes of its SHA-256.
        now: the time at which the list is to be believed.

    Raises:
        BadSignature: another signer than the pinned one (`UNPINNED_KEY`), or a signature that does not match.
        MalformedToken: not such a token, or not such a list.
        TooLargeError: a bound is passed.
        OutsideError: past `NextUpdate` (`TRUST_LIST_STALE`), issued in the future, or signed by a certificate that
            is not valid now: a newer list, or a right clock, mends it.
    """
    parts = jose.read(token, max_bytes=MAX_BYTES)
    der = jose.certificate(parts)
    if pin not in {der, hashlib.sha256(der).digest()}:
        raise BadSignature("The trust list is not signed by the pinned key.", code="UNPINNED_KEY")
    jose.verify(parts, der, typ=TYP)
    try:
        payload = jsjson.parse(parts.payload, max_bytes=MAX_BYTES)
    except InputError as error:
        raise MalformedToken(f"The trust list cannot be read: {error.message}") from None
    trust_list = reading.trust_list(payload)
    _check_times(trust_list, Certificate.from_der(der), now)
    return trust_list


def issued_at(token: bytes | str) -> datetime:
    """Return when a list says, unchecked, that it was issued.

    Raises:
        MalformedToken: it does not say.
    """
    seconds = jose.read(token, max_bytes=MAX_BYTES).header.get("iat")
    if not is_unix_time(seconds):
        raise MalformedToken("The header of the trust list does not say when it was issued.")
    return moment(seconds)


def fingerprint(token: bytes | str) -> str:
    """Return the hex SHA-256 of a token, by which the list after it names it."""
    return hashlib.sha256(token if isinstance(token, bytes) else token.encode()).hexdigest()


def _check_times(trust_list: TrustList, certificate: Certificate, now: datetime) -> None:
    if now > trust_list.next_update:
        raise OutsideError(
            "The trust list is out of date: a newer one is needed.",
            code="TRUST_LIST_STALE",
            next_update=lote.moment(trust_list.next_update),
        )
    if now + _CLOCK_SKEW < trust_list.issued_at or not certificate.valid_at(now):
        raise OutsideError(
            "By this machine's clock the trust list, or its signer's certificate, is not valid now.",
            code="TRUST_LIST_NOT_VALID_NOW",
            issued_at=lote.moment(trust_list.issued_at),
        )


def _check_signer(certificate: bytes, trust_list: TrustList) -> None:
    try:
        subject = x509.load_der_x509_certificate(certificate).subject
    except ValueError:
        raise InputError("This is not an X.509 certificate.", code="MALFORMED_CERTIFICATE") from None
    organisations = {name.value for name in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)}
    countries = {name.value for name in subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)}
    if trust_list.country not in countries or organisations.isdisjoint(trust_list.operator.values()):
        raise InputError(
            "The signer's certificate names another organisation or country than the trust list.",
            code="WRONG_SIGNER",
        )
