"""Takes in bodies of requests piece by piece, so that a sender who stops half-way costs no thread and little memory.

    async with Reception().body(pieces, length) as body:   # None when it did not come whole
        ...

A sender is given up when nothing came for `silence` seconds, or when he is slower over all than any telephone
network; and when all together are more than there is room for, then whoever has been silent longest, so that others
go on being heard however many stop.

What is *not* here: the server that has the pieces (`served`), and what the sender is told (`govseal.web.public.limits`).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Final

LONGEST: Final = 48 << 20
"""Bytes kept of a body; a longer one, which the views refuse, is dropped up to as much as a browser sends first."""

_DROPPED: Final = 96 << 20
_SILENCE: Final = 20.0
_PATIENCE: Final = 60.0  # seconds for all that is sent, and more as it comes:
_SLOWEST: Final = 1_000  # bytes a second
_TOGETHER: Final = 256 << 20
_SENDERS: Final = 1_024


class Reception:
    """Receives many bodies at once; for one event loop.

    Args:
        silence: seconds between two pieces of one body.
        together: bytes of all bodies, from their first until they are answered.
        senders: who have begun and not finished.
    """

    def __init__(
        self, *, silence: float = _SILENCE, together: int = _TOGETHER, senders: int = _SENDERS
    ) -> None:
        self._silence = silence
        self._together = together
        self._most_senders = senders
        self._held = 0
        self._sending: dict[asyncio.Timeout, None] = {}  # the longest silent first

    @asynccontextmanager
    async def body(self, pieces: AsyncIterator[bytes], length: int) -> AsyncIterator[BytesIO | None]:
        """Give a whole body, at its first byte, and keep room for it meanwhile; None for one that did not come whole.

        Args:
            pieces: as they come; an empty one when the sender has gone.
            length: as declared. Of a body longer than `LONGEST` nothing is kept.
        """
        kept, patience = BytesIO(), asyncio.timeout(None)
        try:
            async with patience:
                whole = await self._received(pieces, length, kept, patience)
        except TimeoutError:
            whole = False
        finally:
            self._sending.pop(patience, None)
        try:
            kept.seek(0)
            yield kept if whole else None
        finally:
            self._held -= kept.getbuffer().nbytes

    async def _received(
        self, pieces: AsyncIterator[bytes], length: int, kept: BytesIO, patience: asyncio.Timeout
    ) -> bool:
        clock = asyncio.get_running_loop().time
        slowest = clock() + _PATIENCE
        left = min(length, _DROPPED)
        while left > 0:
            self._sending.pop(patience, None)
            self._sending[patience] = None
            patience.reschedule(min(clock() + self._silence, slowest))
            self._make_room(clock())
            piece = await anext(pieces)
            if not piece:
                return False
            left -= len(piece)
            slowest += len(piece) / _SLOWEST
            if length <= LONGEST:
                self._held += kept.write(piece)
        return True

    def _make_room(self, now: float) -> None:
        if self._held > self._together or len(self._sending) > self._most_senders:
            longest_silent = next(iter(self._sending))
            del self._sending[longest_silent]
            longest_silent.reschedule(now)
