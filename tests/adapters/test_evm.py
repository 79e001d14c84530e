"""Ledgers over JSON-RPC: what they answer, what they refuse, and when they are away."""

import json
import os
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.adapters.evm import EvmLedger, EvmReader
from govseal.adapters.evm.rpc import BATCH_LIMIT
from govseal.adapters.localchain import LocalChain
from govseal.core.errors import LedgerUnavailable, OperatorError, RefusedError
from govseal.core.ports import LedgerQuestion
from govseal.core.trustlist import StoreRef
from support import nodes
from support.chain import mined
from support.endpoint import endpoint
from support.nodes import passed_on
from support.waiting import PATIENCE

NOWHERE = "0x000000000000000000000000000000000000dEaD"


def rpc(chain: LocalChain, method: str, *params: Any) -> Any:
    """Ask anvil itself, beside the code under test."""
    return nodes.rpc(chain.rpc_url, method, *params)


@pytest.fixture
def reader_at(chain: LocalChain) -> Iterator[Callable[..., EvmReader]]:
    """Make readers of the shared chain by any address."""
    made: list[EvmReader] = []

    def make(
        url: str, *, chain_id: int = chain.chain_id, genesis: str = chain.genesis, timeout: float = PATIENCE
    ) -> EvmReader:
        made.append(EvmReader(url, chain_id, genesis, timeout=timeout))
        return made[-1]

    yield make
    for reader in made:
        reader.close()


# --- answers ------------------------------------------------------------------------------------------


def test_an_issued_root_has_its_block_and_time(chain: LocalChain, ledger: EvmLedger, store: StoreRef) -> None:
    root = os.urandom(32)
    transaction = mined(ledger, ledger.issue(store, root, account="treasury"))
    anchor = ledger.anchor(store, root)
    assert anchor is not None
    block = rpc(chain, "eth_getBlockByNumber", hex(anchor.block_number), False)
    assert (anchor.root, anchor.block_number) == (root, transaction.block_number)
    assert anchor.block_hash == bytes.fromhex(block["hash"][2:])
    assert anchor.block_time.tzinfo is UTC
    assert abs(anchor.block_time - datetime.now(UTC)) < timedelta(minutes=5)


def test_confirmations_count_the_block_itself(chain: LocalChain, ledger: EvmLedger, store: StoreRef) -> None:
    root = os.urandom(32)
    digest = ledger.issue(store, root, account="treasury")
    mined(ledger, digest)
    assert (ledger.anchor(store, root).confirmations, ledger.transaction(digest).confirmations) == (1, 1)
    rpc(chain, "anvil_mine", "0x2")
    assert (ledger.anchor(store, root).confirmations, ledger.transaction(digest).confirmations) == (3, 3)


def test_an_unknown_root_has_no_anchor(ledger: EvmLedger, store: StoreRef) -> None:
    assert ledger.anchor(store, os.urandom(32)) is None


def test_revocations_answer_in_order_beyond_one_batch(ledger: EvmLedger, store: StoreRef) -> None:
    hashes = [os.urandom(32) for _ in range(2 * BATCH_LIMIT + 7)]
    revoked = {3, BATCH_LIMIT, len(hashes) - 1}
    for index in revoked:
        mined(ledger, ledger.revoke(store, hashes[index], account="treasury"))
    assert [i for i, is_revoked in enumerate(ledger.revoked(store, hashes)) if is_revoked] == sorted(revoked)
    assert ledger.revoked(store, []) == []


def test_a_transaction_is_known_from_arrival_to_block(new_chain: Any, new_ledger: Any) -> None:
    chain = new_chain()
    ledger = new_ledger(chain)
    store = ledger.deploy(account="treasury", name="Ministry")
    rpc(chain, "evm_setAutomine", False)
    digest = ledger.issue(store, os.urandom(32), account="treasury")
    waiting = ledger.transaction(digest)
    assert (waiting.known, waiting.block_number, waiting.succeeded, waiting.confirmations) == (
        True,
        None,
        None,
        0,
    )
    rpc(chain, "evm_mine")
    arrived = mined(ledger, digest)
    assert (arrived.known, arrived.succeeded, arrived.confirmations) == (True, True, 1)


