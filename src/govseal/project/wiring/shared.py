"""What more than one kind of process needs: published files, the trust lists, reading the ledger."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from govseal.adapters.blobs import FolderBlobs
from govseal.adapters.evm import EvmReader
from govseal.core import trustlist
from govseal.core.errors import NotPublished, OperatorError
from govseal.core.ports import PublishedReader
from govseal.core.trustlist import TrustList
from govseal.core.verify import Verifier
from govseal.project.configuration import Configuration

TRUST_LIST_PATH = ".well-known/govseal/trust-list.jwt"
TRUST_LIST_LIMIT = 8 << 20


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


def trust_lists(
    configuration: Configuration, published: PublishedReader, now: datetime
) -> Sequence[TrustList]:
    """Read and check the country's list.

    Raises:
        OperatorError: none is published yet, or its pin is missing.
        GovsealError: the list is not signed by the pinned key, or is damaged.
    """
    try:
        token = published.get(configuration.host, TRUST_LIST_PATH, max_bytes=TRUST_LIST_LIMIT)
        pin = configuration.trust_pin_file.read_bytes()
    except (NotPublished, FileNotFoundError) as error:
        raise OperatorError(
            "No trust list is published here yet: start `govseal demo`, or add an institution."
        ) from error
    return [trustlist.read(token, pin=pin, now=now)]


def verifier(
    configuration: Configuration,
    *,
    published: PublishedReader,
    ledger: EvmReader,
    clock: Callable[[], datetime] = utc_now,
) -> Verifier:
    """Return a verifier that goes by the country's own list, read afresh."""
    lists = trust_lists(configuration, published, clock())
    return Verifier(trust_lists=lists, published=published, ledger=ledger, clock=clock)
