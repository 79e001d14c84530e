"""The outbox: from waiting documents to anchored ones, whatever dies in between.

Rules (docs/architecture.md, "The outbox"):

- the state is in the rows; every transition is one transaction, and doing a step again does no harm:
  ciphertext is written under fixed nonces, a transaction is sent as it was recorded, and a store refuses a root
  it already holds;
- one worker at a time serves an institution, because one ledger account sends its transactions in order;
  the lock is the database session's, so it dies with its holder, and the holder's writes die with it;
- a document, batch or revocation that cannot go on keeps its trouble to itself.

What is *not* here: the steps (`batches`, `revocations`), nonces (`transactions`), scheduling
(`govseal.project.jobs`), fees and gas (the ledger adapter).
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Now

from govseal.apps.issuance.models import Batch, Revocation
from govseal.apps.issuance.services.batches import batch_advance, batches_form, batches_unfinished
from govseal.apps.issuance.services.policy import POLL, OutboxPolicy
from govseal.apps.issuance.services.revocations import revocation_advance, revocations_unconfirmed
from govseal.apps.issuance.services.states import move_all
from govseal.apps.issuance.services.transactions import Sender
from govseal.apps.issuance.services.trouble import trouble_keep, trouble_wait
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import store_of
from govseal.core.errors import GovsealError, LedgerUnavailable, OutsideError
from govseal.core.ports import Ledger, LedgerReader, PublishedWriter

_LOG = logging.getLogger(__name__)
_Row = TypeVar("_Row", bound=Model)
_Waits = list[float | None]

_LOCK_SPACE = 0x676F7673  # the first four letters of the project: keeps our advisory locks apart
_RECONCILE_WINDOW = 16


def outbox_run(
    *,
    institution_id: int,
    ledger: Ledger,
    published: PublishedWriter,
    policy: OutboxPolicy,
    clock: Callable[[], datetime],
) -> float | None:
    """Take every step that is due for one institution.

    Returns:
        Seconds after which it wants to run again: soon, when another worker serves the institution now;
        None when nothing is left to do.

    Raises:
        LedgerUnavailable: the chain is away; run again later, nothing is lost.
    """
    with only_worker_of(institution_id) as alone:
        if not alone:
            return POLL
        institution = Institution.objects.get(pk=institution_id)
        with _store_restored(institution, ledger):
            return _run(institution, Sender(institution, ledger, policy, clock), published)
    return POLL


def outbox_reconcile(*, institution_id: int, ledger: Ledger) -> int:
    """Take up again what the chain has lost: a chain that forgets, forgets its newest blocks.

    Looks at the roots and revocations that came to it last, further back as long as any is missing.

    Returns:
        How many are to be sent again, in their order.
    """
    with only_worker_of(institution_id) as alone:
        if not alone:
            return 0
        institution = Institution.objects.get(pk=institution_id)
        with _store_restored(institution, ledger):
            return _take_up_lost(institution, ledger)
    return 0


def _run(institution: Institution, sender: Sender, published: PublishedWriter) -> float | None:
    policy, clock = sender.policy, sender.clock
    waits: _Waits = [batches_form(institution, policy, clock())]
    sender.settle(lambda: _take_up_lost(institution, sender.ledger))
    for batch in batches_unfinished(institution):
        with _trouble_of(batch, waits, clock) as may_go_on:
            if may_go_on:
                waits.append(batch_advance(batch, sender, published, policy, clock))
    for revocation, depth in revocations_unconfirmed(institution, sender.ledger):
        with _trouble_of(revocation, waits, clock) as may_go_on:
            if may_go_on:
                waits.append(revocation_advance(revocation, sender, policy, clock, depth=depth))
    return min((wait for wait in waits if wait is not None), default=None)


@contextmanager
def _store_restored(institution: Institution, ledger: Ledger) -> Iterator[None]:
    """Deploy the institution's store again where the chain has lost even that; the next run sends what was in it."""
    try:
        yield
    except LedgerUnavailable as error:
        if error.code != "LEDGER_STORE_MISSING":
            raise
        code = institution.code
        _LOG.warning("The chain has lost the document store of %s: deploying it again.", code)
        ledger.redeploy(store_of(institution), account=code, name=institution.names.get("en", code))


def _take_up_lost(institution: Institution, ledger: LedgerReader) -> int:
    """Let every root and revocation that the chain held last, and holds no more, be sent again; return how many.

    What was recorded is sent again as it was, under its own nonce: so the chain takes it in the order of old.
    """
    store = store_of(institution)
    batches = Batch.objects.filter(institution=institution, state=Batch.State.ANCHORED)
    lost_batches = _newest_missing(
        batches.order_by(*Batch.LATEST),
        lambda window: [ledger.anchor(store, bytes(one.root)) is not None for one in window],
    )
    revocations = Revocation.objects.filter(
        document__institution=institution, state=Revocation.State.CONFIRMED
    )
    lost_revocations = _newest_missing(
        revocations.select_related("document").order_by(*Revocation.LATEST),
        lambda window: ledger.revoked(store, [bytes(one.document.target_hash) for one in window]),
    )
    # All at once: the newest alone, sent again, would hide the gap before it.
    with transaction.atomic():
        batches, revocations = (
            model.objects.filter(pk__in=lost)
            for model, lost in ((Batch, lost_batches), (Revocation, lost_revocations))
        )
        _send_again(batches, Batch.State.ANCHORED, Batch.State.PUBLISHED)
        _send_again(revocations, Revocation.State.CONFIRMED, Revocation.State.WAITING)
    return len(lost_batches) + len(lost_revocations)


def _send_again(lost: QuerySet[_Row], final: str, unsent: str) -> None:
    """Let rows send what they recorded, as of now; those from before that was done prepare it anew."""
    recorded = lost.filter(raw_transaction__isnull=False)
    move_all(lost.filter(raw_transaction__isnull=True), final, unsent, transaction=None)
    move_all(recorded, final, lost.model.State.SENT, sent_at=Now())


@contextmanager
def only_worker_of(institution_id: int) -> Iterator[bool]:
    """Yield whether nobody else works on the institution's outbox; nobody begins to while this one does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, institution_id])
        alone = bool(cursor.fetchone()[0])
        try:
            yield alone
        finally:
            if alone and connection.connection is not None and not connection.connection.closed:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, institution_id])


@contextmanager
def _trouble_of(row: Batch | Revocation, waits: _Waits, clock: Callable[[], datetime]) -> Iterator[bool]:
    """Yield whether a row may go on now, and keep what it runs into from the others.

    A chain that is away is everybody's trouble.
    """
    wait = trouble_wait(row, clock())
    waits.append(wait)
    try:
        yield wait is None
    except OutsideError:
        raise
    except (GovsealError, OSError) as error:
        why = f"{error.message} ({error.code})" if isinstance(error, GovsealError) else f"{error}."
        waits.append(trouble_keep(row, why, clock()))


def _newest_missing(rows: QuerySet[_Row], held: Callable[[list[_Row]], list[bool]]) -> list[int]:
    """Return the keys of rows, the newest first, that the chain does not hold, looking back until it holds a window."""
    missing: list[int] = []
    for start in count(0, _RECONCILE_WINDOW):
        window = list(rows[start : start + _RECONCILE_WINDOW])
        found = (
            [row.pk for row, there in zip(window, held(window), strict=True) if not there] if window else []
        )
        if not found:
            break
        missing += found
    return missing
