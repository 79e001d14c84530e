"""Publish the status lists: when their documents change, and well before they expire (docs/protocol.md clause 6.6).

Invariants:
- a list says what the rows say, and of what it once called revoked or superseded it never says anything better, also
  when the rows were lost with a database and only the published file still knows;
- each list is issued in a later second than every one before it;
- a list's row is saved before its files are replaced, and called published after: killed anywhere, the next run signs
  a later one;
- the notices that explain a list (clause 6.7) are published before it: whoever reads that a document is revoked finds
  why.

What is *not* here: the token's form (`govseal.core.status`), and changes of standing (`standing`).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from govseal.apps.issuance.models import Document, Standing, StatusList
from govseal.apps.issuance.selectors import newest_status_list
from govseal.apps.issuance.services.notices import STATES, notices_token
from govseal.apps.issuance.services.publishing import Published, only_publisher, published_now
from govseal.apps.registry.services import status_uri
from govseal.core import status
from govseal.core.errors import GovsealError
from govseal.core.ports import Signer
from govseal.core.status import State, jwt
from govseal.core.trustlist import Certificate

LIFE = status.OFFLINE_AGE
TTL = timedelta(minutes=5)
REISSUE = status.ONLINE_AGE / 4

_LOG = logging.getLogger(__name__)
_SECOND = timedelta(seconds=1)
_PER_BYTE = 8 // status.BITS
_FINAL = {State.REVOKED, State.SUPERSEDED}


def status_lists_publish(
    *, host: str, signer: Callable[[], Signer], published: Published, clock: Callable[[], datetime]
) -> int:
    """Sign and publish every list that is due, among them the one that follows the newest in use.

    Args:
        host: whose lists they are: what codes name.
        signer: opens the status key; called only when a list is due.
        published: the published files.
        clock: tells the time, UTC.

    Returns:
        How many were published; 0 also when another publisher is at work.

    Raises:
        OperatorError: there is no status key.
    """
    with only_publisher() as alone:
        if not alone:
            return 0
        _enter_missing()
        due = list(_due(host, clock()).values_list("number", flat=True))
        if due:
            key = signer()
            for number in due:
                _publish(StatusList.objects.get(pk=number), host, key, published, clock())
        return len(due)


def status_lists_restore(*, host: str, published: Published) -> int:
    """Put back published lists that are gone, and have those signed anew whose files hold something else.

    Returns:
        How many it was.
    """
    with only_publisher() as alone:
        if not alone:
            return 0
        return sum(
            _restore(row, host, published) for row in StatusList.objects.exclude(jwt=b"").iterator(200)
        )


def status_lists_by_other_keys(*, signer: Signer) -> int:
    """Have lists signed anew that another key than the one now in use has signed; return how many."""
    kid = Certificate.from_der(signer.certificate).kid
    return StatusList.objects.exclude(Q(kid=kid) | Q(jwt=b"")).update(version=F("version") + 1)


def list_path(number: int) -> str:
    """Return where a list's JWT lies among the published files; its CWT has `.cwt` added."""
    return f"status/{number}"


def _enter_missing() -> None:
    wanted = newest_status_list() + 2
    if StatusList.objects.filter(number__lt=wanted).count() < wanted:
        rows = [StatusList(number=number) for number in range(wanted)]
        StatusList.objects.bulk_create(rows, ignore_conflicts=True)


def _due(host: str, now: datetime) -> QuerySet[StatusList]:
    old = Q(issued_at__isnull=True) | Q(issued_at__lte=now - REISSUE)
    return StatusList.objects.filter(~Q(published_version=F("version")) | ~Q(host=host) | old)


def _publish(row: StatusList, host: str, key: Signer, published: Published, now: datetime) -> None:
    version = row.version  # read before the documents: a change that they lack marks a later version
    before = _before(row, host, key, published)
    array = _array(row.number)
    issued_at = now.replace(microsecond=0)
    if before is not None:
        array = _still_final(array, before.array, row.number)
        issued_at = max(issued_at, before.issued_at + _SECOND)
    listed = status.StatusList(status_uri(host, row.number), issued_at, issued_at + LIFE, TTL, array)
    row.host, row.issued_at = host, issued_at
    row.kid = Certificate.from_der(key.certificate).kid
    row.jwt = status.sign_jwt(listed, certificate=key.certificate, signer=key.sign).encode()
    row.cwt = status.sign_cwt(listed, certificate=key.certificate, signer=key.sign)
    row.notices = notices_token(row.number, listed, key)
    row.save(update_fields=["host", "issued_at", "kid", "jwt", "cwt", "notices"])
    for path, token in _files(row).items():
        published.replace(path, token)
    row.published_version = version
    row.save(update_fields=["published_version"])


def _before(row: StatusList, host: str, key: Signer, published: Published) -> status.StatusList | None:
    """Return the newest list that anybody may have seen: the row's, or a later one that only its file remembers."""
    kept = jwt.read(bytes(row.jwt), max_bytes=status.MAX_BYTES).claims().checked() if row.jwt else None
    file = published_now(published, host, list_path(row.number), status.MAX_BYTES)
    if file is None or file == bytes(row.jwt):
        return kept
    found = _own(file, key)
    if found is None or (kept is not None and found.issued_at <= kept.issued_at):
        return kept
    _LOG.error(
        "Status list %s is published with a later date than the database knows: was an older backup restored?"
        " What it calls revoked stays revoked.",
        row.number,
    )
    return found


def _own(token: bytes, key: Signer) -> status.StatusList | None:
    """Return a list that our key signed, however old it is."""
    try:
        unchecked = jwt.read(token, max_bytes=status.MAX_BYTES)
        unchecked.check(key.certificate)
        return unchecked.claims().checked()
    except GovsealError:
        return None


def _array(number: int) -> bytes:
    """Return what the rows say, from those alone that are not valid."""
    rows = Document.objects.filter(status_list=number).exclude(standing=Standing.VALID).order_by()
    return status.build(
        {index: STATES[standing] for index, standing in rows.values_list("status_index", "standing")}
    )


def _still_final(array: bytes, before: bytes, number: int) -> bytes:
    """Return `array` with what `before` called revoked or superseded, and `array` does not."""
    differing = [at for at, (one, other) in enumerate(zip(array, before, strict=True)) if one != other]
    lost = {
        index: state
        for at in differing
        for index in range(at * _PER_BYTE, (at + 1) * _PER_BYTE)
        if (state := status.state_at(before, index)) in _FINAL and status.state_at(array, index) not in _FINAL
    }
    if lost:
        _LOG.error("Status list %s: the database has lost %s revocations: kept.", number, len(lost))
    return status.build(lost, array)


def _files(row: StatusList) -> dict[str, bytes]:
    """Return what is published of a list, in that order; one from before notices were signed has none."""
    path = list_path(row.number)
    notices = {path + status.NOTICES_SUFFIX: bytes(row.notices)} if row.notices else {}
    return {**notices, path: bytes(row.jwt), f"{path}.cwt": bytes(row.cwt)}


def _restore(row: StatusList, host: str, published: Published) -> bool:
    wrong = {
        path: token
        for path, token in _files(row).items()
        if published_now(published, host, path, status.NOTICES_MAX_BYTES) != token
    }
    for path, token in wrong.items():
        if published_now(published, host, path, status.NOTICES_MAX_BYTES) is None:
            published.replace(path, token)
        else:
            StatusList.objects.filter(pk=row.pk).update(version=F("version") + 1)
    return bool(wrong)
