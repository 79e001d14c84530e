"""Unix times as claims carry them: whole seconds from 1970 to the end of the year 9999, so that each one is a date.

    >>> moment(1_767_225_600).date()
    datetime.date(2026, 1, 1)
    >>> is_unix_time(True), is_unix_time(1e9), is_unix_time(10**12)
    (False, False, False)

What is *not* here: what time it is, which is an argument everywhere in the core.
"""

from datetime import UTC, datetime
from typing import TypeGuard

_LAST = 253_402_300_799  # 9999-12-31T23:59:59Z


def is_unix_time(claim: object) -> TypeGuard[int]:
    """Say whether a claim is such a time: an integer in range, and no truth value."""
    return type(claim) is int and 0 <= claim <= _LAST


def moment(seconds: int) -> datetime:
    """Return the moment (UTC) of a time for which `is_unix_time` holds."""
    return datetime.fromtimestamp(seconds, UTC)
