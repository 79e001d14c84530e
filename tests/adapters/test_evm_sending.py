"""Sending what was prepared: again, beside another of the same nonce, and for a better price."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.adapters.evm import EvmLedger, restoring
from govseal.adapters.evm.fees import current_fees, raised_fees
from govseal.adapters.localchain import LocalChain
from govseal.core.errors import LedgerUnavailable, RefusedError
from govseal.core.ports import AccountCount, EventKind, SignedTransaction
from govseal.core.trustlist import StoreRef
from support.chain import mined
from support.endpoint import endpoint
from support.evidence import rpc
from support.waiting import PATIENCE


def prepared(ledger: EvmLedger, store: StoreRef, ahead: int = 0) -> SignedTransaction:
    nonce = ledger.count(account="treasury").pending + ahead
    return ledger.prepare(store, EventKind.ISSUED, os.urandom(32), account="treasury", nonce=nonce)


def test_preparing_sends_nothing(ledger: EvmLedger, store: StoreRef) -> None:
    before = ledger.count(account="treasury")
    signed = prepared(ledger, store)
    assert (ledger.count(account="treasury"), ledger.transaction(signed.hash).known) == (before, False)
    assert signed.nonce == before.pending


def test_what_is_sent_is_found_by_its_hash_and_taken_once(ledger: EvmLedger, store: StoreRef) -> None:
    signed = prepared(ledger, store)
    for _ in range(3):
        ledger.send(signed.raw, account="treasury")
        assert mined(ledger, signed.hash).succeeded
    assert ledger.count(account="treasury").mined == signed.nonce + 1


def test_the_transaction_that_made_an_anchor_is_named(ledger: EvmLedger, store: StoreRef) -> None:
    root = os.urandom(32)
    sent = ledger.issue(store, root, account="treasury")
    mined(ledger, sent)
    anchor = ledger.anchor(store, root)
    assert anchor is not None
    assert ledger.issuing(store, anchor) == sent


def test_a_refusal_comes_before_anything_is_signed(ledger: EvmLedger, store: StoreRef) -> None:
    root = os.urandom(32)
    mined(ledger, ledger.issue(store, root, account="treasury"))
    with pytest.raises(RefusedError, match="have not been issued"):
        ledger.prepare(store, EventKind.ISSUED, root, account="treasury", nonce=0)


# --- a store that a chain has forgotten ---------------------------------------------------------------


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoring, "_RESTORE_SECONDS", PATIENCE)


def test_a_forgotten_store_is_deployed_at_its_old_address(new_chain: Any, new_ledger: Any) -> None:
    before, after = new_chain(), new_chain()
    old = new_ledger(before)
    old.deploy(account="treasury", name="entry begun anew")
    forgotten = replace(old.deploy(account="treasury", name="Ministry"), genesis=after.genesis)
    ledger = EvmLedger(
        after.rpc_url, after.chain_id, after.genesis, {"treasury": before.account(0)}, timeout=PATIENCE
    )
    try:
        ledger.redeploy(forgotten, account="treasury", name="Ministry")
        assert ledger.revoked(forgotten, [bytes(32)]) == [False]
        assert ledger.count(account="treasury").mined == 2
    finally:
        ledger.close()


class Impatient(EvmLedger):
    """Waits for no transaction."""

    def wait_until_final(self, transaction_hash: bytes, deadline: float) -> Any:
        raise LedgerUnavailable("waits", transaction=transaction_hash, deadline=deadline)


def test_all_deployments_are_sent_before_one_is_waited_for(
    new_chain: Any, new_ledger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = new_chain(), new_chain()
    old = new_ledger(before)
    for _ in range(2):
        old.deploy(account="treasury", name="entry begun anew")
    forgotten = replace(old.deploy(account="treasury", name="Ministry"), genesis=after.genesis)
    rpc(after.rpc_url, "evm_setAutomine", False)
    rpc(after.rpc_url, "evm_setIntervalMining", 0)
    ledger = Impatient(
        after.rpc_url, after.chain_id, after.genesis, {"treasury": before.account(0)}, timeout=PATIENCE
    )

    def restore(within: float) -> None:
        monkeypatch.setattr(restoring, "_RESTORE_SECONDS", within)
        ledger.redeploy(forgotten, account="treasury", name="Ministry")

    try:
        with pytest.raises(LedgerUnavailable, match="too slow"):
            restore(-1)
        assert ledger.count(account="treasury") == AccountCount(mined=0, pending=0)
        for _ in range(2):  # what waits already is not sent twice
            with pytest.raises(LedgerUnavailable, match="waits"):
                restore(PATIENCE)
            assert ledger.count(account="treasury") == AccountCount(mined=0, pending=3)
        rpc(after.rpc_url, "anvil_mine", "0x1")
        assert ledger.revoked(forgotten, [bytes(32)]) == [False]
        assert ledger.count(account="treasury") == AccountCount(mined=3, pending=3)
    finally:
        ledger.close()


def test_a_store_of_an_account_that_was_replaced_is_said_to_be_lost(new_chain: Any, new_ledger: Any) -> None:
    before, after = new_chain(), new_chain()
    forgotten = replace(new_ledger(before).deploy(account="treasury", name="Ministry"), genesis=after.genesis)
    successor = {"treasury": before.account(1)}
    ledger = EvmLedger(after.rpc_url, after.chain_id, after.genesis, successor, timeout=PATIENCE)
    try:
        with pytest.raises(LedgerUnavailable, match="no account held here") as lost:
            ledger.redeploy(forgotten, account="treasury", name="Ministry")
    finally:
        ledger.close()
    assert lost.value.code == "LEDGER_STORE_LOST"


class Lagging(EvmLedger):
    """Counts the account as a node does that stands before the store's deployment; all else is of the chain."""

    mined = 0

    def count(self, *, account: str) -> AccountCount:
        return AccountCount(self.mined, super().count(account=account).pending)


