"""Fixtures: a real chain (anvil), and ledgers that write to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from govseal.adapters.evm import EvmLedger
from govseal.adapters.localchain import LocalChain
from govseal.core.ports import Transaction
from govseal.core.trustlist import StoreRef
from support.ports import free_port
from support.waiting import PATIENCE, until

ACCOUNTS = ("treasury", "outsider")


def ledger_of(chain: LocalChain, *, timeout: float = PATIENCE) -> EvmLedger:
    """Return a ledger that writes to `chain` with the accounts `treasury` and `outsider`."""
    accounts = {name: chain.account(index) for index, name in enumerate(ACCOUNTS)}
    return EvmLedger(chain.rpc_url, chain.chain_id, chain.genesis, accounts, timeout=timeout)


def mined(ledger: EvmLedger, transaction_hash: bytes) -> Transaction:
    """Wait until a transaction is in a block: anvil mines at once, but after it has answered."""
    until(
        lambda: ledger.transaction(transaction_hash).block_number is not None,
        "the transaction was not mined",
        pause=0.005,
    )
    return ledger.transaction(transaction_hash)


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalChain]:
    """One chain for the whole run: leave it mining, and anchor roots of your own."""
    with LocalChain(tmp_path_factory.mktemp("chain"), free_port()) as started:
        yield started


@pytest.fixture(scope="session")
def ledger(chain: LocalChain) -> Iterator[EvmLedger]:
    """A ledger on the shared chain."""
    ledger = ledger_of(chain)
    yield ledger
    ledger.close()


@pytest.fixture(scope="session")
def store(ledger: EvmLedger) -> StoreRef:
    """A document store of `treasury` on the shared chain."""
    return ledger.deploy(account="treasury", name="ក្រសួងអប់រំ យុវជន និងកីឡា")


@pytest.fixture
def new_chain(tmp_path: Path) -> Iterator[Callable[[], LocalChain]]:
    """Start chains that a test may stop, break or pause; each has its own folder."""
    with ExitStack() as stack:
        started: list[LocalChain] = []

        def start() -> LocalChain:
            chain = LocalChain(tmp_path / f"chain{len(started)}", free_port())
            started.append(stack.enter_context(chain))
            return chain

        yield start


@pytest.fixture
def new_ledger() -> Iterator[Callable[..., EvmLedger]]:
    """Make ledgers on any chain; they are closed with the test."""
    with ExitStack() as stack:

        def make(chain: LocalChain, *, timeout: float = PATIENCE) -> EvmLedger:
            ledger = ledger_of(chain, timeout=timeout)
            stack.callback(ledger.close)
            return ledger

        yield make
