"""Chains that change their past: forks, rewinds, stores deployed anew, and changes in the middle of a reading."""

from typing import Any

import pytest

from govseal.core.errors import LedgerMoved
from support.evidence import Ledger, logs_asked
from support.nodes import rpc


def test_a_fork_within_the_depth_is_read_again(ledger_index: Ledger) -> None:
    kept = ledger_index.issue(3)
    back = ledger_index.snapshot()
    lost = ledger_index.issue(3)
    ledger_index.revoke(kept[0])
    ledger_index.follow()
    back()
    ledger_index.mine(2)
    anew = ledger_index.issue(4)
    position, _ = ledger_index.follow()
    values = [value for *_, value in ledger_index.indexed()]
    assert ledger_index.indexed() == ledger_index.said()
    assert {*kept, *anew} == set(values)
    assert not set(lost) & set(values)
    assert (position.blocks_behind, position.complete_at) == (0, position.looked_at)


@pytest.mark.parametrize("depth", [1, 4])
def test_a_fork_deeper_than_the_depth_is_read_again(ledger_index: Ledger, depth: int) -> None:
    ledger_index.issue(6)
    back = ledger_index.snapshot()
    ledger_index.issue(9)
    ledger_index.mine(5)
    ledger_index.follow(depth=depth)
    back()
    ledger_index.issue(7)
    ledger_index.mine(8)
    ledger_index.follow(depth=depth)
    assert ledger_index.indexed() == ledger_index.said()


def test_only_the_newest_hashes_are_kept(ledger_index: Ledger) -> None:
    query = (
        "SELECT k.number FROM evidence_keptblock k JOIN evidence_followedchain c ON c.id = k.chain_id"
        " WHERE c.genesis = %s ORDER BY 1"
    )
    ledger_index.mine(30)
    ledger_index.follow(depth=4)
    assert ledger_index.country.rows(query, ledger_index.source.genesis) == [(28,), (29,), (30,), (31,)]
    ledger_index.mine(2)
    ledger_index.follow(depth=4)
    assert ledger_index.country.rows(query, ledger_index.source.genesis) == [(30,), (31,), (32,), (33,)]


def test_a_fork_within_the_depth_costs_the_blocks_above_it(ledger_index: Ledger, before: Any) -> None:
    ledger_index.issue(20)
    back = ledger_index.snapshot()
    ledger_index.issue(2)
    ledger_index.follow()
    back()
    ledger_index.mine(4)
    filters: list[Any] = []
    url = before(ledger_index.chain.rpc_url, lambda calls: filters.extend(logs_asked(calls)))
    ledger_index.follow(at=url)
    assert [(one["fromBlock"], one["toBlock"]) for one in filters] == [(hex(22), hex(25))]


def test_a_chain_that_forgot_its_last_blocks_is_followed_back(ledger_index: Ledger) -> None:
    ledger_index.issue(2)
    back = ledger_index.snapshot()
    ledger_index.issue(3)
    ledger_index.follow()
    assert len(ledger_index.indexed()) == 5
    back()
    position, _ = ledger_index.follow()
    assert ledger_index.indexed() == ledger_index.said()
    assert (len(ledger_index.indexed()), position.next_block) == (2, 4)


def test_a_chain_killed_and_started_again_is_followed(ledger_index: Ledger) -> None:
    """anvil writes its state each second, so the last blocks are lost with SIGKILL."""
    ledger_index.issue(2)
    ledger_index.chain.stop()
    ledger_index.chain.start()
    ledger_index.issue(5)
    ledger_index.follow()
    ledger_index.chain._process.kill()
    ledger_index.chain._process.wait()
    ledger_index.chain.start()
    ledger_index.issue(1)
    ledger_index.follow()
    assert ledger_index.indexed() == ledger_index.said()