def test_a_transaction_that_loses_a_race_is_mined_and_failed(new_chain: Any, new_ledger: Any) -> None:
    chain = new_chain()
    ledger = new_ledger(chain)
    store, root = ledger.deploy(account="treasury", name="Ministry"), os.urandom(32)
    rpc(chain, "evm_setAutomine", False)
    sent = [ledger.issue(store, root, account="treasury") for _ in range(2)]
    rpc(chain, "evm_mine")
    assert [mined(ledger, digest).succeeded for digest in sent] == [True, False]


def test_a_lost_transaction_is_unknown_and_leaves_no_gap(new_chain: Any, new_ledger: Any) -> None:
    chain = new_chain()
    ledger = new_ledger(chain)
    store, root = ledger.deploy(account="treasury", name="Ministry"), os.urandom(32)
    rpc(chain, "evm_setAutomine", False)
    lost = ledger.issue(store, root, account="treasury")
    rpc(chain, "anvil_dropTransaction", "0x" + lost.hex())
    assert not ledger.transaction(lost).known
    rpc(chain, "evm_setAutomine", True)
    mined(ledger, ledger.issue(store, root, account="treasury"))
    assert ledger.anchor(store, root) is not None


def test_threads_that_share_an_account_do_not_collide(ledger: EvmLedger, store: StoreRef) -> None:
    roots = [os.urandom(32) for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda root: mined(ledger, ledger.issue(store, root, account="treasury")), roots))
    assert all(ledger.anchor(store, root) for root in roots)


# --- refusals -----------------------------------------------------------------------------------------


def test_a_root_is_not_issued_twice_and_nothing_is_sent(
    chain: LocalChain, ledger: EvmLedger, store: StoreRef
) -> None:
    root = os.urandom(32)
    mined(ledger, ledger.issue(store, root, account="treasury"))
    sent = rpc(chain, "eth_getTransactionCount", chain.account(0).address, "pending")
    with pytest.raises(RefusedError, match="have not been issued") as refusal:
        ledger.issue(store, root, account="treasury")
    assert refusal.value.facts["reason"] == "Error: Only hashes that have not been issued can be issued"
    assert rpc(chain, "eth_getTransactionCount", chain.account(0).address, "pending") == sent


def test_a_hash_is_not_revoked_twice(ledger: EvmLedger, store: StoreRef) -> None:
    target = os.urandom(32)
    mined(ledger, ledger.revoke(store, target, account="treasury"))
    with pytest.raises(RefusedError, match="revoked previously"):
        ledger.revoke(store, target, account="treasury")


def test_an_outsiders_account_is_refused(ledger: EvmLedger, store: StoreRef) -> None:
    with pytest.raises(RefusedError, match="missing role"):
        ledger.issue(store, os.urandom(32), account="outsider")


def test_an_account_that_is_not_configured_is_the_operators_to_mend(
    ledger: EvmLedger, store: StoreRef
) -> None:
    with pytest.raises(OperatorError, match="no ledger account named nobody"):
        ledger.issue(store, os.urandom(32), account="nobody")


def test_a_name_longer_than_the_contract_takes_is_refused(ledger: EvmLedger) -> None:
    with pytest.raises(RefusedError):
        ledger.deploy(account="treasury", name=257 * "x")


# --- gas ----------------------------------------------------------------------------------------------


def test_where_gas_costs_an_empty_account_is_named_and_a_filled_one_pays(
    new_chain: Any, new_ledger: Any
) -> None:
    chain = new_chain()
    ledger = new_ledger(chain)
    store, root = ledger.deploy(account="treasury", name="Ministry"), os.urandom(32)
    rpc(chain, "anvil_setNextBlockBaseFeePerGas", hex(10**9))
    rpc(chain, "evm_mine")
    with pytest.raises(LedgerUnavailable, match="account treasury cannot pay") as error:
        ledger.issue(store, root, account="treasury")
    assert error.value.code == "LEDGER_ACCOUNT_EMPTY"
    rpc(chain, "anvil_setBalance", chain.account(0).address, hex(10**18))
    mined(ledger, ledger.issue(store, root, account="treasury"))
    assert ledger.anchor(store, root) is not None


