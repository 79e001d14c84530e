"""What the worker does, and when (Procrastinate tasks).

A task takes ids, gets its ports from the wiring and calls one service. The state of the work is in the
outbox's rows, not in the jobs: a job that dies is only a call that is made again by the next sweep.
"""

import logging
import time
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from govseal.apps.evidence import services as evidence
from govseal.apps.issuance import selectors, services
from govseal.apps.registry.selectors import institutions, store_of
from govseal.core.errors import GovsealError
from govseal.project.wiring import worker
from govseal.project.wiring.queue import OUTBOX_TASK, PUBLISH_TASK, outbox_enqueue, publish_enqueue
from govseal.project.wiring.shared import utc_now

_LOG = logging.getLogger(__name__)
_STAY_SECONDS = 5.0
_RETRY_SECONDS = 2.0
_STALLED_AFTER = 20  # seconds without a sign of life from the worker that holds the job
_UPKEEP_SECONDS = 10
_INDEX_RANGES = 200  # of blocks, in one run: a job does not last for hours
_INDEX_POLICY = evidence.IndexPolicy()


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
            publish_enqueue()  # the receipts of what was anchored
            return
        if time.monotonic() + wait > leave:
            # A job that waits keeps others from being asked for, and there may be new work before it is due.
            outbox_enqueue(institution_id, after=min(wait, _STAY_SECONDS))
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


@app.periodic(cron="* * * * * */3")
@app.task(name=PUBLISH_TASK, queueing_lock=PUBLISH_TASK, pass_context=False)
def publish(timestamp: int) -> None:
    """Publish the status lists that are due, and the receipts of what was anchored."""
    del timestamp
    close_old_connections()
    ports = worker.publishing_ports()
    at_hand = {"host": ports.host, "published": ports.published, "clock": utc_now}
    _attempt("set aside", lambda: services.documents_aside_revoke(now=utc_now()))
    _attempt("status lists", lambda: services.status_lists_publish(signer=ports.status_signer, **at_hand))
    _attempt("anchor receipts", lambda: services.receipts_publish(signer=ports.anchor_signer, **at_hand))


@app.periodic(cron=f"* * * * * */{_UPKEEP_SECONDS}")
@app.task(name="publish_upkeep", queueing_lock="publish_upkeep", pass_context=False)
def publish_upkeep(timestamp: int) -> None:
    """Put back published files that are gone, and have lists signed anew when the key has changed."""
    close_old_connections()
    ports = worker.publishing_ports()
    where = {"host": ports.host, "published": ports.published}
    _attempt("status lists", lambda: services.status_lists_restore(**where))
    _attempt("status key", lambda: services.status_lists_by_other_keys(signer=ports.status_signer()))
    turn = timestamp // _UPKEEP_SECONDS
    _attempt("anchor receipts", lambda: services.receipts_restore(turn=turn, **where))


@app.periodic(cron="* * * * * */3")
@app.task(name="index_follow", queueing_lock="index_follow", pass_context=False)
def index_follow(timestamp: int) -> None:
    """Read what the institutions' stores have said on the ledger, and enter what they revoked into the lists."""
    del timestamp
    close_old_connections()
    _attempt("index", _follow)
    finality = worker.outbox_ports()[2].finality
    _attempt(
        "ledger revocations",
        lambda: services.ledger_revocations_enter(finality=finality, publish=publish_enqueue),
    )


def _follow() -> None:
    ledger = worker.ledger_events()
    stores = [store_of(one) for one in institutions()]
    if stores:
        evidence.stores_follow(stores=stores, ledger=ledger, clock=utc_now)
        evidence.index_follow(ledger=ledger, policy=_INDEX_POLICY, clock=utc_now, max_ranges=_INDEX_RANGES)


def _attempt(what: str, step: Callable[[], object]) -> None:
    """Take a step that the next run takes again; its trouble is told and does not hold up the others."""
    try:
        step()
    except GovsealError as error:
        _LOG.warning("%s: %s (%s)", what, error.message, error.code)
    except OSError as error:  # a full disk
        _LOG.warning("%s: %s", what, error)
