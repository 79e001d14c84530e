"""A revocation's way: waiting, sent, confirmed on the ledger.

Called by the outbox alone, which holds the institution's lock. What is *not* here: asking for one (`revoke`), and
how a transaction comes to the chain (`transactions`).
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from govseal.apps.issuance.models import Batch, Revocation
from govseal.apps.issuance.services.policy import POLL, OutboxPolicy
from govseal.apps.issuance.services.states import move
from govseal.apps.issuance.services.transactions import Sender
from govseal.apps.issuance.services.trouble import CLEAR
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import store_of
from govseal.core.ports import EventKind, LedgerWriter


def revocations_unconfirmed(
    institution: Institution, ledger: LedgerWriter
) -> Iterator[tuple[Revocation, int]]:
    """Yield what is to be revoked, and how deep the ledger holds it; 0 where it does not.

    The deepest comes first, so that confirmations follow the chain's order; what is to be sent comes last, oldest first.
    A revocation follows its document's root, also when a chain has lost both (docs/protocol.md section 2).
    """
    rows = list(
        Revocation.objects.filter(
            document__institution=institution, document__batch__state=Batch.State.ANCHORED
        )
        .exclude(state=Revocation.State.CONFIRMED)
        .select_related("document__institution")
        .order_by("pk")
    )
    if rows:
        targets = [bytes(row.document.target_hash) for row in rows]
        depths = ledger.revocation_depths(store_of(institution), targets)
        yield from sorted(zip(rows, depths, strict=True), key=lambda one: -one[1])


def revocation_advance(
    revocation: Revocation,
    sender: Sender,
    policy: OutboxPolicy,
    clock: Callable[[], datetime],
    *,
    depth: int,
) -> float | None:
    """Take the revocation as far as it goes now; return the seconds after which to look again.

    Whoever sent what the ledger holds (we, in a transaction that was replaced, or another), it is final when it lies
    deep enough, and not before.
    """
    if depth == 0 and revocation.transaction is None:
        sender.send(revocation, EventKind.REVOKED, bytes(revocation.document.target_hash))
    if depth < policy.finality:
        return POLL
    move(revocation, Revocation.State.CONFIRMED, confirmed_at=clock(), **CLEAR)
    return None
