"""How many blocks to ask for at once: what the policy allows, less where the endpoint refuses."""

from dataclasses import dataclass

_CALM = 8
"""Ranges that must be answered before a larger one is tried again."""


@dataclass(frozen=True, slots=True)
class IndexPolicy:
    """How a chain is followed.

    Attributes:
        depth: how many of the newest blocks have their hashes kept, so that a fork among them costs only the
            blocks above it. A deeper one is noticed and mended too, and costs more.
        range_blocks: blocks to ask for at once, at most.
    """

    depth: int = 64
    range_blocks: int = 2_000


class RangeSize:
    """The size of the next range, learnt from how the endpoint takes the ones before.

    >>> size = RangeSize(2_000)
    >>> size.refused(2_000)
    >>> size.blocks
    1000
    """

    def __init__(self, most: int) -> None:
        self.blocks = most
        self._most = most
        self._answered = 0

    def refused(self, blocks: int) -> None:
        """Halve what was refused; a single block is never refused (`LedgerEvents.events`)."""
        self.blocks = max(1, blocks // 2)
        self._answered = 0

    def answered(self) -> None:
        """Double, after several good answers."""
        self._answered += 1
        if self._answered >= _CALM:
            self.blocks = min(self._most, 2 * self.blocks)
            self._answered = 0
