"""Ports of what OpenAttestation's documents name: DNS records and OCSP responders (docs/protocol.md section 1)."""

from collections.abc import Iterator, Sequence
from typing import Protocol


class DnsReader(Protocol):
    """Reads the records by which a domain speaks for a store or a DID (docs/protocol.md 1.16)."""

    def texts(self, name: str) -> list[str]:
        """Return each TXT record of `name` (a lower-case ASCII host name), its strings joined.

        Empty when the name has none, and when there is no such name.

        Raises:
            DnsUnavailable: nobody answered in time, or the answer is broken.
        """


class ResponderReader(Protocol):
    """Asks the OCSP responders that a trust list names (docs/protocol.md 1.11)."""

    def answers(self, location: str, names: Sequence[str]) -> Iterator[bytes]:
        """Yield what the responder at `location` publishes under each of `names`, asked one after the other.

        Raises:
            FetchFailed: it is not listed, or did not answer all of them in time with no more than it should.
            NotPublished: it answered that it has nothing under one of the names.
        """