def disguised(chain: LocalChain, pattern: bytes, replacement: bytes) -> AbstractContextManager[str]:
    """Put an endpoint before a real chain that rewrites its answers, to look like another kind of chain."""

    def rewrite(body: bytes) -> bytes:
        return re.sub(pattern, replacement, passed_on(chain.rpc_url, body))

    return endpoint(rewrite)


def test_a_header_of_a_proof_of_authority_chain_is_read(new_chain: Any) -> None:
    """Clique and QBFT put seals into extraData, longer than the 32 bytes that Ethereum allows."""
    chain = new_chain()
    with disguised(chain, rb'"extraData":"0x"', b'"extraData":"0x%s"' % (97 * b"aa")) as url:
        accounts = {"treasury": chain.account(0)}
        ledger = EvmLedger(url, chain.chain_id, chain.genesis, accounts, timeout=PATIENCE)
        store, root = ledger.deploy(account="treasury", name="Ministry"), os.urandom(32)
        mined(ledger, ledger.issue(store, root, account="treasury"))
        assert ledger.anchor(store, root) is not None
        ledger.close()


def test_a_chain_without_base_fees_gets_legacy_transactions(new_chain: Any) -> None:
    chain = new_chain()
    with disguised(chain, rb'"baseFeePerGas":"0x[0-9a-f]+",?', b"") as url:
        accounts = {"treasury": chain.account(0)}
        ledger = EvmLedger(url, chain.chain_id, chain.genesis, accounts, timeout=PATIENCE)
        store, root = ledger.deploy(account="treasury", name="Ministry"), os.urandom(32)
        sent = ledger.issue(store, root, account="treasury")
        mined(ledger, sent)
        assert rpc(chain, "eth_getTransactionByHash", "0x" + sent.hex())["type"] == "0x0"
        assert ledger.anchor(store, root) is not None
        ledger.close()


# --- away ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"chain_id": 95}, {"genesis": "0x" + 64 * "0"}])
def test_an_endpoint_of_another_chain_is_away(
    chain: LocalChain, store: StoreRef, reader_at: Any, wrong: Any
) -> None:
    with pytest.raises(LedgerUnavailable) as error:
        reader_at(chain.rpc_url, **wrong).anchor(replace(store, **wrong), os.urandom(32))
    assert error.value.code == "LEDGER_OTHER_CHAIN"


@pytest.mark.parametrize("wrong", [{"chain_id": 95}, {"genesis": "0x" + 64 * "0"}])
def test_a_store_of_another_chain_is_away(ledger: EvmLedger, store: StoreRef, wrong: Any) -> None:
    with pytest.raises(LedgerUnavailable) as error:
        ledger.revoked(replace(store, **wrong), [os.urandom(32)])
    assert error.value.code == "LEDGER_OTHER_CHAIN"


def test_a_chain_that_was_exchanged_under_its_address_is_noticed(
    new_chain: Any, new_ledger: Any, tmp_path: Any
) -> None:
    chain = new_chain()
    ledger = new_ledger(chain)
    store = ledger.deploy(account="treasury", name="Ministry")
    chain.stop()
    with LocalChain(tmp_path / "other", chain.port), pytest.raises(LedgerUnavailable) as error:
        ledger.anchor(store, bytes(32))
    assert error.value.code == "LEDGER_OTHER_CHAIN"


