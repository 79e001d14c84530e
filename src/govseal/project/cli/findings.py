"""What `govseal doctor` finds: one thing looked at, whether it is well, and what mends it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        name: what; published, and never changed.
        well: whether it is as it must be.
        found: what was found, one sentence.
        mend: what to do about it; empty when well.
    """

    name: str
    well: bool
    found: str
    mend: str = ""


Look = tuple[str, Callable[[], Finding]]
"""A finding's name, and what looks; it may raise `GovsealError`."""
