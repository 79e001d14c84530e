"""A chain of a test's own with stores that speak, and the index of it in the country's database."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from govseal.adapters.evm import EvmLedger
from govseal.adapters.localchain import LocalChain
from govseal.core.merkle import keccak256
from govseal.core.trustlist import StoreRef
from support import evidencework
from support.chain import mined
from support.country import PATIENCE, PROJECT, Country
from support.endpoint import endpoint
from support.evidencework import Source
from support.nodes import passed_on, rpc

Said = tuple[str, str, int, int, bytes]
"""An event as (store, kind, block, place in the block, hash)."""

_BULK_ISSUE = "7df20826"
_KINDS = {
    "0x" + keccak256(b"DocumentIssued(bytes32)").hex(): "issued",
    "0x" + keccak256(b"DocumentRevoked(bytes32)").hex(): "revoked",
}


class Ledger:
    """A chain that a test may fork and rewind, and its index.

    Attributes:
        store: a document store, followed.
    """

    def __init__(self, country: Country, chain: LocalChain, ledger: EvmLedger) -> None:
        self.country = country
        self.chain = chain
        self.ledger = ledger
        self.source = Source(chain.rpc_url, chain.chain_id, chain.genesis)
        self.store = self.new_store()

    # --- the chain ------------------------------------------------------------------------------------

    def new_store(self, *, followed: bool = True) -> StoreRef:
        """Deploy a store."""
        store = self.ledger.deploy(account="treasury", name="Ministry")
        if followed:
            self.follow_stores(store)
        return store

    def issue(self, count: int = 1, store: StoreRef | None = None) -> list[bytes]:
        """Issue hashes, each in a block of its own."""
        hashes = [os.urandom(32) for _ in range(count)]
        for value in hashes:
            mined(self.ledger, self.ledger.issue(store or self.store, value, account="treasury"))
        return hashes

    def issue_in_one_block(self, count: int) -> list[bytes]:
        """Issue up to a thousand hashes in one transaction."""
        hashes = [os.urandom(32) for _ in range(count)]
        data = _BULK_ISSUE + (32).to_bytes(32).hex() + count.to_bytes(32).hex() + b"".join(hashes).hex()
        sent = self.ledger.call(self.store, bytes.fromhex(data.removeprefix("0x")), account="treasury")
        assert mined(self.ledger, sent).succeeded
        return hashes

    def revoke(self, value: bytes, store: StoreRef | None = None) -> None:
        """Revoke a hash."""
        mined(self.ledger, self.ledger.revoke(store or self.store, value, account="treasury"))

    def mine(self, blocks: int) -> None:
        """Add empty blocks."""
        rpc(self.chain.rpc_url, "anvil_mine", hex(blocks))

    def snapshot(self) -> Callable[[], None]:
        """Remember the chain as it is; return what takes it back there."""
        number = rpc(self.chain.rpc_url, "evm_snapshot")

        def back() -> None:
            assert rpc(self.chain.rpc_url, "evm_revert", number)

        return back

    def said(self, *stores: StoreRef) -> list[Said]:
        """Return what the stores have said, asked of the node in one plain request."""
        addresses = [store.address for store in stores or (self.store,)]
        logs = rpc(self.chain.rpc_url, "eth_getLogs", {"fromBlock": "0x0", "address": addresses})
        return sorted(
            (
                log["address"],
                _KINDS[log["topics"][0]],
                int(log["blockNumber"], 16),
                int(log["logIndex"], 16),
                bytes.fromhex(log["topics"][1][2:]),
            )
            for log in logs
            if log["topics"][0] in _KINDS
        )

    # --- the index ------------------------------------------------------------------------------------

    def follow_stores(self, *stores: StoreRef) -> list[StoreRef]:
        """Begin to follow stores."""
        return self.country.office(evidencework.follow_stores, self.source, list(stores))

    def follow(self, *, at: str | None = None, max_ranges: int | None = None, **policy: int) -> Any:
        """Follow the chain once, by another endpoint if one is named; return (position, progress)."""
        source = self.source.at(at) if at else self.source
        return self.country.office(evidencework.follow, source, policy, max_ranges)

    def rebuild(self, **policy: int) -> Any:
        """Rebuild the index; return (position, progress)."""
        return self.country.office(evidencework.rebuild, self.source, policy)

    def rebuild_that_dies(self, point: str, range_blocks: int) -> None:
        """Rebuild until the process kills itself at a point; see `support/dying_index.py`."""
        source = self.source
        command = [sys.executable, str(PROJECT / "tests" / "support" / "dying_index.py"), point]
        died = subprocess.run(
            [*command, source.rpc_url, str(source.chain_id), source.genesis, str(range_blocks)],
            env={**self.country.environment, "PYTHONPATH": f"{PROJECT / 'src'}:{PROJECT / 'tests'}"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert died.returncode == -9, died.stderr

    def position(self) -> Any:
        """Say how far the index is."""
        return self.country.office(evidencework.position, self.source)

    def indexed(self) -> list[Said]:
        """Return what the index says that the followed stores have said."""
        rows = self.country.rows(
            "SELECT s.address, e.kind, e.block_number, e.log_index, e.value FROM evidence_event e"
            " JOIN evidence_followedstore s ON s.id = e.store_id"
            " JOIN evidence_followedchain c ON c.id = e.chain_id WHERE c.genesis = %s",
            self.source.genesis,
        )
        return sorted(
            (address, kind, block, place, bytes(value)) for address, kind, block, place, value in rows
        )


Meddler = Callable[[list[dict[str, Any]]], Any]
"""Sees each request's calls before the chain does; what it returns, if anything, is the answer."""


@pytest.fixture
def ledger_index(
    country: Country, new_chain: Callable[[], LocalChain], new_ledger: Callable[..., EvmLedger]
) -> Ledger:
    """A chain of this test's own with one store that is followed."""
    chain = new_chain()
    return Ledger(country, chain, new_ledger(chain))


@pytest.fixture
def before() -> Iterator[Callable[[str, Meddler], str]]:
    """Put an endpoint before a chain that a test may meddle with; return its address."""
    with ExitStack() as stack:

        def put(url: str, meddle: Meddler) -> str:
            def answer(body: bytes) -> bytes:
                request = json.loads(body)
                made = meddle(request if isinstance(request, list) else [request])
                if made is not None:
                    return json.dumps(made).encode()
                return passed_on(url, body)

            return stack.enter_context(endpoint(answer))

        yield put


def logs_asked(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the filters among some calls."""
    return [call["params"][0] for call in calls if call["method"] == "eth_getLogs"]


def refusing(url: str, calls: list[dict[str, Any]], message: str) -> list[dict[str, Any]]:
    """Return an answer that refuses every filter, and is the chain's own otherwise."""
    error = {"code": -32005, "message": message}
    return [
        {"id": call["id"], "error": error}
        if call["method"] == "eth_getLogs"
        else {"id": call["id"], "result": rpc(url, call["method"], *call["params"])}
        for call in calls
    ]
