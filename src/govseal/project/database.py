"""Tells in words when the database cannot be connected to, before anything is asked of it.

What is *not* here: starting a local one (`supervisor`), and its settings (`settings`).
"""

import psycopg

from govseal.core.errors import OutsideError

_SECONDS = 5


def require_database(url: str) -> None:
    """Raise `OutsideError` (`DATABASE_UNAVAILABLE`) when the database cannot be connected to."""
    try:
        psycopg.connect(url, connect_timeout=_SECONDS).close()
    except psycopg.Error as error:
        raise OutsideError(
            f"The database does not answer: {str(error).splitlines()[0]}. See that it runs, and that DATABASE_URL,"
            " where it is set, names it.",
            code="DATABASE_UNAVAILABLE",
        ) from error