def test_a_node_that_lags_makes_nobody_deploy_a_second_store(chain: LocalChain, ledger: EvmLedger) -> None:
    before = ledger.count(account="treasury").mined
    there = ledger.deploy(account="treasury", name="Ministry")
    accounts = {"treasury": chain.account(0)}
    lagging = Lagging(
        chain.rpc_url, chain.chain_id, chain.genesis, accounts, mining_timeout=0.5, timeout=PATIENCE
    )
    lagging.mined = before
    try:
        with pytest.raises(LedgerUnavailable):
            lagging.redeploy(there, account="treasury", name="Ministry, renamed")
    finally:
        lagging.close()
    assert ledger.count(account="treasury").mined == before + 1


def test_while_a_node_catches_up_nothing_is_deployed(chain: LocalChain, store: StoreRef) -> None:
    asked: list[str] = []

    def answer(body: bytes) -> bytes:
        calls = json.loads(body)
        asked.extend(one["method"] for one in calls)
        identity = {"hash": chain.genesis, "timestamp": "0x1"}
        results = [hex(chain.chain_id), identity, {"currentBlock": "0x1", "highestBlock": "0x99"}]
        return json.dumps([{"id": n, "result": one} for n, one in enumerate(results)]).encode()

    with endpoint(answer) as url:
        ledger = EvmLedger(
            url, chain.chain_id, chain.genesis, {"treasury": chain.account(0)}, timeout=PATIENCE
        )
        with pytest.raises(LedgerUnavailable) as error:
            ledger.redeploy(store, account="treasury", name="Ministry")
        ledger.close()
    assert error.value.code == "LEDGER_NODE_BEHIND"
    assert asked == ["eth_chainId", "eth_getBlockByNumber", "eth_syncing"]


# --- what nodes say -----------------------------------------------------------------------------------


@pytest.fixture
def answered(chain: LocalChain, store: StoreRef) -> Callable[[dict[str, Any]], None]:
    """Send something to a node of the right chain that answers so."""

    def send(said: dict[str, Any]) -> None:
        def answer(body: bytes) -> bytes:
            asked = json.loads(body)
            if isinstance(asked, dict):
                return json.dumps({"jsonrpc": "2.0", "id": 0, **said}).encode()
            identity = {"hash": chain.genesis, "timestamp": "0x1"}
            results = [hex(chain.chain_id), identity]
            return json.dumps([{"id": n, "result": one} for n, one in enumerate(results)]).encode()

        with endpoint(answer) as url:
            ledger = EvmLedger(
                url, chain.chain_id, chain.genesis, {"treasury": chain.account(0)}, timeout=PATIENCE
            )
            try:
                ledger.send(b"\x02", account="treasury")
            finally:
                ledger.close()

    return send


@pytest.mark.parametrize(
    "said",
    [
        "already known",
        "ALREADY_EXISTS: already known",
        "Known transaction",
        "transaction already imported",
        "nonce too low: next nonce 7, tx nonce 6",
        "NONCE_TOO_LOW",
        "replacement transaction underpriced",
        "Replacement transaction underpriced",
    ],
)
def test_a_place_that_is_taken_is_said_in_many_words_and_no_failure(answered: Any, said: str) -> None:
    answered({"error": {"code": -32000, "message": said}})


@pytest.mark.parametrize("said", ["exceeds block gas limit", "intrinsic gas too low", "", "unknown account"])
def test_any_other_refusal_of_a_node_is_a_failure(answered: Any, said: str) -> None:
    with pytest.raises(LedgerUnavailable, match="did not take"):
        answered({"error": {"code": -32000, "message": said}})


@pytest.mark.parametrize(
    "said", ["insufficient funds for gas * price", "Upfront cost exceeds account balance"]
)
def test_an_account_that_cannot_pay_is_named(answered: Any, said: str) -> None:
    with pytest.raises(LedgerUnavailable) as error:
        answered({"error": {"code": -32000, "message": said}})
    assert error.value.code == "LEDGER_ACCOUNT_EMPTY"


# --- fees ---------------------------------------------------------------------------------------------

GWEI = 10**9


def test_fees_follow_the_kind_of_chain() -> None:
    assert current_fees({}, hex(7)) == {"gasPrice": 7}
    assert current_fees({"baseFeePerGas": hex(10)}, hex(13)) == {
        "type": 2,
        "maxFeePerGas": 23,
        "maxPriorityFeePerGas": 3,
    }


@given(old=st.integers(0, 10**12), price=st.integers(1, 10**12))
def test_a_higher_offer_is_higher_by_a_tenth_and_never_beyond_ten_prices(old: int, price: int) -> None:
    raised = raised_fees({"gasPrice": hex(old)}, {"gasPrice": price})
    if raised is None:
        assert old * 9 > price * 79
    else:
        assert raised["gasPrice"] * 10 >= old * 11
        assert old < raised["gasPrice"] <= 10 * price


def test_both_parts_of_an_offer_are_raised() -> None:
    offered = {"maxFeePerGas": hex(2 * GWEI), "maxPriorityFeePerGas": hex(8)}
    raised = raised_fees(offered, current_fees({"baseFeePerGas": hex(GWEI)}, hex(GWEI)))
    assert raised == {"type": 2, "maxFeePerGas": 9 * GWEI // 4, "maxPriorityFeePerGas": 9}


def test_where_gas_is_free_nothing_is_raised() -> None:
    free = current_fees({"baseFeePerGas": "0x0"}, "0x0")
    assert raised_fees({"maxFeePerGas": "0x0", "maxPriorityFeePerGas": "0x0"}, free) is None
