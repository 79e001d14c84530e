"""Run the worker until it is asked to end; when its database goes away, it begins anew once that is back.

Everything in the process (pools that try again ever more seldom, threads that wait for a connection, jobs that cannot
say how they ended) belongs to the database that is gone. So the process is not mended but replaced, under its own id,
as if it had been killed: that loses nothing (docs/architecture.md, "The outbox").

What is *not* here: what the jobs do, and the sweep that finds what a dead worker left (`jobs`).
"""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

_LOG = logging.getLogger(__name__)
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 30.0
_GRACE_SECONDS = 5.0


def work(*, concurrency: int) -> None:
    """Serve jobs until SIGTERM or SIGINT; the jobs under way are given a few seconds to end.

    Args:
        concurrency: how many institutions are served at the same time.
    """
    asyncio.run(_work(concurrency, settings.CONFIGURATION.database_url or ""))


async def _work(concurrency: int, database_url: str) -> None:
    asked = asyncio.Event()
    serving = asyncio.create_task(_serve(concurrency, asked))
    lost = asyncio.create_task(_database_lost(database_url))
    await asyncio.wait({serving, lost}, return_when=asyncio.FIRST_COMPLETED)
    if asked.is_set() and serving.done():
        lost.cancel()
    elif asked.is_set():
        os._exit(0)  # nobody is left to tell how the jobs ended
    elif serving.done() and not isinstance(
        serving.exception(), (ConnectorException, psycopg.Error, type(None))
    ):
        lost.cancel()
        await serving
    else:
        _begin_anew(database_url)


async def _serve(concurrency: int, asked: asyncio.Event) -> None:
    """Run one worker; it returns, or raises a database's error, when its connections break."""
    worker_app = app.with_connector(app.connector.get_worker_connector())
    async with worker_app.open_async():
        with _ended_by_signals(asked):
            await worker_app.run_worker_async(
                concurrency=concurrency,
                fetch_job_polling_interval=0.5,
                shutdown_graceful_timeout=_GRACE_SECONDS,
                delete_jobs="always",  # a job is only a call: the log says why one failed, the sweep calls again
                install_signal_handlers=False,
            )


@contextmanager
def _ended_by_signals(asked: asyncio.Event) -> Iterator[None]:
    """Have SIGTERM and SIGINT end the work in hand; before and after it there is nothing to bring to an end."""
    loop, this = asyncio.get_running_loop(), asyncio.current_task()

    def end() -> None:
        asked.set()
        if this is not None:
            this.cancel()
        # A thread cannot be ended: what its job has not done by then, the next worker does.
        loop.call_later(_GRACE_SECONDS + _LOOK_SECONDS, os._exit, 0)

    for number in _SIGNALS:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def _database_lost(database_url: str) -> None:
    """Return when the database has closed a connection, or has not answered on it for long."""
    try:
        connection = await psycopg.AsyncConnection.connect(database_url, autocommit=True)
        async with connection:
            while True:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await connection.execute("SELECT 1")
                await asyncio.sleep(_LOOK_SECONDS)
    except (psycopg.Error, TimeoutError) as error:
        _LOG.warning("the database went away: %s", str(error).partition("\n")[0])


def _begin_anew(database_url: str) -> None:
    """Wait for the database, then become a new worker: the same command, the same process id."""
    for number in _SIGNALS:
        asyncio.get_running_loop().remove_signal_handler(number)
    while True:
        try:
            psycopg.connect(database_url, connect_timeout=5).close()
            break
        except psycopg.Error:
            time.sleep(_LOOK_SECONDS)
    _LOG.warning("the database is back: the worker begins anew")
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - our own command line
