"""What more than one kind of process needs: published files, the trust lists, reading the ledger."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Lock

from govseal.adapters.blobs import FolderBlobs
from govseal.adapters.evm import EvmReader
from govseal.core import trustlist
from govseal.core.errors import NotPublished, OperatorError, OutsideError
from govseal.core.ports import PublishedReader
from govseal.core.trustlist import TrustList
from govseal.core.verify import Verifier
from govseal.project.configuration import Configuration

TRUST_LIST_PATH = ".well-known/govseal/trust-list.jwt"


def utc_now() -> datetime:
    """Return this moment, UTC."""
    return datetime.now(UTC)


def published_files(configuration: Configuration) -> FolderBlobs:
    """Return this installation's published files."""
    return FolderBlobs(configuration.published_folder)


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
    """

    def __init__(
        self,
        configuration: Configuration,
        published: PublishedReader,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._configuration = configuration
        self._published = published
        self._clock = clock
        self._lock = Lock()
        self._known: tuple[bytes, bytes, TrustList] | None = None

    def __call__(self) -> Sequence[TrustList]:
        """Return the list; none when by the clock it cannot be believed now, so that nobody is judged by it.

        Raises:
            OperatorError: none is published yet, or its pin is missing.
            GovsealError: the list is not signed by the pinned key, or is damaged.
        """
        token, pin = self._bytes()
        with self._lock:
            known = self._known
        if known and known[:2] == (token, pin):
            return [known[2]]  # its dates are judged again at every verification
        try:
            read = trustlist.read(token, pin=pin, now=self._clock())
        except OutsideError:
            return []
        with self._lock:
            self._known = token, pin, read
        return [read]

    def _bytes(self) -> tuple[bytes, bytes]:
        try:
            token = self._published.get(
                self._configuration.host, TRUST_LIST_PATH, max_bytes=trustlist.MAX_BYTES
            )
            return token, self._configuration.trust_pin_file.read_bytes()
        except (NotPublished, FileNotFoundError) as error:
            raise OperatorError(
                "No trust list is published here yet: start `govseal demo`, or add an institution."
            ) from error


def verifier(
    configuration: Configuration,
    *,
    published: PublishedReader,
    ledger: EvmReader,
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
    return Verifier(trust_lists=lists(), published=published, ledger=ledger, clock=utc_now)
