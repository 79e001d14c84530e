"""What keeps a batch or a revocation from going on: kept in its row, and tried again after ever longer waits.

The trouble of one row holds up no other. It goes with the first step that succeeds, or with the operator's word
(`outbox_resume`), who has mended the cause and does not want to wait.

What is *not* here: what the troubles are (`outbox`, `transactions`).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from govseal.apps.issuance import selectors
from govseal.apps.issuance.models import Batch, Revocation

_LOG = logging.getLogger(__name__)

FIRST_WAIT = 5.0
"""Seconds after the first failure; twice as long after each further one."""

LONGEST_WAIT = 900.0
"""Seconds that no wait exceeds."""

CLEAR = {"trouble": "", "failures": 0, "retry_at": None}
"""The fields of a row that nothing keeps from going on."""


def trouble_keep(row: Batch | Revocation, why: str, now: datetime) -> float:
    """Write down why a row cannot go on; return the seconds after which it is tried again."""
    doublings = min(row.failures, 16)  # enough for the longest wait, and no overflow after years
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2**doublings)
    row.trouble, row.failures, row.retry_at = why, row.failures + 1, now + timedelta(seconds=wait)
    row.save(update_fields=["trouble", "failures", "retry_at"])
    _LOG.error(
        "The %s cannot go on: %s It keeps its place: mend the cause, and it goes on by itself (tried %s times, again"
        " in %.0f s).",
        row,
        why,
        row.failures,
        wait,
    )
    return wait


def trouble_note(row: Batch | Revocation, why: str) -> None:
    """Write down what the chain has against a row's transaction, which is sent again all the same."""
    if row.trouble != why:
        row.trouble = why
        row.save(update_fields=["trouble"])


def trouble_wait(row: Batch | Revocation, now: datetime) -> float | None:
    """Return the seconds that a row in trouble has yet to wait; None when it may go on."""
    if row.retry_at is None or row.retry_at <= now:
        return None
    return (row.retry_at - now).total_seconds()


def outbox_resume(*, enqueue: Callable[[int], None]) -> int:
    """Have everything in trouble tried again at once; how often it failed is forgotten, why is not.

    Args:
        enqueue: asks for a run of the outbox, by an institution's primary key; called inside the transaction.

    Returns:
        How many batches and revocations it is.
    """
    with transaction.atomic():
        batches = selectors.batches_in_trouble()
        revocations = selectors.revocations_in_trouble()
        institutions = {
            *batches.values_list("institution_id", flat=True),
            *revocations.values_list("document__institution_id", flat=True),
        }
        count = sum(rows.update(failures=0, retry_at=None) for rows in (batches, revocations))
        for institution_id in sorted(institutions):
            enqueue(institution_id)
    return count
