"""A revocation's way: waiting, sent, confirmed on the ledger.

Called by the outbox alone, which holds the institution's lock. What is *not* here: asking for one (`revoke`), and
how a transaction comes to the chain (`transactions`).
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from govseal.apps.issuance.models import Batch, Revocation
from govseal.apps.issuance.services.policy import POLL, OutboxPolicy
from govseal.apps.issuance.services.transactions import Sender
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import store_of
from govseal.core.ports import EventKind, LedgerReader, LedgerWriter


def revocations_unconfirmed(
    institution: Institution, ledger: LedgerReader
) -> Iterator[tuple[Revocation, bool]]:
    """Yield what is to be revoked, oldest first, and whether the ledger holds it.

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
        yield from zip(rows, ledger.revoked(store_of(institution), targets), strict=True)


def revocation_advance(
    revocation: Revocation,
    sender: Sender,
    policy: OutboxPolicy,
    clock: Callable[[], datetime],
    *,
    held: bool,
) -> float | None:
    """Take the revocation as far as it goes now; return the seconds after which to look again."""
    if not held:
        if revocation.transaction is None:
            sender.send(revocation, EventKind.REVOKED, bytes(revocation.document.target_hash))
        return POLL
    if not _is_final(revocation.transaction, sender.ledger, policy):
        return POLL
    revocation.state, revocation.confirmed_at = Revocation.State.CONFIRMED, clock()
    revocation.save(update_fields=["state", "confirmed_at"])
    return None


def _is_final(transaction_hash: bytes | None, ledger: LedgerWriter, policy: OutboxPolicy) -> bool:
    """Say whether a transaction lies deep enough; one that we did not send is not ours to wait for."""
    if transaction_hash is None:
        return True
    return ledger.transaction(bytes(transaction_hash)).confirmations >= policy.finality
