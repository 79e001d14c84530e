"""Answers from the index: only while it is fresh, never a "no" that it cannot know, never without anybody's word."""

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from govseal.core.errors import LedgerUnavailable
from govseal.core.ports import LedgerQuestion
from support import evidencework
from support.evidence import Ledger
from support.nodes import rpc

STALE = 2 * evidencework.LAG.total_seconds()
"""Seconds after which an index is stale."""


def anchor(ledger_index: Ledger, root: bytes, *, later: float = 0.0) -> object:
    return ledger_index.country.office(
        evidencework.anchor, ledger_index.source, ledger_index.store, root, later
    )


def revoked(ledger_index: Ledger, *hashes: bytes, later: float = 0.0) -> list[bool]:
    return ledger_index.country.office(
        evidencework.revoked, ledger_index.source, ledger_index.store, list(hashes), later
    )


def test_a_fresh_index_answers_without_the_chain(ledger_index: Ledger) -> None:
    first, second = ledger_index.issue(2)
    ledger_index.revoke(second)
    ledger_index.mine(3)
    ledger_index.follow()
    live = [ledger_index.ledger.anchor(ledger_index.store, root) for root in (first, second)]
    ledger_index.chain.stop()
    assert [anchor(ledger_index, root) for root in (first, second)] == live
    assert revoked(ledger_index, first, second, os.urandom(32)) == [False, True, False]
    assert revoked(ledger_index) == []


def test_a_node_that_stands_below_what_was_read_does_not_keep_the_index_fresh(
    ledger_index: Ledger, before: Any
) -> None:
    (root,) = ledger_index.issue(1)
    ledger_index.mine(1)
    read, _ = ledger_index.follow()
    url, below = ledger_index.chain.rpc_url, hex(read.head_number - 1)

    def lagging(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                "id": call["id"],
                "result": rpc(
                    url, call["method"], *(below if one == "latest" else one for one in call["params"])
                ),
            }
            for call in calls
        ]

    later, _ = ledger_index.follow(at=before(url, lagging))
    assert (later.head_number, later.next_block) == (read.head_number - 1, read.next_block)
    assert later.looked_at > later.complete_at == read.complete_at
    assert revoked(ledger_index, root) == [False]


def test_a_root_that_the_index_does_not_hold_is_asked_of_the_chain(ledger_index: Ledger) -> None:
    ledger_index.follow()
    (root,) = ledger_index.issue(1)
    assert anchor(ledger_index, root) == ledger_index.ledger.anchor(ledger_index.store, root)
    assert anchor(ledger_index, os.urandom(32)) is None
    ledger_index.chain.stop()
    with pytest.raises(LedgerUnavailable):
        anchor(ledger_index, root)


def test_a_revoked_root_is_not_an_issued_one(ledger_index: Ledger) -> None:
    value = os.urandom(32)
    ledger_index.revoke(value)
    ledger_index.follow()
    assert anchor(ledger_index, value) is None
    assert revoked(ledger_index, value) == [True]


@pytest.mark.parametrize("later", [STALE, -STALE])
def test_a_stale_index_asks_the_chain(ledger_index: Ledger, later: float) -> None:
    (root,) = ledger_index.issue(1)
    ledger_index.follow()
    ledger_index.revoke(root)
    assert revoked(ledger_index, root, later=later) == [True]
    found = anchor(ledger_index, root, later=later)
    assert found == ledger_index.ledger.anchor(ledger_index.store, root)
    ledger_index.chain.stop()
    for ask in (anchor, revoked):
        with pytest.raises(LedgerUnavailable):
            ask(ledger_index, root, later=later)


def test_following_makes_it_fresh_though_nothing_was_said(ledger_index: Ledger) -> None:
    (root,) = ledger_index.issue(1)
    ledger_index.follow()
    age = "UPDATE evidence_followedchain SET complete_at = complete_at - %s WHERE genesis = %s RETURNING 1"
    ledger_index.country.rows(age, timedelta(seconds=STALE), ledger_index.source.genesis)
    ledger_index.follow()
    ledger_index.chain.stop()
    assert revoked(ledger_index, root) == [False]


