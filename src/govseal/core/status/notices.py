"""Why and since when documents are revoked, suspended or superseded: the notices beside a status list (clause 6.7).

    {alg, typ: "govseal-notices+jwt", kid} . {sub, iat, exp, notices}
    notices = {"revoked": {"error": {"2026-05-03": [17, 204]}}}       state, reason, day, indexes

One file for a whole list, so that whoever fetches it tells nobody which document is meant; days and no moments, so
that it says little of which documents were taken back together.

Invariants: the status list alone says what became of a document; a notice only explains the state that the list
holds, and no notice, or none that can be believed, changes no verdict.

    >>> day = datetime(2026, 5, 4, tzinfo=UTC)
    >>> notices = Notices("https://a.example/status/1", day, day + timedelta(days=7),
    ...                   {17: Notice(State.REVOKED, "error", date(2026, 5, 3))})
    >>> notices.of(17, State.REVOKED).code
    'error'
    >>> notices.of(17, State.SUSPENDED) is None
    True

What is *not* here: the words of a reason in each language (`govseal.web.shared`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from govseal.core import jose, jsjson, listed
from govseal.core.errors import InputError, MalformedToken, OutsideError
from govseal.core.status.entries import ENTRIES, State
from govseal.core.trustlist import Certificate
from govseal.core.unixtime import is_unix_time, moment

NOTICES_TYP = "govseal-notices+jwt"
NOTICES_MAX_BYTES = 2 << 20  # every entry of a list noticed, in many groups
NOTICES_SUFFIX = ".notices"
"""What a status list's URI has added where its notices are published."""

_HEADER = {"alg", "typ", "kid"}
_CLAIMS = {"sub", "iat", "exp", "notices"}
_STATES = {state.name.lower(): state for state in State if state is not State.VALID}
_CODE = re.compile(r"[a-z][a-z_]{0,31}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Notice:
    """Why a document is not valid.

    Attributes:
        state: what became of it; never VALID.
        code: the reason: a published lower-case word; a reader passes over one that it does not know.
        since: the day, in the issuing country.
    """

    state: State
    code: str
    since: date


@dataclass(frozen=True, slots=True)
class Notices:
    """The notices of one status list.

    Attributes:
        uri: the status list's.
        issued_at: when they were signed, UTC, whole seconds.
        expires_at: after this moment they say nothing.
        entries: by index.
    """

    uri: str
    issued_at: datetime
    expires_at: datetime
    entries: Mapping[int, Notice]

    def of(self, index: int, state: State) -> Notice | None:
        """Return the notice that explains `state` of a document, or None."""
        found = self.entries.get(index)
        return found if found is not None and found.state is state else None


def sign_notices(notices: Notices, *, certificate: bytes, signer: jose.Sign) -> str:
    """Return the published token; arguments and errors as of `sign_jwt`."""
    groups: dict[str, dict[str, dict[str, list[int]]]] = {}
    for index, one in sorted(notices.entries.items()):
        days = groups.setdefault(one.state.name.lower(), {}).setdefault(one.code, {})
        days.setdefault(one.since.isoformat(), []).append(index)
    payload = {
        "sub": notices.uri,
        "iat": int(notices.issued_at.timestamp()),
        "exp": int(notices.expires_at.timestamp()),
        "notices": groups,
    }
    header = {"typ": NOTICES_TYP, "kid": Certificate.from_der(certificate).kid.hex()}
    return jose.encode(header, jsjson.dumps(payload).encode(), signer)


def read_notices(
    token: bytes | str, *, uri: str, certificates: Sequence[Certificate], now: datetime, max_age: timedelta
) -> Notices:
    """Return the notices of a status list, signed by a listed status key and fresh; arguments as of `read`.

    Raises:
        BadSignature, MalformedToken, TooLargeError: as of `read`.
        OutsideError: `LISTED_KEY_COMPROMISED` or `NOTICES_STALE`.
    """
    parts = jose.read(token, max_bytes=NOTICES_MAX_BYTES)
    if parts.header.keys() != _HEADER:
        raise MalformedToken("The notices' header has other members.")
    certificate = listed.signer(
        certificates, parts.header["kid"], lambda der: jose.verify(parts, der, typ=NOTICES_TYP)
    )
    notices = _notices(parts.payload)
    listed.require_trusted(certificate, notices.issued_at)
    if notices.uri != uri:
        raise MalformedToken("The notices are those of another status list.", code="WRONG_SUBJECT")
    fresh = now - notices.issued_at <= max_age and now < notices.expires_at
    if not fresh or now + _CLOCK_SKEW < notices.issued_at:
        raise OutsideError("The notices are not of this time.", code="NOTICES_STALE")
    return notices


def _notices(payload: bytes) -> Notices:
    try:
        claims = jsjson.parse(payload, max_bytes=NOTICES_MAX_BYTES)
    except InputError as error:
        raise MalformedToken(f"The notices cannot be read: {error.message}") from None
    if not isinstance(claims, dict) or claims.keys() != _CLAIMS or not isinstance(claims["sub"], str):
        raise _refusal("claims")
    found = list(_entries(claims["notices"]))
    entries = dict(found)
    if len(entries) != len(found):  # a document has one state, and one notice
        raise _refusal("indexes")
    return Notices(claims["sub"], _moment(claims["iat"]), _moment(claims["exp"]), entries)


def _entries(groups: Any) -> Iterator[tuple[int, Notice]]:
    for name, codes in _members(groups):
        if name not in _STATES:
            raise _refusal("states")
        for code, days in _members(codes):
            if not _CODE.fullmatch(code):
                raise _refusal("reasons")
            for day, indexes in _members(days):
                notice = Notice(_STATES[name], code, _day(day))
                yield from ((index, notice) for index in _indexes(indexes))


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise _refusal("groups")
    yield from value.items()


def _indexes(value: Any) -> list[int]:
    if not isinstance(value, list) or not all(type(one) is int and 0 <= one < ENTRIES for one in value):
        raise _refusal("indexes")
    return value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise _refusal("days") from None


def _moment(value: Any) -> datetime:
    if not is_unix_time(value):
        raise _refusal("times")
    return moment(value)


def _refusal(what: str) -> MalformedToken:
    return MalformedToken(f"The notices' {what} have another form.")
