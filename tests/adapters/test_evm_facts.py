"""What the chain says of many documents at once: as it would say of each alone, in one request."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from govseal.adapters.evm import EvmLedger, EvmReader, joined
from govseal.adapters.localchain import LocalChain
from govseal.core.errors import LedgerUnavailable
from govseal.core.ports import LedgerFacts, LedgerQuestion
from govseal.core.trustlist import StoreRef
from support.chain import mined
from support.endpoint import endpoint
from support.nodes import passed_on, rpc
from support.waiting import PATIENCE

NOWHERE = "0x000000000000000000000000000000000000dEaD"


class Between:
    """An endpoint before a chain, which counts the requests and may answer calls itself."""

    def __init__(self, chain: LocalChain) -> None:
        self._chain = chain
        self.requests: list[list[dict[str, Any]]] = []
        self.refused: Callable[[dict[str, Any]], bool] = lambda _: False

    def answer(self, body: bytes) -> bytes:
        asked = json.loads(body)
        calls = asked if isinstance(asked, list) else [asked]
        self.requests.append(calls)
        refused = [call for call in calls if self.refused(call)]
        kept = [call for call in calls if call not in refused]
        reply = json.loads(passed_on(self._chain.rpc_url, json.dumps(kept).encode()))
        error = {"code": -32602, "message": "invalid argument"}
        return json.dumps([*reply, *({"id": call["id"], "error": error} for call in refused)]).encode()


@pytest.fixture
def between(chain: LocalChain) -> Iterator[tuple[Between, EvmReader]]:
    """A reader of the shared chain, and what stands between them."""
    made = Between(chain)
    with ExitStack() as stack:
        url = stack.enter_context(endpoint(made.answer))
        reader = EvmReader(url, chain.chain_id, chain.genesis, timeout=PATIENCE)
        stack.callback(reader.close)
        yield made, reader


def issued(ledger: EvmLedger, store: StoreRef) -> bytes:
    root = os.urandom(32)
    mined(ledger, ledger.issue(store, root, account="treasury"))
    return root


def alone(ledger: EvmLedger, question: LedgerQuestion) -> LedgerFacts:
    """Ask by the two calls that the outbox uses."""
    revoked = ledger.revoked(question.store, question.hashes)
    return LedgerFacts(ledger.anchor(question.store, question.hashes[-1]), any(revoked))


def test_many_documents_of_several_stores_are_answered_as_each_alone(
    between: tuple[Between, EvmReader], ledger: EvmLedger, store: StoreRef
) -> None:
    relay, reader = between
    other = ledger.deploy(account="treasury", name="Another ministry")
    roots = [issued(ledger, one) for one in (store, other, store)]
    leaves = [os.urandom(32) for _ in range(3)]
    mined(ledger, ledger.revoke(other, leaves[1], account="treasury"))
    mined(ledger, ledger.revoke(store, roots[2], account="treasury"))
    stores = (store, other, store, store, other)
    hashes = [*zip(leaves, roots, strict=True), (os.urandom(32),), (leaves[2], roots[0])]
    questions = [LedgerQuestion(*one) for one in zip(stores, hashes, strict=True)]
    expected = [alone(ledger, one) for one in questions]
    assert [one.revoked for one in expected] == [False, True, True, False, False]
    assert [one.anchor is not None for one in expected] == [True, True, True, False, False]
    assert reader.facts(questions) == expected
    assert reader.facts(questions[::-1]) == expected[::-1]
    assert [len(one) for one in relay.requests] == [4, 5, 7]  # two round trips at first sight, then one


def test_more_reads_than_one_call_takes(ledger: EvmLedger, store: StoreRef) -> None:
    root = issued(ledger, store)
    hashes = [os.urandom(32) for _ in range(2 * joined.MOST_READS)]
    questions = [LedgerQuestion(store, (*hashes[:700], root)), LedgerQuestion(store, (*hashes[700:], root))]
    assert ledger.facts(questions) == [alone(ledger, one) for one in questions]
    mined(ledger, ledger.revoke(store, hashes[-1], account="treasury"))
    assert [one.revoked for one in ledger.facts(questions)] == [False, True]


def test_a_fork_that_moves_a_root_is_told_by_its_new_block(new_chain: Any, new_ledger: Any) -> None:
    """The block is only ever a guess: the mark is read anew, and so is what it points to."""
    chain = new_chain()
    ledger = new_ledger(chain)
    store, root = ledger.deploy(account="treasury", name="Ministry"), os.urandom(32)
    question = LedgerQuestion(store, (root,))

    snapshot = rpc(chain.rpc_url, "evm_snapshot")
    mined(ledger, ledger.issue(store, root, account="treasury"))
    (before,) = ledger.facts([question])
    rpc(chain.rpc_url, "evm_revert", snapshot)
    assert ledger.facts([question]) == [LedgerFacts(None, revoked=False)]
    rpc(chain.rpc_url, "anvil_mine", "0x3")
    mined(ledger, ledger.issue(store, root, account="treasury"))
    (after,) = ledger.facts([question])
    assert after.anchor is not None
    assert before.anchor is not None
    assert after.anchor.block_number == before.anchor.block_number + 3
    assert after == alone(ledger, question)


def test_a_place_without_a_store_spoils_no_other_document(
    between: tuple[Between, EvmReader], ledger: EvmLedger, store: StoreRef
) -> None:
    _, reader = between
    root = issued(ledger, store)
    good = LedgerQuestion(store, (os.urandom(32), root))
    nowhere = LedgerQuestion(replace(store, address=NOWHERE), (root,))
    elsewhere = LedgerQuestion(replace(store, chain_id=95), (root,))
    missing, found, foreign = reader.facts([nowhere, good, elsewhere])
    assert found == alone(ledger, good)
    for facts, code in ((missing, "LEDGER_STORE_MISSING"), (foreign, "LEDGER_OTHER_CHAIN")):
        for half in (facts.anchor, facts.revoked):
            assert isinstance(half, LedgerUnavailable)
            assert half.code == code
    assert reader.facts([]) == []


def test_a_node_that_refuses_the_joined_call_is_asked_one_by_one(
    between: tuple[Between, EvmReader], ledger: EvmLedger, store: StoreRef
) -> None:
    relay, reader = between
    relay.refused = lambda call: call["method"] == "eth_call" and "to" not in call["params"][0]
    root, leaf = issued(ledger, store), os.urandom(32)
    mined(ledger, ledger.revoke(store, leaf, account="treasury"))
    questions = [LedgerQuestion(store, (leaf, root)), LedgerQuestion(store, (os.urandom(32), root))]
    assert reader.facts(questions) == [alone(ledger, one) for one in questions]


def test_a_revocation_is_told_though_the_block_cannot_be_read(
    between: tuple[Between, EvmReader], ledger: EvmLedger, store: StoreRef
) -> None:
    relay, reader = between
    root = issued(ledger, store)
    mined(ledger, ledger.revoke(store, root, account="treasury"))
    relay.refused = lambda call: call["method"] == "eth_getBlockByNumber" and call["params"][0] != "0x0"
    (facts,) = reader.facts([LedgerQuestion(store, (root,))])
    assert facts.revoked is True
    assert isinstance(facts.anchor, LedgerUnavailable)


def test_a_chain_that_is_down_is_away_for_every_document(new_chain: Any, new_ledger: Any) -> None:
    chain = new_chain()
    ledger = new_ledger(chain)
    store = ledger.deploy(account="treasury", name="Ministry")
    question = LedgerQuestion(store, (issued(ledger, store),))
    assert ledger.facts([question]) == [alone(ledger, question)]
    chain.stop()
    for facts in ledger.facts([question, question]):
        assert isinstance(facts.anchor, LedgerUnavailable)
        assert isinstance(facts.revoked, LedgerUnavailable)


@pytest.mark.parametrize(
    "answer", ["0x", "0x" + 15 * "0", "0x" + 16 * "z", "0x" + 14 * " " + "00", None, 7, {}]
)
def test_what_is_no_answer_of_the_program_is_none(answer: Any) -> None:
    assert joined.numbers_in(answer, 1) is None
