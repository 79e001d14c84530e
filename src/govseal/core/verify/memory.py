"""Lists that were seen before: an older one is refused, and so is another one of the same number.

Whoever holds a list's key, or the place that publishes it, could otherwise show one person an older list, or two
people different ones (docs/protocol.md section 6). What is refused is kept and reported, since nobody else can see
it; what is believed is kept for the next time. The caller recalls *before* it fetches: a list that another
process believed in between then makes nobody a liar.

What is *not* here: signatures and dates (`govseal.core.status`, `govseal.core.trustlist`), and where things are
kept.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from govseal.core import status, trustlist
from govseal.core.errors import OutsideError
from govseal.core.ports import KeptList, ListMemory
from govseal.core.trustlist import Certificate, TrustList

_OLDER = "STATUS_LIST_ROLLED_BACK"
_CONTRADICTIONS = {_OLDER, "STATUS_LIST_FORKED", "STATUS_LIST_TAKES_BACK"}


class Believed(NamedTuple):
    """A status list that is believed.

    Attributes:
        token: as published.
        listed: what it says.
    """

    token: bytes
    listed: status.StatusList


def recall(memory: ListMemory | None, name: str) -> KeptList | None:
    """Return what was last believed under a name, or None."""
    return memory.recall(name) if memory else None


def read_status_list(
    token: bytes,
    *,
    uri: str,
    certificates: tuple[Certificate, ...],
    now: datetime,
    max_age: timedelta,
    memory: ListMemory | None,
    last: KeptList | None,
    may_be_older: bool,
) -> Believed:
    """Return a status list that may be believed, and remember it.

    Args:
        token: as fetched.
        uri: how the document names its list.
        certificates: the trust list's status certificates.
        now: the time at which the list is to be believed.
        max_age: how old it may be.
        memory: where lists are kept, if anywhere.
        last: what `recall` gave before `token` was fetched.
        may_be_older: whether `token` may be older than `last`, as it rightly is in an older file. Then `last` judges,
            as of its own making: it may know of a revocation since.

    Raises:
        OutsideError: `STATUS_LIST_TAKES_BACK`: the newer of the two no longer says of a document that it was revoked or
            superseded.
        GovsealError: as of `govseal.core.status.read`.
    """
    read = partial(status.read, uri=uri, certificates=certificates, max_age=max_age)
    try:
        believed = _newer(read, token, now, last, may_be_older=may_be_older)
    except OutsideError as error:
        if memory and error.code in _CONTRADICTIONS:
            memory.report(uri, error.code, token)
        raise
    listed = believed.listed
    if memory and not (last and listed.seen == _seen(last)):
        memory.keep(uri, KeptList(int(listed.issued_at.timestamp()), listed.seen.digest, token))
    return believed


def _newer(
    read: Callable[..., status.StatusList],
    token: bytes,
    now: datetime,
    last: KeptList | None,
    *,
    may_be_older: bool,
) -> Believed:
    if last is None:
        return Believed(token, read(token, now=now))
    seen = _seen(last)
    try:
        listed = read(token, now=now, last_seen=seen)
    except OutsideError as error:
        if not (may_be_older and error.code == _OLDER):
            raise
        kept = read(last.token, now=max(now, seen.issued_at))
        _require_nothing_taken_back(kept, status.read_believed(token))
        return Believed(last.token, kept)
    if last.digest != listed.seen.digest:
        _require_nothing_taken_back(listed, status.read_believed(last.token))
    return Believed(token, listed)


def _seen(last: KeptList) -> status.Seen:
    return status.Seen(datetime.fromtimestamp(last.order, UTC), last.digest)


def _require_nothing_taken_back(later: status.StatusList, earlier: status.StatusList) -> None:
    if later.takes_back(earlier):
        raise OutsideError(
            "The status list puts back in force what the one seen before had revoked for good.",
            code="STATUS_LIST_TAKES_BACK",
            issued_at=later.issued_at.isoformat(),
        )


def require_no_older_trust_list(
    token: bytes, trust_list: TrustList, *, name: str, memory: ListMemory, last: KeptList | None
) -> None:
    """Refuse a trust list of an older sequence, or of the same one with other bytes; remember any other.

    Args:
        token: the list as published; its signature and dates were checked.
        trust_list: what it says.
        name: under which lists of its signer are kept.
        memory: where.
        last: what `recall` gave before `token` was read.

    Raises:
        OutsideError: `TRUST_LIST_ROLLED_BACK` or `TRUST_LIST_FORKED`: nobody is judged by it.
    """
    kept = KeptList(trust_list.sequence, trustlist.fingerprint(token), token)
    if last is not None and kept.order < last.order:
        memory.report(name, "TRUST_LIST_ROLLED_BACK", token)
        raise OutsideError(
            "The trust list is older than the one seen before: it was kept; tell whoever publishes it.",
            code="TRUST_LIST_ROLLED_BACK",
            sequence=kept.order,
            seen=last.order,
        )
    if last is not None and kept.order == last.order and kept.digest != last.digest:
        memory.report(name, "TRUST_LIST_FORKED", token)
        raise OutsideError(
            "Two trust lists of one number say different things: both were kept; tell whoever publishes them.",
            code="TRUST_LIST_FORKED",
            sequence=kept.order,
        )
    memory.keep(name, kept)
