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

_CONTRADICTIONS = {"STATUS_LIST_ROLLED_BACK", "STATUS_LIST_FORKED", "STATUS_LIST_TAKES_BACK"}


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

    Raises:
        OutsideError: `STATUS_LIST_TAKES_BACK`: of a document that was revoked or superseded it no longer says so.
        GovsealError: as of `govseal.core.status.read`.
    """
    seen = _seen(last) if last else None
    try:
        read = status.read(
            token, uri=uri, certificates=certificates, now=now, max_age=max_age, last_seen=seen
        )
        if last and last.digest != read.seen.digest:
            _require_nothing_taken_back(read, status.read_believed(last.token))
    except OutsideError as error:
        if memory and error.code in _CONTRADICTIONS:
            memory.report(uri, error.code, token)
        raise
    if memory and read.seen != seen:
        memory.keep(uri, KeptList(int(read.issued_at.timestamp()), read.seen.digest, token))
    return Believed(token, read)


def newest_status_list(
    token: bytes,
    *,
    uri: str,
    certificates: tuple[Certificate, ...],
    now: datetime,
    max_age: timedelta,
    memory: ListMemory | None,
    last: KeptList | None,
) -> Believed:
    """Return the status list to judge a file by, of the one it holds and the one remembered.

    An older file rightly holds an older list. The newer one, as of its own making, may know of a revocation since;
    arguments and errors as of `read_status_list`.

    Raises:
        OutsideError: `STATUS_LIST_TAKES_BACK`: the newer of the two no longer says what the other said for good.
    """
    read = partial(status.read, uri=uri, certificates=certificates, max_age=max_age)
    if memory is None or last is None or not _is_older(partial(read, token, now=now), last):
        return read_status_list(
            token, uri=uri, certificates=certificates, now=now, max_age=max_age, memory=memory, last=last
        )
    kept = read(last.token, now=max(now, _seen(last).issued_at))
    try:
        _require_nothing_taken_back(kept, status.read_believed(token))
    except OutsideError as error:
        memory.report(uri, error.code, token)
        raise
    return Believed(last.token, kept)


def _seen(last: KeptList) -> status.Seen:
    return status.Seen(datetime.fromtimestamp(last.order, UTC), last.digest)


def _is_older(read: Callable[..., status.StatusList], last: KeptList) -> bool:
    """Say whether a list, once its signature holds, is older than the one remembered, however stale either is."""
    try:
        read(last_seen=_seen(last))
    except OutsideError as error:
        return error.code == "STATUS_LIST_ROLLED_BACK"
    return False


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
