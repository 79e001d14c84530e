"""What the worker does, and when (Procrastinate tasks).

A task takes ids, gets its ports from the wiring and calls one service. The state of the work is in the
outbox's rows, not in the jobs: a job that dies is only a call that is made again by the next sweep.
"""

import logging
import time

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from govseal.apps.issuance import selectors, services
from govseal.core.errors import GovsealError
from govseal.project.wiring import worker
from govseal.project.wiring.queue import OUTBOX_TASK, outbox_enqueue
from govseal.project.wiring.shared import utc_now

_LOG = logging.getLogger(__name__)
_STAY_SECONDS = 5.0
_RETRY_SECONDS = 2.0
_STALLED_AFTER = 20  # seconds without a sign of life from the worker that holds the job


@app.task(name=OUTBOX_TASK)
def outbox_run(institution_id: int) -> None:
    """Take an institution's outbox as far as it goes, waiting a little for what is nearly due."""
    close_old_connections()  # this thread's may be from before the database was started anew
    ledger, published, policy = worker.outbox_ports()
    leave = time.monotonic() + _STAY_SECONDS
    while True:
        try:
            wait = services.outbox_run(
                institution_id=institution_id,
                ledger=ledger,
                published=published,
                policy=policy,
                clock=utc_now,
            )
        except GovsealError as error:
            _LOG.warning("outbox of institution %s: %s (%s)", institution_id, error.message, error.code)
            wait = _RETRY_SECONDS
        if wait is None:
            return
        if time.monotonic() + wait > leave:
            outbox_enqueue(institution_id, after=wait)
            return
        time.sleep(wait)


@app.periodic(cron="* * * * * */5")
@app.task(name="outbox_sweep", queueing_lock="outbox_sweep", pass_context=False)
async def outbox_sweep(timestamp: int) -> None:
    """Find work that nobody is doing, whatever died: lost jobs, lost workers, and what a chain has lost."""
    del timestamp
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER):
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
    await sync_to_async(_sweep)()


def _sweep() -> None:
    close_old_connections()
    ledger, _, _ = worker.outbox_ports()
    for institution_id in selectors.institutions_with_history():
        try:
            lost = services.outbox_reconcile(institution_id=institution_id, ledger=ledger)
        except GovsealError as error:
            _LOG.warning("outbox of institution %s: %s (%s)", institution_id, error.message, error.code)
            continue
        if lost:
            _LOG.warning("the chain lost %s entries of institution %s: sending again", lost, institution_id)
    for institution_id in selectors.institutions_with_work():
        outbox_enqueue(institution_id)