def test_a_chain_that_is_down_is_away(new_chain: Any, new_ledger: Any) -> None:
    chain = new_chain()
    ledger = new_ledger(chain)
    store = ledger.deploy(account="treasury", name="Ministry")
    chain.stop()
    for ask in (
        lambda: ledger.anchor(store, bytes(32)),
        lambda: ledger.issue(store, bytes(32), account="treasury"),
        lambda: ledger.transaction(bytes(32)),
        lambda: ledger.deploy(account="treasury", name="Ministry"),
    ):
        with pytest.raises(LedgerUnavailable):
            ask()


def test_a_place_without_a_store_is_away_and_not_a_no(ledger: EvmLedger, store: StoreRef) -> None:
    missing, root = replace(store, address=NOWHERE), os.urandom(32)
    for ask in (
        lambda: ledger.anchor(missing, root),
        lambda: ledger.revoked(missing, [root]),
        lambda: ledger.revocation_depths(missing, [root]),
        lambda: ledger.issue(missing, root, account="treasury"),
    ):
        with pytest.raises(LedgerUnavailable) as error:
            ask()
        assert error.value.code == "LEDGER_STORE_MISSING"


def test_a_port_where_nobody_listens_is_away(store: StoreRef, reader_at: Any) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(LedgerUnavailable):
            reader_at(f"http://127.0.0.1:{bound.getsockname()[1]}").anchor(store, os.urandom(32))


def test_an_endpoint_that_never_answers_is_away(store: StoreRef, reader_at: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        reader = reader_at(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)
        with pytest.raises(LedgerUnavailable):
            reader.anchor(store, os.urandom(32))


def test_an_endless_answer_is_away(store: StoreRef, reader_at: Any) -> None:
    with endpoint(lambda _: b" " * (5 << 20)) as url, pytest.raises(LedgerUnavailable, match="too long"):
        reader_at(url).anchor(store, os.urandom(32))


@pytest.mark.parametrize("status", [301, 429, 502])
def test_an_http_failure_is_away(store: StoreRef, reader_at: Any, status: int) -> None:
    with endpoint(lambda _: b"[]", status=status) as url, pytest.raises(LedgerUnavailable):
        reader_at(url).anchor(store, os.urandom(32))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["0x", "0x0", "0x539", "0x" + 64 * "f"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "result", "error", "hash", "timestamp"]), inner)
    ),
    max_leaves=12,
)


@given(reply=st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_answer_whatever_leaves_the_tree_of_errors(scripted: Any, reply: bytes) -> None:
    reader, script, store = scripted
    script["answer"] = lambda _: reply
    with pytest.raises(LedgerUnavailable):
        reader.anchor(store, bytes(32))


@given(value=json_values)
def test_no_result_of_the_right_chain_leaves_the_tree_of_errors(scripted: Any, value: Any) -> None:
    """The right chain says which it is, and nonsense to everything else."""
    reader, script, store = scripted

    def result_of(call: Any) -> Any:
        if call["method"] == "eth_chainId":
            return hex(store.chain_id)
        return {"hash": store.genesis, "timestamp": "0x1"} if call["params"][:1] == ["0x0"] else value

    def answer(body: bytes) -> bytes:
        asked = json.loads(body)
        calls = asked if isinstance(asked, list) else [asked]
        return json.dumps([{"id": call["id"], "result": result_of(call)} for call in calls]).encode()

    script["answer"] = answer
    for ask in (lambda: reader.anchor(store, bytes(32)), lambda: reader.revoked(store, [bytes(32)])):
        with suppress(LedgerUnavailable):
            assert ask() in (None, [True], [False])
    (facts,) = reader.facts([LedgerQuestion(store, (bytes(32),))])
    assert facts.revoked in (True, False) or isinstance(facts.revoked, LedgerUnavailable)


@pytest.fixture(scope="module")
def scripted(store: StoreRef) -> Iterator[Any]:
    """A reader whose endpoint answers what the test's script makes of the request."""
    script: dict[str, Callable[[bytes], bytes]] = {}

    def answer(body: bytes) -> bytes:
        return script["answer"](body)

    with endpoint(answer) as url:
        reader = EvmReader(url, store.chain_id, store.genesis, timeout=PATIENCE)
        yield reader, script, store
        reader.close()
