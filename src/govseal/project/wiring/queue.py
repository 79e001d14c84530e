"""Ask the worker for a run of an institution's outbox, or of the publisher.

What is *not* here: what the worker then does (`govseal.project.jobs`).
"""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

OUTBOX_TASK = "outbox_run"
PUBLISH_TASK = "publish"


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


def publish_enqueue() -> None:
    """Ask for what has changed to be published, unless a run is waiting already."""
    try:
        with transaction.atomic():
            app.configure_task(PUBLISH_TASK, queueing_lock=PUBLISH_TASK).defer(timestamp=0)
    except AlreadyEnqueued:
        pass  # that run will find the change too
