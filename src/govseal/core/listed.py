"""Signatures by the keys that a trust list names for one purpose (docs/protocol.md clauses 2.6 and 6.6).

Status lists and anchor receipts are each signed by keys of their own, which stand dated in the trust list. A
key id in a token only narrows the search: the key itself comes from the list, every certificate of that id is
tried, and what a declared-stolen key has signed says nothing at all, since whoever holds it can write any date.

    >>> signer((), "00" * 8, lambda certificate: None)
    Traceback (most recent call last):
    govseal.core.errors.BadSignature: The trust list names no such key for this purpose.

What is *not* here: the keys of seals, whose dates are judged by the ledger (`govseal.core.verify`).
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from govseal.core.errors import BadSignature, OutsideError
from govseal.core.trustlist import Certificate

Check = Callable[[bytes], None]
"""Checks a signature with a certificate (DER); raises `BadSignature` when it does not match."""


def signer(certificates: Sequence[Certificate], kid: object, check: Check) -> Certificate:
    """Return the listed certificate that signed.

    Args:
        certificates: those the trust list names for this purpose.
        kid: the key id that the token states: 16 lower-case hex digits. Anything else matches nothing.
        check: tries one certificate.

    Raises:
        BadSignature: no listed certificate has that id (`UNLISTED_KEY`), or none of those matches.
    """
    matching = [one for one in certificates if one.kid.hex() == kid]
    if not matching:
        raise BadSignature("The trust list names no such key for this purpose.", code="UNLISTED_KEY")
    for certificate in matching:
        try:
            check(certificate.der)
        except BadSignature:
            continue
        return certificate
    raise BadSignature("The signature does not match the key in the trust list.")


def require_trusted(certificate: Certificate, signed_at: datetime) -> None:
    """Check that a key was in use when it signed, and has not been declared stolen.

    Raises:
        OutsideError: declared stolen (`LISTED_KEY_COMPROMISED`): something signed anew mends it.
        BadSignature: `signed_at` lies outside the key's validity, or after its retirement (`KEY_NOT_VALID_THEN`).
    """
    if certificate.compromised_at is not None:
        raise OutsideError("The key that signed this was declared stolen.", code="LISTED_KEY_COMPROMISED")
    if not certificate.valid_at(signed_at):
        raise BadSignature("The key that signed this was not in use at that time.", code="KEY_NOT_VALID_THEN")
