"""What the publisher of lists and receipts needs: to be alone, and to know what is published already.

Invariant: one publisher at a time in the whole platform, so that no list is signed twice for one moment and no older
list replaces a newer one; the lock is the database session's and dies with its holder.

What is *not* here: what is published (`statuslists`, `receipts`), and when (`govseal.project.jobs`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from django.db import connection

from govseal.core.errors import FetchFailed, NotPublished
from govseal.core.ports import PublishedReader, PublishedWriter

_PUBLISHER = 0x676F7673_00000002  # advisory lock; 1 is the trust list's


class Published(PublishedReader, PublishedWriter, Protocol):
    """The published files, to read and to write."""


@contextmanager
def only_publisher() -> Iterator[bool]:
    """Yield whether nobody else publishes now; whoever does will find the work too, or the next run will."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_PUBLISHER])
        alone = bool(cursor.fetchone()[0])
        try:
            yield alone
        finally:
            if alone and connection.connection is not None and not connection.connection.closed:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_PUBLISHER])


def published_now(published: PublishedReader, host: str, path: str, max_bytes: int) -> bytes | None:
    """Return what stands under a path, or None when that is nothing, or nothing of ours."""
    try:
        return published.get(host, path, max_bytes=max_bytes)
    except (NotPublished, FetchFailed):
        return None