def test_a_store_deployed_anew_in_an_earlier_block_is_read_from_there(
    ledger_index: Ledger,
) -> None:
    back = ledger_index.snapshot()
    ledger_index.mine(10)
    store = ledger_index.new_store()
    ledger_index.issue(2, store)
    ledger_index.follow()
    back()
    again = ledger_index.new_store(followed=False)
    assert again == store
    ledger_index.issue(2, again)
    ledger_index.mine(12)
    ledger_index.follow()
    assert ledger_index.indexed() == ledger_index.said(ledger_index.store, store)
    assert len(ledger_index.indexed()) == 2
    ledger_index.rebuild()
    assert len(ledger_index.indexed()) == 2


def test_a_chain_rewound_to_before_everything_known_is_read_from_its_start(ledger_index: Ledger) -> None:
    ledger_index.issue(2)
    ledger_index.follow(depth=1)
    rpc(ledger_index.chain.rpc_url, "anvil_rollback", 3)
    again = ledger_index.new_store(followed=False)
    assert again == ledger_index.store
    ledger_index.issue(3)
    ledger_index.follow(depth=1)
    assert ledger_index.indexed() == ledger_index.said()
    assert len(ledger_index.indexed()) == 3


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("request_number", [1, 2, 3, 4, 5])
def test_a_fork_at_any_moment_of_a_run_leaves_what_the_chain_says(
    ledger_index: Ledger, before: Any, request_number: int, *, behind: bool
) -> None:
    """A run asks five times: head, tip, headers, events, and headers again."""
    late = ledger_index.new_store(followed=False)
    stores = (ledger_index.store, late)

    def issue() -> None:
        for store in stores:
            ledger_index.issue(1, store)

    issue()
    back = ledger_index.snapshot()
    issue()
    ledger_index.follow()
    if behind:
        ledger_index.follow_stores(late)
    else:
        ledger_index.issue(1)
    requests = []

    def fork(calls: list[dict[str, Any]]) -> None:
        requests.append(calls)
        if len(requests) == request_number:
            back()
            ledger_index.mine(2)
            issue()
            ledger_index.mine(4)

    # Without a store that is behind, one range is enough, and nothing after it puts right what it kept.
    url = before(ledger_index.chain.rpc_url, fork)
    ledger_index.follow(at=url, max_ranges=None if behind else 1)
    assert len(requests) > request_number
    assert ledger_index.indexed() == ledger_index.said(*(stores if behind else stores[:1]))


@pytest.mark.parametrize("request_number", [1, 2, 3, 4, 5])
def test_a_fork_above_what_was_read_leaves_nothing_of_it(
    ledger_index: Ledger, before: Any, request_number: int
) -> None:
    """The tip stands; only the last block of the range tells."""
    ledger_index.issue(1)
    ledger_index.follow()
    back = ledger_index.snapshot()
    ledger_index.issue(2)
    requests = []

    def fork(calls: list[dict[str, Any]]) -> None:
        requests.append(calls)
        if len(requests) == request_number:
            back()
            ledger_index.mine(1)
            ledger_index.issue(1)

    ledger_index.follow(at=before(ledger_index.chain.rpc_url, fork), max_ranges=1)
    assert len(requests) >= request_number
    assert ledger_index.indexed() == ledger_index.said()


def test_a_chain_that_does_not_stand_still_is_left_for_the_next_run(
    ledger_index: Ledger, before: Any
) -> None:
    ledger_index.issue(2)
    looks = []

    def restless(calls: list[dict[str, Any]]) -> None:
        if logs_asked(calls):
            looks.append(1)
            rpc(ledger_index.chain.rpc_url, "anvil_rollback", 1)
            ledger_index.issue(1)

    with pytest.raises(LedgerMoved):
        ledger_index.follow(at=before(ledger_index.chain.rpc_url, restless))
    assert len(looks) == 8
    assert ledger_index.position().complete_at is None
    ledger_index.follow()
    assert ledger_index.indexed() == ledger_index.said()
