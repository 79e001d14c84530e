"""Ports of what platforms publish, and of the memory of signed lists (docs/protocol.md section 6)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class PublishedReader(Protocol):
    """Reads what a platform publishes (`d/<id>`, `d/<id>/f/<n>`, lists), from files or over https."""

    def get(self, host: str, path: str, *, max_bytes: int) -> bytes:
        """Return the object's bytes.

        Args:
            host: origin that publishes it: a lower-case ASCII host name (https), or for a demonstration
                `http://localhost:<port>`.
            path: without a leading slash.
            max_bytes: a longer object is an error.

        Raises:
            NotPublished: the place answered and has none.
            FetchFailed: it did not answer, or answered too much.
        """


class PublishedWriter(Protocol):
    """Publishes immutable objects and replaces lists. Writing the same bytes again is no error."""

    def put(self, path: str, content: bytes, *, over: Callable[[bytes], bool] = ...) -> None:
        """Publish an immutable object, durable when the call returns.

        Args:
            path: without a leading slash.
            content: the object.
            over: says of other bytes under that path whether these take their place; nothing does unless given.

        Raises:
            RefusedError: other bytes are published under that path.
        """

    def replace(self, path: str, content: bytes) -> None:
        """Publish a list, in place of the one before, atomically."""


@dataclass(frozen=True, slots=True)
class KeptList:
    """A signed list as it was last believed.

    Attributes:
        order: what grows from each list to the next: a sequence number, or the Unix time of issue.
        digest: hex SHA-256 by which two lists of one order are told apart.
        token: the list as it was published.
    """

    order: int
    digest: str
    token: bytes


class ListMemory(Protocol):
    """Remembers the newest list of each name that was believed (docs/protocol.md section 6).

    A memory that cannot be written to keeps what it can: it never makes a verification fail.
    """

    def recall(self, name: str) -> KeptList | None:
        """Return the newest list believed under that name, or None."""

    def keep(self, name: str, kept: KeptList) -> None:
        """Keep a list that was believed, unless a newer one is kept already."""

    def report(self, name: str, code: str, token: bytes) -> None:
        """Keep a list that was refused, beside the one it contradicts, and tell the operator why (`code`)."""
