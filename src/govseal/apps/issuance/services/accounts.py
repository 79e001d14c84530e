"""Keep an institution's outbox still while its ledger account changes.

The nonces of recorded transactions are those of one account: what is under way is finished first, and what is final
forgets its transaction's bytes, so that what a chain loses later is prepared anew by the account then in use.

What is *not* here: the accounts (`govseal.adapters.keys.lifecycle`) and their roles (`govseal.adapters.evm.roles`).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from govseal.apps.issuance.models import Batch, Revocation
from govseal.apps.issuance.services.outbox import only_worker_of
from govseal.apps.registry.models import Institution
from govseal.core.errors import OutsideError

_POLL_SECONDS = 0.2


@contextmanager
def account_change(*, institution: Institution, seconds: float) -> Iterator[None]:
    """Hold the institution's outbox while its account changes; the change counts once the block ends.

    Args:
        institution: whose account it is.
        seconds: how long to wait until nothing is under way.

    Raises:
        OutsideError: `TRANSACTIONS_UNDER_WAY`: the ledger has not taken them in time; nothing was changed.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with only_worker_of(institution.pk) as alone:
            if alone and not _under_way(institution):
                yield
                _forget(institution)
                return
        time.sleep(_POLL_SECONDS)
    message = "Transactions of the institution wait for the ledger: try again when they are done."
    raise OutsideError(message, code="TRANSACTIONS_UNDER_WAY")


def _under_way(institution: Institution) -> bool:
    sent = Batch.objects.filter(institution=institution, state=Batch.State.SENT)
    revoking = Revocation.objects.filter(document__institution=institution, state=Revocation.State.SENT)
    return sent.exists() or revoking.exists()


def _forget(institution: Institution) -> None:
    """Drop the bytes and nonces of final transactions; their hashes stay, for receipts."""
    with transaction.atomic():
        Batch.objects.filter(institution=institution).update(raw_transaction=None, transaction_nonce=None)
        revocations = Revocation.objects.filter(document__institution=institution)
        revocations.update(raw_transaction=None, transaction_nonce=None)
