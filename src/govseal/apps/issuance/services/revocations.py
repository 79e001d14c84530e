"""A revocation's way: waiting, sent, confirmed on the ledger.

Called by the outbox alone, which holds the institution's lock. What is *not* here: asking for one (`revoke`).
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from govseal.apps.issuance.models import Batch, Revocation
from govseal.apps.issuance.services.policy import POLL, OutboxPolicy, is_final, is_lost
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import store_of
from govseal.core.ports import Ledger, LedgerReader


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
    ledger: Ledger,
    policy: OutboxPolicy,
    clock: Callable[[], datetime],
    *,
    held: bool,
) -> float | None:
    """Take the revocation as far as it goes now; return the seconds after which to look again."""
    if held:
        if not is_final(revocation.transaction, ledger, policy):
            return POLL
        revocation.state, revocation.confirmed_at = Revocation.State.CONFIRMED, clock()
        revocation.save(update_fields=["state", "confirmed_at"])
        return None
    if revocation.state == Revocation.State.WAITING or is_lost(revocation.transaction, ledger):
        institution, target = revocation.document.institution, bytes(revocation.document.target_hash)
        revocation.transaction = ledger.revoke(store_of(institution), target, account=institution.code)
        revocation.state = Revocation.State.SENT
        revocation.save(update_fields=["state", "transaction"])
    return POLL