def test_an_index_that_has_not_read_to_the_head_asks_the_chain(ledger_index: Ledger) -> None:
    (root,) = ledger_index.issue(1)
    ledger_index.revoke(root)
    ledger_index.follow(range_blocks=2, max_ranges=1)
    assert revoked(ledger_index, root) == [True]
    ledger_index.chain.stop()
    with pytest.raises(LedgerUnavailable):
        revoked(ledger_index, root)


def test_an_index_that_is_being_rebuilt_asks_the_chain(ledger_index: Ledger) -> None:
    (root,) = ledger_index.issue(1)
    ledger_index.revoke(root)
    ledger_index.follow()
    ledger_index.rebuild_that_dies("before-reading", range_blocks=1)
    assert ledger_index.indexed() == []
    assert revoked(ledger_index, root) == [True]


def test_a_store_that_is_still_behind_is_asked_of_the_chain(ledger_index: Ledger) -> None:
    late = ledger_index.new_store(followed=False)
    (root,) = ledger_index.issue(1, late)
    ledger_index.revoke(root, late)
    ledger_index.follow()
    ledger_index.follow_stores(late)
    ask = (evidencework.revoked, ledger_index.source, late, [root], 0.0)
    assert ledger_index.country.office(*ask) == [True]
    ledger_index.chain.stop()
    with pytest.raises(LedgerUnavailable):
        ledger_index.country.office(*ask)


def test_a_store_that_is_not_followed_is_asked_of_the_chain(ledger_index: Ledger) -> None:
    foreign = ledger_index.new_store(followed=False)
    (root,) = ledger_index.issue(1, foreign)
    ledger_index.revoke(root, foreign)
    ledger_index.follow()
    ask = (evidencework.revoked, ledger_index.source, foreign, [root], 0.0)
    assert ledger_index.country.office(*ask) == [True]


def test_without_a_database_the_chain_is_asked(ledger_index: Ledger) -> None:
    (root,) = ledger_index.issue(1)
    ledger_index.revoke(root)
    ledger_index.follow()
    ask = (evidencework.revoked_without_database, ledger_index.source, ledger_index.store, [root])
    assert ledger_index.country.office(*ask) == [True]
    ledger_index.chain.stop()
    with pytest.raises(LedgerUnavailable):
        ledger_index.country.office(*ask)


def test_many_questions_are_answered_by_index_and_chain_together(ledger_index: Ledger) -> None:
    """What a fresh index does not hold, the chain tells; what both cannot tell was not checked."""
    first, second = ledger_index.issue(2)
    late_store = ledger_index.new_store(followed=False)
    (elsewhere,) = ledger_index.issue(1, late_store)
    ledger_index.revoke(second)
    ledger_index.follow()
    (unread,) = ledger_index.issue(1)
    store, nodes = ledger_index.store, [os.urandom(32) for _ in range(4)]
    asked = [(store, first), (store, second), (store, unread), (late_store, elsewhere)]
    questions = [LedgerQuestion(on, (node, root)) for (on, root), node in zip(asked, nodes, strict=True)]
    ask = (evidencework.facts, ledger_index.source, questions)
    anchors = [ledger_index.ledger.anchor(*one) for one in asked]
    whole = list(zip(anchors, [False, True, False, False], strict=True))
    fresh = [(replace(anchor, confirmations=anchor.confirmations - 1), told) for anchor, told in whole[:2]]
    assert ledger_index.country.office(*ask, STALE) == whole
    assert ledger_index.country.office(*ask, 0.0) == [*fresh, *whole[2:]]  # of its head when it was read
    ledger_index.chain.stop()
    away = "LEDGER_UNAVAILABLE"
    assert ledger_index.country.office(*ask, 0.0) == [*fresh, (away, False), (away, away)]
    assert ledger_index.country.office(*ask, STALE) == 4 * [(away, away)]
