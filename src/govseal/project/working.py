"""Run the worker until it is asked to end; a database that goes away is waited for.

Jobs that a dying worker leaves behind are found by the sweep (`jobs`). What is *not* here: what the jobs do.
"""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import psycopg_pool
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

_LOG = logging.getLogger(__name__)
_AGAIN_SECONDS = 1.0
_GRACE_SECONDS = 5.0
_AWAY = (ConnectorException, psycopg.OperationalError, psycopg.InterfaceError, psycopg_pool.PoolTimeout)


def work(*, concurrency: int) -> None:
    """Serve jobs until SIGTERM or SIGINT; the jobs under way are given a few seconds to end.

    Args:
        concurrency: how many institutions are served at the same time.
    """
    asyncio.run(_until_asked(concurrency))


async def _until_asked(concurrency: int) -> None:
    with suppress(asyncio.CancelledError):
        while True:
            try:
                await _serve(concurrency)
                _LOG.warning("the worker lost the database: beginning again")
            except _AWAY as error:
                _LOG.warning("the database does not answer (%s): trying again", str(error).partition("\n")[0])
            await asyncio.sleep(_AGAIN_SECONDS)


async def _serve(concurrency: int) -> None:
    """Run one worker; it returns, or raises one of `_AWAY`, when its connections break."""
    worker_app = app.with_connector(app.connector.get_worker_connector())
    async with worker_app.open_async():
        with _ended_by_signals():
            await worker_app.run_worker_async(
                concurrency=concurrency,
                fetch_job_polling_interval=0.5,
                shutdown_graceful_timeout=_GRACE_SECONDS,
                delete_jobs="always",  # a job is only a call: the log says why one failed, the sweep calls again
                install_signal_handlers=False,
            )


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Have SIGTERM and SIGINT end the work in hand; before and after it there is nothing to bring to an end."""
    loop, this = asyncio.get_running_loop(), asyncio.current_task()
    assert this is not None  # noqa: S101 - for the type checker: a coroutine always runs in a task
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, this.cancel)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
