"""Enter what the ledger revokes into the status lists, whoever revoked it (docs/protocol.md section 2).

A revocation that was asked for here is in its list before the ledger knows of it. One made elsewhere with the
institution's ledger key, of a document, an inner node or a root, comes from the index of the ledger (`evidence`).

Invariants:
- a revocation counts once the configured number of blocks lies on it, so that one whose blocks a chain takes back
  earlier never enters; what has entered is final, as every revocation is;
- the cursor moves past an event only after its documents are revoked: killed anywhere, by any number of workers, the
  next run enters the rest, and entering twice changes nothing.

What is *not* here: reading the ledger (`evidence`), and signing the lists (`statuslists`).
"""

import logging
from collections.abc import Callable, Sequence

from django.db import transaction

from govseal.apps.evidence.models import FollowedChain
from govseal.apps.evidence.selectors import RevocationEvent, chains, revocations_after
from govseal.apps.issuance.models import (
    Document,
    LedgerCursor,
    ReasonCode,
    Source,
    Standing,
    StandingChange,
)
from govseal.apps.issuance.services.nodes import documents_under, nodes_enter
from govseal.apps.issuance.services.standing import status_lists_mark
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import institutions, store_of

_LOG = logging.getLogger(__name__)
_EVENTS_AT_ONCE = 500
_DOCUMENTS_AT_ONCE = 1_000
_BATCHES_AT_ONCE = 50
_REASON = "Revoked on the ledger"
_FINAL = (Standing.REVOKED, Standing.REPLACED)


def ledger_revocations_enter(*, finality: int, publish: Callable[[], None]) -> int:
    """Revoke in the lists what the index knows to be revoked; the index must have been followed before.

    Args:
        finality: blocks, the event's own counted, from which on a revocation counts.
        publish: asks for the status lists to be published; called inside the transaction.

    Returns:
        How many documents were revoked by it.
    """
    nodes_enter(at_most=_BATCHES_AT_ONCE)
    return sum(_enter_chain(chain, finality, publish) for chain in chains())


def _enter_chain(chain: FollowedChain, finality: int, publish: Callable[[], None]) -> int:
    cursor, _ = LedgerCursor.objects.get_or_create(chain=chain)
    entered, at, holders = 0, cursor.event, dict[tuple[int, str, str], Institution]()
    while events := revocations_after(chain, at, _EVENTS_AT_ONCE):
        holders = holders or {store_of(one).key: one for one in institutions()}
        for event in events:
            holder = holders.get(event.store.key)
            if event.confirmations >= finality and holder is not None:
                entered += _revoke(holder, event, publish)
        at = events[-1].pk
        LedgerCursor.objects.filter(chain=chain, event__lt=_passed(events, finality)).update(
            event=_passed(events, finality)
        )
        if _passed(events, finality) < at:
            break  # what is not deep enough is looked at again, and what follows it
    return entered


def _passed(events: Sequence[RevocationEvent], finality: int) -> int:
    """Return the key up to which no event has to be looked at again."""
    shallow = next((one for one in events if one.confirmations < finality), None)
    return events[-1].pk if shallow is None else shallow.pk - 1


def _revoke(institution: Institution, event: RevocationEvent, publish: Callable[[], None]) -> int:
    revoked = 0
    while number := _revoke_some(institution, event, publish):
        revoked += number
    if revoked:
        _LOG.warning(
            "%s revoked %s documents on the ledger, in block %s, not by this platform.",
            institution.code,
            revoked,
            event.block_number,
        )
    return revoked


@transaction.atomic
def _revoke_some(institution: Institution, event: RevocationEvent, publish: Callable[[], None]) -> int:
    """Revoke the next documents under the event's hash, in one order, so that no two runs wait for each other."""
    under = documents_under(institution, event.value).exclude(standing__in=_FINAL)
    documents = list(
        under.select_for_update(of=("self",)).order_by("pk").only("status_list")[:_DOCUMENTS_AT_ONCE]
    )
    if not documents:
        return 0
    Document.objects.filter(pk__in=[one.pk for one in documents]).update(standing=Standing.REVOKED)
    StandingChange.objects.bulk_create(
        StandingChange(
            document=one,
            standing=Standing.REVOKED,
            code=ReasonCode.OTHER,
            reason=_REASON,
            source=Source.LEDGER,
            changed_at=event.block_time,
        )
        for one in documents
    )
    status_lists_mark({one.status_list for one in documents})
    publish()
    return len(documents)
