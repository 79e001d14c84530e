"""Following a chain: everything once, from the right block, in ranges that the endpoint takes."""

from typing import Any

import pytest

from govseal.core.errors import LedgerUnavailable, OperatorError
from support import evidencework
from support.evidence import Ledger, logs_asked, refusing
from support.waiting import PATIENCE


def test_what_stores_say_is_indexed_in_place(ledger_index: Ledger) -> None:
    other = ledger_index.new_store()
    first, second = ledger_index.issue(2)
    ledger_index.issue(1, other)
    ledger_index.revoke(first)
    ledger_index.revoke(second, other)
    position, _ = ledger_index.follow()
    assert ledger_index.indexed() == ledger_index.said(ledger_index.store, other)
    assert len(ledger_index.indexed()) == 5
    assert (position.blocks_behind, position.stores, position.stores_behind) == (0, 2, 0)


def test_a_range_read_again_changes_nothing(ledger_index: Ledger) -> None:
    ledger_index.issue(4)
    ledger_index.follow()
    said = ledger_index.indexed()
    query = (
        "UPDATE evidence_followedchain SET next_block = 1, tip_hash = decode(%s, 'hex') WHERE genesis = %s"
    )
    query += " RETURNING 1"
    genesis = ledger_index.source.genesis
    assert ledger_index.country.rows(query, genesis[2:], genesis)
    ledger_index.country.rows(
        "DELETE FROM evidence_keptblock k USING evidence_followedchain c"
        " WHERE k.chain_id = c.id AND c.genesis = %s RETURNING 1",
        genesis,
    )
    ledger_index.follow(range_blocks=2)
    assert ledger_index.indexed() == said == ledger_index.said()


def test_two_workers_at_once_index_everything_once(ledger_index: Ledger) -> None:
    ledger_index.issue(30)
    both = [
        ledger_index.country.office_later(evidencework.follow, ledger_index.source, {"range_blocks": 1}, None)
        for _ in range(2)
    ]
    for one in both:
        one.result(PATIENCE)
    ledger_index.follow()
    assert ledger_index.indexed() == ledger_index.said()


def test_stores_are_asked_for_in_one_filter_from_the_first_ones_block(
    ledger_index: Ledger, before: Any
) -> None:
    others = [ledger_index.new_store() for _ in range(3)]
    filters: list[Any] = []
    url = before(ledger_index.chain.rpc_url, lambda calls: filters.extend(logs_asked(calls)))
    ledger_index.follow(at=url)
    assert [one["fromBlock"] for one in filters] == ["0x1"]
    addresses = {store.address.lower() for store in (ledger_index.store, *others)}
    assert {address.lower() for address in filters[0]["address"]} == addresses


def test_a_store_is_followed_from_its_deployment(ledger_index: Ledger) -> None:
    ledger_index.mine(40)
    late = ledger_index.new_store()
    query = "SELECT first_block FROM evidence_followedstore WHERE address = %s"
    assert ledger_index.country.rows(query, late.address.lower()) == [(42,)]


def test_a_new_store_is_back_filled_after_the_news(ledger_index: Ledger, before: Any) -> None:
    late = ledger_index.new_store(followed=False)
    ledger_index.issue(3, late)
    ledger_index.issue(3)
    ledger_index.follow()
    ledger_index.follow_stores(late)
    ledger_index.issue(1, late)
    ledger_index.issue(1)
    assert ledger_index.position().stores_behind == 1
    assert ledger_index.position().blocks_behind == 7  # from the late store's own block to the head last seen
    starts: list[int] = []
    url = before(
        ledger_index.chain.rpc_url,
        lambda calls: starts.extend(int(one["fromBlock"], 16) for one in logs_asked(calls)),
    )
    position, _ = ledger_index.follow(at=url, range_blocks=4)
    assert starts == [9, 2, 6, 10]
    assert ledger_index.indexed() == ledger_index.said(ledger_index.store, late)
    assert (position.stores_behind, position.blocks_behind) == (0, 0)


def test_following_a_store_twice_is_following_it_once(ledger_index: Ledger) -> None:
    assert ledger_index.follow_stores(ledger_index.store) == []


def test_nothing_followed_is_said_so(country: Any, new_chain: Any) -> None:
    chain = new_chain()
    source = evidencework.Source(chain.rpc_url, chain.chain_id, chain.genesis)
    assert country.office(evidencework.position, source) is None
    with pytest.raises(OperatorError) as error:
        country.office(evidencework.follow, source, {}, None)
    assert error.value.code == "NOTHING_FOLLOWED"


def test_a_long_way_is_gone_in_several_runs(ledger_index: Ledger) -> None:
    ledger_index.issue(9)
    position, steps = ledger_index.follow(range_blocks=2, max_ranges=3)
    assert [(step.block, step.events) for step in steps] == [(2, 1), (4, 3), (6, 5)]
    assert (position.complete_at, position.blocks_behind) == (None, 4)
    position, steps = ledger_index.follow(range_blocks=2)
    assert [step.block for step in steps] == [8, 10]
    assert position.complete_at == position.looked_at
    assert ledger_index.indexed() == ledger_index.said()


def test_it_says_how_far_it_is_behind(ledger_index: Ledger, before: Any) -> None:
    ledger_index.issue(2)
    position, _ = ledger_index.follow()
    assert position.blocks_behind == 0
    assert ledger_index.position().seconds_now < PATIENCE
    ledger_index.mine(7)
    silent = before(ledger_index.chain.rpc_url, lambda calls: [] if logs_asked(calls) else None)
    with pytest.raises(LedgerUnavailable):
        ledger_index.follow(at=silent)
    late = ledger_index.position()
    assert late.blocks_behind == 7
    assert late.complete_at == position.complete_at < late.looked_at
    assert late.seconds_later == 90


# --- endpoints that refuse ----------------------------------------------------------------------------


def spans(calls: list[dict[str, Any]]) -> list[int]:
    """Return how many blocks each filter asks for."""
    return [int(one["toBlock"], 16) - int(one["fromBlock"], 16) + 1 for one in logs_asked(calls)]


def test_a_range_that_is_refused_is_halved_and_grows_again(ledger_index: Ledger, before: Any) -> None:
    ledger_index.issue(20)
    ledger_index.mine(60)
    asked: list[int] = []

    def limited(calls: list[dict[str, Any]]) -> Any:
        asked.extend(spans(calls))
        if max(spans(calls), default=0) <= 5:
            return None
        return refusing(ledger_index.chain.rpc_url, calls, "query exceeds max block range 5")

    ledger_index.follow(at=before(ledger_index.chain.rpc_url, limited), range_blocks=64)
    assert ledger_index.indexed() == ledger_index.said()
    assert asked[:5] == [64, 32, 16, 8, 4]
    assert 5 < len(asked) < 32
