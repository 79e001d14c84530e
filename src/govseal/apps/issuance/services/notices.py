"""Why a status list's documents are not valid, signed beside it (docs/protocol.md clause 6.7).

Invariants: what is told is the newest change of each document, its reason's code and its day in the country's time
zone; the words that an office gave, and what replaced a document, are told to nobody. Where the list knows more than
the rows, which happens after an older backup was restored, there is no notice.

What is *not* here: the list itself (`statuslists`).
"""

import logging

from django.utils.timezone import localdate

from govseal.apps.issuance.models import Standing, StandingChange
from govseal.core import status
from govseal.core.ports import Signer
from govseal.core.status import Notice, Notices, State

_LOG = logging.getLogger(__name__)
STATES = {
    Standing.SUSPENDED.value: State.SUSPENDED,
    Standing.REPLACED.value: State.SUPERSEDED,
    Standing.REVOKED.value: State.REVOKED,
}
"""What a list says of each standing but valid."""


def notices_token(number: int, listed: status.StatusList, key: Signer) -> bytes:
    """Return the signed notices of list `number`, of the moments of `listed`; empty when they are too many to publish."""
    entries = {
        index: notice for index, notice in _entries(number).items() if _explains(listed, index, notice)
    }
    notices = Notices(listed.uri, listed.issued_at, listed.expires_at, entries)
    token = status.sign_notices(notices, certificate=key.certificate, signer=key.sign).encode()
    if len(token) > status.NOTICES_MAX_BYTES:
        _LOG.error("The notices of status list %s are too long to publish: reasons are not told.", number)
        return b""
    return token


def _entries(number: int) -> dict[int, Notice]:
    """Return the newest change of each document of the list that is not valid."""
    changes = (
        StandingChange.objects.filter(document__status_list=number)
        .exclude(document__standing=Standing.VALID)
        .order_by("document_id", "-pk")
        .distinct("document_id")
    )
    rows = changes.values_list("document__status_index", "standing", "code", "changed_at")
    return {
        index: Notice(STATES[standing], code, localdate(changed_at))
        for index, standing, code, changed_at in rows
        if standing in STATES
    }


def _explains(listed: status.StatusList, index: int, notice: Notice) -> bool:
    """Say whether the list, made a moment before the rows were read again, says what the notice explains."""
    return listed.state(index) is notice.state
