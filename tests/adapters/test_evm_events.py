"""What stores have said, over JSON-RPC: whole answers or none, and ranges that are too large told apart."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.adapters.evm import EvmEvents, EvmLedger
from govseal.adapters.localchain import LocalChain
from govseal.core.errors import LedgerMoved, LedgerRangeRefused, LedgerUnavailable
from govseal.core.ports import EventKind, LedgerBlock, LedgerEvent
from govseal.core.trustlist import StoreRef
from support.chain import mined
from support.endpoint import endpoint
from support.nodes import passed_on, rpc
from support.waiting import PATIENCE

Calls = list[dict[str, Any]]
Meddler = Callable[[Calls, list[Any]], None]
"""Changes the results, in the order of the calls."""


@pytest.fixture(scope="module")
def events(chain: LocalChain) -> Iterator[EvmEvents]:
    reader = EvmEvents(chain.rpc_url, chain.chain_id, chain.genesis, timeout=PATIENCE)
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def said(ledger: EvmLedger, store: StoreRef) -> list[tuple[EventKind, bytes, int]]:
    """Three things that the shared store said, and in which blocks."""
    first, second = os.urandom(32), os.urandom(32)
    sent = [
        (EventKind.ISSUED, first, ledger.issue(store, first, account="treasury")),
        (EventKind.ISSUED, second, ledger.issue(store, second, account="treasury")),
        (EventKind.REVOKED, first, ledger.revoke(store, first, account="treasury")),
    ]
    return [(kind, value, mined(ledger, digest).block_number or 0) for kind, value, digest in sent]


@contextmanager
def reading(chain: LocalChain, meddle: Meddler, *, timeout: float = PATIENCE) -> Iterator[EvmEvents]:
    """Yield a reader of the real chain whose answers are meddled with on the way."""

    def answer(body: bytes) -> bytes:
        request = json.loads(body)
        reply = json.loads(passed_on(chain.rpc_url, body))
        calls, replies = (request, reply) if isinstance(request, list) else ([request], [reply])
        results = [entry.get("result") for entry in sorted(replies, key=lambda entry: entry["id"])]
        meddle(calls, results)
        return json.dumps(
            [
                {"id": call["id"], **(one if isinstance(one, dict) and "error" in one else {"result": one})}
                for call, one in zip(calls, results, strict=True)
            ]
        ).encode()

    with endpoint(answer) as url:
        reader = EvmEvents(url, chain.chain_id, chain.genesis, timeout=timeout)
        yield reader
        reader.close()


def of_logs(change: Callable[[list[dict[str, Any]]], Any]) -> Meddler:
    """Return a meddler that puts what `change` makes of the logs in their place."""

    def meddle(calls: Calls, results: list[Any]) -> None:
        for place, call in enumerate(calls):
            if call["method"] == "eth_getLogs":
                results[place] = change(results[place])

    return meddle


def span(said: Any) -> tuple[int, int]:
    return said[0][2], said[-1][2]


# --- answers ------------------------------------------------------------------------------------------


def test_events_come_in_order_with_their_blocks(events: EvmEvents, store: StoreRef, said: Any) -> None:
    found = events.events([store], *span(said))
    assert [(event.kind, event.value, event.block_number) for event in found] == said
    blocks = events.blocks([event.block_number for event in found])
    assert [(block.hash, block.time) for block in blocks if block] == [
        (event.block_hash, event.block_time) for event in found
    ]
    assert {event.store for event in found} == {store}


def test_only_what_was_asked_for_comes(
    events: EvmEvents, ledger: EvmLedger, store: StoreRef, said: Any
) -> None:
    other = ledger.deploy(account="treasury", name="Other")
    mined(ledger, ledger.issue(other, os.urandom(32), account="treasury"))
    head = events.head().number
    assert [event.store for event in events.events([other], 1, head)] == [other]
    assert len(events.events([store], said[1][2], said[1][2])) == 1
    stores = {event.store for event in events.events([store, other], 1, head)}
    assert stores == {store, other}


def test_without_stores_nobody_is_asked(chain: LocalChain) -> None:
    with endpoint(lambda _: b"nonsense") as url:
        reader = EvmEvents(url, chain.chain_id, chain.genesis, timeout=PATIENCE)
        assert reader.events([], 1, 9) == []
        reader.close()


def test_the_head_is_the_newest_block_and_none_is_beyond_it(events: EvmEvents) -> None:
    head = events.head()
    assert events.blocks([head.number, head.number + 1]) == [head, None]
    assert events.blocks([]) == []


def test_more_stores_than_a_filter_holds_take_several(chain: LocalChain, store: StoreRef, said: Any) -> None:
    filters: list[int] = []

    def count(calls: Calls, _: list[Any]) -> None:
        filters.extend(len(call["params"][0]["address"]) for call in calls if call["method"] == "eth_getLogs")

    others = [replace(store, address=f"0x{number:040x}") for number in range(1, 1_001)]
    with reading(chain, count) as reader:
        assert len(reader.events([*others, store], *span(said))) == 3
    assert filters == [500, 500, 1]


def test_logs_without_a_time_get_their_blocks(
    chain: LocalChain, events: EvmEvents, store: StoreRef, said: Any
) -> None:
    """Nodes have told it in logs since 2025 only."""
    untimed = of_logs(lambda logs: [{**log, "blockTimestamp": None} for log in logs])
    with reading(chain, untimed) as reader:
        assert reader.events([store], *span(said)) == events.events([store], *span(said))


def test_a_store_of_another_chain_is_away(events: EvmEvents, store: StoreRef) -> None:
    with pytest.raises(LedgerUnavailable) as error:
        events.events([replace(store, chain_id=95)], 1, 2)
    assert error.value.code == "LEDGER_OTHER_CHAIN"


@pytest.mark.parametrize("number", ["0x1", "0x8000000000000000", "-0x1"])
def test_another_block_than_the_one_asked_for_is_refused(chain: LocalChain, number: str) -> None:
    def other(_: Calls, results: list[Any]) -> None:
        results[2] = {**results[2], "number": number}

    with reading(chain, other) as reader, pytest.raises(LedgerUnavailable):
        reader.blocks([0])


# --- the block of a store -----------------------------------------------------------------------------


def test_a_store_begins_in_the_block_of_its_deployment(
    new_chain: Any, new_ledger: Any, chain: LocalChain
) -> None:
    own = new_chain()
    rpc(own.rpc_url, "anvil_mine", "0x25")
    store = new_ledger(own).deploy(account="treasury", name="Ministry")
    reader = EvmEvents(own.rpc_url, own.chain_id, own.genesis, timeout=PATIENCE)
    assert (reader.head().number, reader.first_block(store)) == (38, 38)
    # Started again, anvil knows no old states: it cannot tell, and must not be guessed for.
    own.stop()
    own.start()
    assert reader.first_block(store) <= 38
    reader.close()


def test_a_place_without_a_store_has_no_first_block(events: EvmEvents, store: StoreRef) -> None:
    with pytest.raises(LedgerUnavailable) as error:
        events.first_block(replace(store, address="0x000000000000000000000000000000000000dEaD"))
    assert error.value.code == "LEDGER_STORE_MISSING"


# --- ranges that are too large ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "refusal",
    [
        {"code": -32005, "message": "query returned more than 10000 results"},
        {"code": -32602, "message": "eth_getLogs is limited to a 2,000 block range"},
        {"code": -32000, "message": "block range is too wide"},
    ],
)
def test_a_refused_range_is_told_whatever_the_words(
    chain: LocalChain, store: StoreRef, said: Any, refusal: Any
) -> None:
    first, last = span(said)
    with reading(chain, of_logs(lambda _: {"error": refusal})) as reader:
        with pytest.raises(LedgerRangeRefused, match=refusal["message"]) as error:
            reader.events([store], first, last)
        assert error.value.facts == {"first": first, "last": last}
        with pytest.raises(LedgerUnavailable) as single:
            reader.events([store], last, last)
        assert not isinstance(single.value, LedgerRangeRefused)


@pytest.mark.parametrize(
    ("status", "too_much"), [(400, True), (413, True), (401, False), (429, False), (502, False)]
)
def test_an_http_status_that_may_be_about_the_range_is_told(
    chain: LocalChain, store: StoreRef, status: int, *, too_much: bool
) -> None:
    with endpoint(lambda _: b"{}", status=status) as url:
        reader = EvmEvents(url, chain.chain_id, chain.genesis, timeout=PATIENCE)
        with pytest.raises(LedgerUnavailable) as error:
            reader.events([store], 1, 2)
        assert isinstance(error.value, LedgerRangeRefused) == too_much
        reader.close()


def test_a_slow_answer_and_a_long_one_may_be_about_the_range(chain: LocalChain, store: StoreRef) -> None:
    left = threading.Event()
    slow = of_logs(lambda _: left.wait(PATIENCE))
    long = of_logs(lambda _: [{"blockNumber": "0x1", "blockHash": "0x", "padding": (5 << 20) * " "}])
    with reading(chain, slow, timeout=0.2) as reader:
        with pytest.raises(LedgerRangeRefused):
            reader.events([store], 1, 2)
        left.set()
    with reading(chain, long) as reader, pytest.raises(LedgerRangeRefused):
        reader.events([store], 1, 2)


def test_a_chain_that_is_down_refuses_no_range(store: StoreRef) -> None:
    reader = EvmEvents("http://127.0.0.1:9", store.chain_id, store.genesis)
    with pytest.raises(LedgerUnavailable) as error:
        reader.events([store], 1, 2)
    assert not isinstance(error.value, LedgerRangeRefused)
    reader.close()


# --- answers that are not whole -----------------------------------------------------------------------


def test_an_endpoint_that_lags_behind_the_range_is_noticed(
    chain: LocalChain, events: EvmEvents, store: StoreRef, said: Any
) -> None:
    """It answers with the events it knows, as if there were no others."""
    with pytest.raises(LedgerMoved):
        events.events([store], said[0][2], events.head().number + 1)


def test_a_block_that_changed_meanwhile_is_noticed(chain: LocalChain, store: StoreRef, said: Any) -> None:
    other = "0x" + 64 * "7"
    changed = of_logs(lambda logs: [{**log, "blockTimestamp": None, "blockHash": other} for log in logs])
    with reading(chain, changed) as reader, pytest.raises(LedgerMoved):
        reader.events([store], *span(said))


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "0x000000000000000000000000000000000000dEaD"},
        {"topics": ["0x" + 64 * "0", "0x" + 64 * "1"]},
        {"topics": []},
        {"blockNumber": "0xffffff"},
        {"blockHash": "0x12"},
        {"logIndex": None},
        {"logIndex": "0x80000000"},
        {"blockTimestamp": "0xffffffffffffffffff"},
        {"blockNumber": []},
    ],
)
def test_an_event_that_nobody_asked_for_is_refused(
    chain: LocalChain, store: StoreRef, said: Any, wrong: Any
) -> None:
    with (
        reading(chain, of_logs(lambda logs: [{**log, **wrong} for log in logs])) as reader,
        pytest.raises(LedgerUnavailable) as error,
    ):
        reader.events([store], *span(said))
    assert not isinstance(error.value, LedgerRangeRefused)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["0x", "0x1", "0x" + 64 * "f"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["hash", "number", "timestamp", "topics", "address", "blockNumber", "blockHash"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(block=json_values, logs=json_values)
def test_no_result_of_the_right_chain_leaves_the_tree_of_errors(scripted: Any, block: Any, logs: Any) -> None:
    """The right chain says which it is, and nonsense to everything else."""
    reader, script, store = scripted
    script.update(eth_getBlockByNumber=block, eth_getLogs=logs, eth_getCode=block, eth_blockNumber=logs)
    for ask in (
        reader.head,
        lambda: reader.blocks([1]),
        lambda: reader.events([store], 1, 2),
    ):
        with suppress(LedgerUnavailable):
            found = ask()
            answers = found if isinstance(found, list) else [found]
            assert all(isinstance(one, LedgerEvent | LedgerBlock | None) for one in answers)


@pytest.fixture(scope="module")
def scripted(store: StoreRef) -> Iterator[Any]:
    """A reader whose endpoint answers what the test's script says."""
    script: dict[str, Any] = {}

    def result_of(call: Any) -> Any:
        if call["method"] == "eth_chainId":
            return hex(store.chain_id)
        if call["params"][:1] == ["0x0"]:
            return {"hash": store.genesis, "timestamp": "0x1"}
        return script[call["method"]]

    def answer(body: bytes) -> bytes:
        return json.dumps(
            [{"id": call["id"], "result": result_of(call)} for call in json.loads(body)]
        ).encode()

    with endpoint(answer) as url:
        reader = EvmEvents(url, store.chain_id, store.genesis, timeout=PATIENCE)
        yield reader, script, store
        reader.close()
