"""Signing a status list in either form, and judging one that was fetched (docs/protocol.md clause 6.6).

Invariants: the key is one that the trust list names for status lists; `typ` is exact; a list speaks only for
its own URI; nothing of it is read before its signature holds; one that is older than what was seen, or than the
caller allows, gives "could not check".

What is *not* here: fetching, and keeping what was seen.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from govseal.core import jose, listed
from govseal.core.errors import MalformedToken, OutsideError
from govseal.core.status import cwt, jwt
from govseal.core.status.model import Seen, StatusList, Unchecked
from govseal.core.trustlist import Certificate

JWT_TYP = jwt.TYP
CWT_TYP = cwt.TYP
MAX_BYTES = 64 << 10  # entries that nothing can shorten, a long URI, base64 twice
ONLINE_AGE = timedelta(hours=24)
OFFLINE_AGE = timedelta(days=7)

_CLOCK_SKEW = timedelta(minutes=5)


def sign_jwt(status_list: StatusList, *, certificate: bytes, signer: jose.Sign) -> str:
    """Return the list as `application/statuslist+jwt`.

    Args:
        status_list: what to say.
        certificate: the signer's, DER, as the trust list names it.
        signer: signs a message with ES256; returns r‖s, 64 bytes.

    Raises:
        InputError: `certificate` is none.
    """
    return jwt.encode(status_list, kid=Certificate.from_der(certificate).kid, sign=signer)


def sign_cwt(status_list: StatusList, *, certificate: bytes, signer: jose.Sign) -> bytes:
    """Return the list as `application/statuslist+cwt`; arguments and errors as of `sign_jwt`."""
    return cwt.encode(status_list, kid=Certificate.from_der(certificate).kid, sign=signer)


def read(
    token: bytes | str,
    *,
    uri: str,
    certificates: Sequence[Certificate],
    now: datetime,
    max_age: timedelta,
    last_seen: Seen | None = None,
) -> StatusList:
    """Return a status list, of either form, that a listed key signed and that is fresh.

    Args:
        token: as published, at most `MAX_BYTES`.
        uri: how the document names its list.
        certificates: the trust list's status certificates.
        now: the time at which the list is to be believed.
        max_age: `ONLINE_AGE` or `OFFLINE_AGE`.
        last_seen: `seen` of the list of that URI that was believed before.

    Raises:
        BadSignature: by no listed key (`UNLISTED_KEY`), by one not in use then (`KEY_NOT_VALID_THEN`), or not matching.
        MalformedToken: not such a token, or of another type (`WRONG_TYPE`) or URI (`WRONG_SUBJECT`).
        TooLargeError: a bound is passed.
        OutsideError: nothing can be told from this list: `LISTED_KEY_COMPROMISED`, `STATUS_LIST_ROLLED_BACK`,
            `STATUS_LIST_FORKED`, `STATUS_LIST_STALE` or `STATUS_LIST_NOT_VALID_NOW`.
    """
    certificate, status_list = _signed(token, tuple(certificates))
    listed.require_trusted(certificate, status_list.issued_at)
    if status_list.uri != uri:
        raise MalformedToken("The status list is that of another URI.", code="WRONG_SUBJECT")
    if last_seen is not None:
        _require_no_older(status_list, last_seen)
    _require_fresh(status_list, now, max_age)
    return status_list


def read_believed(token: bytes) -> StatusList:
    """Return what a token says whose signature was judged before.

    Raises:
        MalformedToken: not such a token.
    """
    return _unchecked(token).claims().checked()


@lru_cache(maxsize=8)  # 33 kB each: one list speaks for thousands of documents
def _signed(token: bytes | str, certificates: tuple[Certificate, ...]) -> tuple[Certificate, StatusList]:
    """Return what a token says under the signature of one of the certificates: whenever it is asked, the same."""
    unchecked = _unchecked(token)
    certificate = listed.signer(certificates, unchecked.kid, unchecked.check)
    return certificate, unchecked.claims().checked()


def _unchecked(token: bytes | str) -> Unchecked:
    if isinstance(token, bytes) and token.startswith(cwt.FIRST_BYTE):
        return cwt.read(token, max_bytes=MAX_BYTES)
    return jwt.read(token, max_bytes=MAX_BYTES)


def _require_no_older(status_list: StatusList, last_seen: Seen) -> None:
    if status_list.issued_at < last_seen.issued_at:
        raise OutsideError(
            "The status list is older than the one seen before.",
            code="STATUS_LIST_ROLLED_BACK",
            issued_at=status_list.issued_at.isoformat(),
            seen=last_seen.issued_at.isoformat(),
        )
    if status_list.issued_at == last_seen.issued_at and status_list.seen != last_seen:
        raise OutsideError(
            "Two status lists of one moment say different things.",
            code="STATUS_LIST_FORKED",
            issued_at=status_list.issued_at.isoformat(),
        )


def _require_fresh(status_list: StatusList, now: datetime, max_age: timedelta) -> None:
    if now - status_list.issued_at > max_age or now >= status_list.expires_at:
        raise OutsideError(
            "The status list is out of date: a newer one is needed.",
            code="STATUS_LIST_STALE",
            issued_at=status_list.issued_at.isoformat(),
        )
    if now + _CLOCK_SKEW < status_list.issued_at:
        raise OutsideError(
            "By this machine's clock the status list is not valid yet.",
            code="STATUS_LIST_NOT_VALID_NOW",
            issued_at=status_list.issued_at.isoformat(),
        )
