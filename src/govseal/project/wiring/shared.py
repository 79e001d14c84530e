"""What more than one kind of process needs: published files, the trust lists, reading the ledger, what was seen."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from govseal.adapters.blobs import FolderBlobs
from govseal.adapters.dns import DnsTexts, resolver_of
from govseal.adapters.evm import EvmReader
from govseal.adapters.http import HttpResponders
from govseal.adapters.seen import FolderMemory
from govseal.core import trustlist
from govseal.core.errors import NotPublished, OperatorError, OutsideError
from govseal.core.ports import LedgerReader, PublishedReader
from govseal.core.trustlist import TrustList
from govseal.core.verify import Verifier, read_trust_list, require_no_older_trust_list
from govseal.project.configuration import Configuration

_NOT_NOW = {"TRUST_LIST_STALE", "TRUST_LIST_NOT_VALID_NOW"}


def utc_now() -> datetime:
    """Return this moment, UTC."""
    return datetime.now(UTC)


def published_files(configuration: Configuration) -> FolderBlobs:
    """Return this installation's published files."""
    return FolderBlobs(configuration.published_folder)


def memory(configuration: Configuration) -> FolderMemory:
    """Return the lists that verifications of this installation have believed.

    A process that may not write there remembers by itself.
    """
    return memory_in(configuration.home / "seen")


def memory_in(folder: Path) -> FolderMemory:
    """Return the lists that verifications with that folder have believed."""
    return FolderMemory(folder)


def ledger_reader(configuration: Configuration) -> EvmReader:
    """Return the ledger, for reading.

    Raises:
        OperatorError: no chain is configured.
    """
    require_chain(configuration)
    return EvmReader(configuration.rpc_url or "", configuration.chain_id, configuration.genesis)


def require_chain(configuration: Configuration) -> None:
    """Raise `OperatorError` unless a chain is configured whole."""
    if not (configuration.rpc_url and configuration.chain_id and configuration.genesis):
        raise OperatorError(
            "No chain is configured: start `govseal demo`, or set GOVSEAL_RPC_URL, GOVSEAL_CHAIN_ID and"
            " GOVSEAL_GENESIS (hash of block 0)."
        )


class TrustLists:
    """The country's list, read afresh each time and judged anew only when its bytes are other bytes.

    Reading the file costs 0.1 ms; checking its signature and taking it apart costs more than the rest of a
    verification. The bytes themselves are compared: no time or size of a file can be mistaken for them.

    Args:
        configuration: names the host that publishes the list, and the pin.
        published: holds the list.
        clock: tells the time at which the list is to be believed.

    Attributes:
        memory: the lists that were believed before: an older or a forked one is refused.
    """

    def __init__(
        self,
        configuration: Configuration,
        published: PublishedReader,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.memory = memory(configuration)
        self._configuration = configuration
        self._published = published
        self._clock = clock
        self._lock = Lock()
        self._known: tuple[bytes, bytes, TrustList] | None = None

    def __call__(self) -> Sequence[TrustList]:
        """Return the list; none when by the clock it cannot be believed now, so that nobody is judged by it.

        Raises:
            OperatorError: none is published yet, or its pin is missing.
            OutsideError: it is older than one that was believed, or another one of the same number; or what leads from
                the pinned key to its signer contradicts itself (`core.verify.read_trust_list`).
            GovsealError: the list is not signed by the pinned key, nor by one that follows it, or is damaged.
        """
        return [known[1]] if (known := self._believed()) else []

    def token(self) -> bytes:
        """Return the published form of the list; errors as of a call, and `OutsideError` when there is none."""
        known = self._believed()
        if known is None:
            raise OutsideError("The trust list here cannot be believed now.", code="TRUST_LIST_STALE")
        return known[0]

    def _believed(self) -> tuple[bytes, TrustList] | None:
        pin = self._pin()
        name = f"trust list of {hashlib.sha256(pin).hexdigest()}"
        last = self.memory.recall(name)
        token = self._token()
        with self._lock:
            known = self._known
        if known and known[:2] == (token, pin):
            return token, known[2]  # its dates are judged again at every verification
        try:
            read = read_trust_list(
                token,
                pin=pin,
                host=self._configuration.host,
                now=self._clock(),
                published=self._published,
                memory=self.memory,
            )
        except OutsideError as error:
            if error.code not in _NOT_NOW:
                raise
            return None
        require_no_older_trust_list(token, read, name=name, memory=self.memory, last=last)
        with self._lock:
            self._known = token, pin, read
        return token, read

    def _pin(self) -> bytes:
        try:
            return self._configuration.trust_pin_file.read_bytes()
        except FileNotFoundError as error:
            raise _none_published() from error

    def _token(self) -> bytes:
        host = self._configuration.host
        try:
            return self._published.get(host, trustlist.PATH, max_bytes=trustlist.MAX_BYTES)
        except NotPublished as error:
            raise _none_published() from error


def _none_published() -> OperatorError:
    return OperatorError("No trust list is published here yet: start `govseal demo`, or add an institution.")


def verifier(
    configuration: Configuration,
    *,
    published: PublishedReader,
    ledger: LedgerReader,
    trust_lists: TrustLists | None = None,
) -> Verifier:
    """Return a verifier that goes by the country's own list as it is published now.

    Args:
        configuration: see `TrustLists`.
        published: holds the list and the documents.
        ledger: reads DocumentStores.
        trust_lists: what remembers the list from one verification to the next, in a process that lives long.
    """
    lists = trust_lists or TrustLists(configuration, published)
    believed = lists()
    return Verifier(
        believed,
        published,
        ledger,
        utc_now,
        memory=lists.memory,
        responders=responders(believed),
        dns=dns_reader(configuration),
    )


def responders(trust_lists: Sequence[TrustList]) -> HttpResponders:
    """Return what asks the OCSP responders that the lists name, and no others."""
    return HttpResponders(
        {url for one in trust_lists for issuer in one.institutions for url in issuer.ocsp_responders}
    )


def dns_reader(configuration: Configuration) -> DnsTexts | None:
    """Return what asks the configured resolver, or None when none is.

    Raises:
        OperatorError: GOVSEAL_DNS names none.
    """
    return resolver_of(configuration.dns) if configuration.dns else None
