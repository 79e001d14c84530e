"""What a status list says, as a plain value, and the claims that both forms share (docs/protocol.md clause 6.6).

Invariants: the URI is printable ASCII; times are aware UTC of whole seconds; a list that can be made can be read
back from both of its forms.

    >>> day = datetime(2026, 1, 2, tzinfo=UTC)
    >>> status_list = StatusList("https://a.example/status/1", day, day + timedelta(days=7), timedelta(hours=1),
    ...                          bytes(ARRAY_BYTES))
    >>> status_list.state(7)
    <State.VALID: 0>

What is *not* here: the encodings (`jwt`, `cwt`), and judging a list that was fetched (`token`).
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from govseal.core import listed
from govseal.core.errors import InputError, MalformedToken
from govseal.core.status.entries import ARRAY_BYTES, BITS, State, deflate, inflate, state_at, takes_back
from govseal.core.unixtime import is_unix_time, moment

_EPOCH = datetime.fromtimestamp(0, UTC)
_URI = re.compile(r"[!-~]{1,2048}")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a verifier keeps of the last list it believed, to know a rolled-back or forked one.

    Attributes:
        issued_at: the list's `iat`.
        digest: hex SHA-256 of its entries: the same for both forms of one list.
    """

    issued_at: datetime
    digest: str


@dataclass(frozen=True)
class StatusList:
    """One list.

    Attributes:
        uri: where it is published, and how documents name it.
        issued_at: when its entries were so.
        expires_at: after this moment it says nothing; later than `issued_at`.
        ttl: how long a copy may be kept before a newer one is asked for.
        array: its entries, `ARRAY_BYTES`.

    Raises:
        InputError: a value is outside its form.
    """

    uri: str
    issued_at: datetime
    expires_at: datetime
    ttl: timedelta
    array: bytes

    def __post_init__(self) -> None:
        times = self.issued_at, self.expires_at
        if not _URI.fullmatch(self.uri) or len(self.array) != ARRAY_BYTES:
            raise InputError("A status list has a URI of printable ASCII, and entries of one fixed size.")
        if any(when.utcoffset() != timedelta(0) or when.microsecond or when < _EPOCH for when in times):
            raise InputError("A status list's times are UTC, of whole seconds, from 1970 on.")
        if self.ttl < timedelta(seconds=1) or self.ttl.microseconds or self.expires_at <= self.issued_at:
            raise InputError("A status list lives, and may be kept, for whole seconds.")

    def state(self, index: int) -> State:
        """Return what became of the document with that index.

        Raises:
            OutsideError: the list has no such entry (`STATUS_INDEX_OUT_OF_RANGE`).
        """
        return state_at(self.array, index)

    def takes_back(self, before: "StatusList") -> bool:
        """Say whether a document that an earlier list told out of force for good is not so any more."""
        return takes_back(self.array, before.array)

    @cached_property
    def seen(self) -> Seen:
        """What to keep of this list once it is believed; hashed once, since one list speaks for many documents."""
        return Seen(self.issued_at, hashlib.sha256(self.array).hexdigest())


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims that both forms hold, as they stand there: none is checked yet.

    Attributes:
        sub: the URI.
        iat: Unix time in seconds.
        exp: Unix time in seconds.
        ttl: seconds.
        bits: how many an entry has.
        lst: the entries as a zlib stream.
    """

    sub: Any
    iat: Any
    exp: Any
    ttl: Any
    bits: Any
    lst: bytes

    @classmethod
    def of(cls, status_list: StatusList) -> "Claims":
        """Return the claims of a list."""
        iat, exp = (int(when.timestamp()) for when in (status_list.issued_at, status_list.expires_at))
        ttl = int(status_list.ttl.total_seconds())
        return cls(status_list.uri, iat, exp, ttl, BITS, deflate(status_list.array))

    def checked(self) -> StatusList:
        """Return the list that the claims make.

        Raises:
            MalformedToken: a claim has another form.
        """
        if not isinstance(self.sub, str) or not isinstance(self.bits, int) or self.bits != BITS:
            raise MalformedToken(f"A status list has a URI, and {BITS} bits for an entry.")
        iat, exp, ttl = (_seconds(claim) for claim in (self.iat, self.exp, self.ttl))
        lifetime = timedelta(seconds=ttl)
        try:
            return StatusList(self.sub, moment(iat), moment(exp), lifetime, inflate(self.lst))
        except MalformedToken:
            raise
        except InputError as error:
            raise MalformedToken(error.message) from None


@dataclass(frozen=True, slots=True)
class Unchecked:
    """One form of a list, taken apart: its content is read only once its signature holds.

    Attributes:
        kid: the key id that it states.
        check: tries its type and signature with a certificate.
        claims: reads its claims.
    """

    kid: object
    check: listed.Check
    claims: Callable[[], Claims]


def _seconds(claim: Any) -> int:
    if not is_unix_time(claim):
        raise MalformedToken("A time in the status list is not a count of seconds.")
    return claim
