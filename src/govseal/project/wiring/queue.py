"""Ask the worker for a run of an institution's outbox.

What is *not* here: what the worker then does (`govseal.project.jobs`).
"""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

OUTBOX_TASK = "outbox_run"


def outbox_enqueue(institution_id: int, *, after: float = 0.0) -> None:
    """Ask for a run of an institution's outbox in `after` seconds, unless one is waiting already."""
    try:
        with transaction.atomic():
            app.configure_task(
                OUTBOX_TASK,
                queueing_lock=f"outbox:{institution_id}",
                schedule_in={"milliseconds": int(after * 1000)},
            ).defer(institution_id=institution_id)
    except AlreadyEnqueued:
        pass  # that run will find the new work too; if it began too early, the sweep does
