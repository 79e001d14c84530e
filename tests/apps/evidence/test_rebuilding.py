"""Rebuilding from nothing: with progress, at a rate, and whatever dies in between."""

import pytest

from govseal.core.errors import LedgerUnavailable
from support.evidence import Ledger


def test_an_index_is_rebuilt_as_it_was(ledger_index: Ledger) -> None:
    late = ledger_index.new_store()
    first, *_ = ledger_index.issue(5)
    ledger_index.revoke(first)
    ledger_index.issue(2, late)
    ledger_index.follow()
    position, steps = ledger_index.rebuild(range_blocks=4)
    assert ledger_index.indexed() == ledger_index.said(ledger_index.store, late)
    assert [(step.block, step.head, step.events) for step in steps] == [(4, 10, 2), (8, 10, 6), (10, 10, 8)]
    assert (position.blocks_behind, position.complete_at) == (0, position.looked_at)


def test_a_damaged_index_is_mended_by_rebuilding_it(ledger_index: Ledger) -> None:
    ledger_index.issue(4)
    ledger_index.follow()
    damage = "DELETE FROM evidence_event e USING evidence_followedchain c WHERE c.id = e.chain_id"
    ledger_index.country.rows(damage + " AND c.genesis = %s RETURNING 1", ledger_index.source.genesis)
    ledger_index.follow()
    assert ledger_index.indexed() == []
    ledger_index.rebuild()
    assert ledger_index.indexed() == ledger_index.said()


@pytest.mark.parametrize("point", ["before-reading", "before-commit", "after-commit"])
def test_a_killed_rebuild_goes_on_where_it_was(ledger_index: Ledger, point: str) -> None:
    ledger_index.issue(9)
    ledger_index.follow()
    ledger_index.rebuild_that_dies(point, range_blocks=2)
    position = ledger_index.position()
    done = 5 if point == "after-commit" else 3
    assert (position.next_block, position.complete_at) == (done, None)
    assert ledger_index.indexed() == [one for one in ledger_index.said() if one[2] < done]
    _, steps = ledger_index.follow(range_blocks=2)
    assert sum(1 for _ in steps) == (10 - done + 2) // 2
    assert ledger_index.indexed() == ledger_index.said()


def test_a_rebuild_without_the_chain_forgets_nothing(ledger_index: Ledger) -> None:
    ledger_index.issue(3)
    ledger_index.follow()
    said = ledger_index.said()
    ledger_index.chain.stop()
    with pytest.raises(LedgerUnavailable):
        ledger_index.rebuild()
    assert ledger_index.indexed() == said


def test_twenty_thousand_events_are_rebuilt(ledger_index: Ledger) -> None:
    """More than an answer of the endpoint may hold, so the range is halved on the way."""
    for _ in range(20):
        ledger_index.issue_in_one_block(1_000)
    _, steps = ledger_index.rebuild()
    assert steps[-1].events == 20_000
    assert ledger_index.indexed() == ledger_index.said()
