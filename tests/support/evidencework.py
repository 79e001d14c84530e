"""What runs inside a process of the office for tests of the ledger's index: each function takes the office first."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from govseal.adapters.evm import EvmEvents, EvmReader
from govseal.core.errors import LedgerUnavailable
from govseal.core.ports import Anchor, LedgerQuestion
from govseal.core.trustlist import StoreRef
from support.waiting import PATIENCE

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office


LAG = timedelta(hours=1)
"""How old an index may be and still answer: older than any gets within a test."""


@dataclass(frozen=True)
class Source:
    """A chain, and where it is read."""

    rpc_url: str
    chain_id: int
    genesis: str

    def at(self, rpc_url: str) -> "Source":
        """Return the same chain, read elsewhere."""
        return replace(self, rpc_url=rpc_url)


def _plain(value: Any) -> SimpleNamespace:
    """Return what a process without Django can read: fields and properties."""
    names = [name for name in dir(value) if not name.startswith("_")]
    return SimpleNamespace(
        **{name: found for name in names if not callable(found := getattr(value, name))},
    )


@contextmanager
def events_of(source: Source) -> Iterator[EvmEvents]:
    """Open a source's events."""
    ledger = EvmEvents(source.rpc_url, source.chain_id, source.genesis, timeout=PATIENCE)
    yield ledger
    ledger.close()


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def follow_stores(_office: "Office", source: Source, stores: list[StoreRef]) -> list[StoreRef]:
    """Begin to follow stores."""
    from govseal.apps.evidence import services

    with events_of(source) as ledger:
        return services.stores_follow(stores=stores, ledger=ledger, clock=now)


def follow(
    _office: "Office", source: Source, policy: dict[str, int], max_ranges: int | None
) -> tuple[SimpleNamespace, list[SimpleNamespace]]:
    """Follow a chain once."""
    from govseal.apps.evidence import services

    steps: list[Any] = []
    with events_of(source) as ledger:
        position = services.index_follow(
            ledger=ledger,
            policy=services.IndexPolicy(**policy),
            clock=now,
            progress=steps.append,
            max_ranges=max_ranges,
        )
    return _plain(position), [_plain(step) for step in steps]


def rebuild(
    _office: "Office", source: Source, policy: dict[str, int]
) -> tuple[SimpleNamespace, list[SimpleNamespace]]:
    """Rebuild a chain's index."""
    from govseal.apps.evidence import services

    steps: list[Any] = []
    with events_of(source) as ledger:
        position = services.index_rebuild(
            ledger=ledger, policy=services.IndexPolicy(**policy), clock=now, progress=steps.append
        )
    return _plain(position), [_plain(step) for step in steps]


def compare(
    _office: "Office", source: Source, policy: dict[str, int], between: dict[str, int]
) -> SimpleNamespace:
    """Compare a chain's index with the chain."""
    from govseal.apps.evidence import services

    with events_of(source) as ledger:
        found = services.index_compare(ledger=ledger, policy=services.IndexPolicy(**policy), **between)
    found = _plain(found)
    found.differences = [(one.only_on.value, one.event) for one in found.differences]
    return found


def position(_office: "Office", source: Source) -> SimpleNamespace | None:
    """Say how far a chain's index is, and how many seconds behind now and ninety seconds after it was complete."""
    from govseal.apps.evidence import selectors

    found = selectors.position(source.chain_id, source.genesis)
    if found is None:
        return None
    plain = _plain(found)
    later = (found.complete_at or found.tip_time) + timedelta(seconds=90)
    plain.seconds_now, plain.seconds_later = found.seconds_behind(now()), found.seconds_behind(later)
    return plain


@contextmanager
def _indexed(source: Source, later: float) -> Iterator[Any]:
    """Yield a reader over the index and `source`, whose clock is `later` seconds ahead; fresh is what `LAG` says."""
    from govseal.apps.evidence import services

    live = EvmReader(source.rpc_url, source.chain_id, source.genesis, timeout=PATIENCE)
    yield services.IndexedLedger(live, lag=LAG, clock=lambda: now() + timedelta(seconds=later))
    live.close()


def anchor(_office: "Office", source: Source, store: StoreRef, root: bytes, later: float) -> Anchor | None:
    """Ask the indexed ledger for an anchor."""
    with _indexed(source, later) as ledger:
        return ledger.anchor(store, root)


def revoked(
    _office: "Office", source: Source, store: StoreRef, hashes: list[bytes], later: float
) -> list[bool]:
    """Ask the indexed ledger what is revoked."""
    with _indexed(source, later) as ledger:
        return ledger.revoked(store, hashes)


def facts(
    _office: "Office", source: Source, questions: list[LedgerQuestion], later: float
) -> list[tuple[Any, Any]]:
    """Ask the indexed ledger many questions at once; an error is told by its code."""
    with _indexed(source, later) as ledger:
        return [(_told(one.anchor), _told(one.revoked)) for one in ledger.facts(questions)]


def _told(half: Any) -> Any:
    return half.code if isinstance(half, LedgerUnavailable) else half


def revoked_without_database(
    _office: "Office", source: Source, store: StoreRef, hashes: list[bytes]
) -> list[bool]:
    """As `revoked`, in a process that reaches no database."""
    from django.db import connection

    connect, connection.get_new_connection = connection.get_new_connection, _no_connection
    connection.close()
    try:
        with _indexed(source, 0) as ledger:
            return ledger.revoked(store, hashes)
    finally:
        connection.get_new_connection = connect


def _no_connection(_parameters: Any) -> Any:
    from django.db import OperationalError

    raise OperationalError("no database")
