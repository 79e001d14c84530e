"""Comparing the index with the chain: what stands on one side only is listed, and nothing is changed."""

from typing import Any

from support import evidencework
from support.evidence import Ledger


def compare(ledger_index: Ledger, *, range_blocks: int = 2_000, **between: int) -> Any:
    return ledger_index.country.office(
        evidencework.compare, ledger_index.source, {"range_blocks": range_blocks}, between
    )


def damage(ledger_index: Ledger, change: str, *values: Any) -> None:
    condition = " AND chain_id = (SELECT id FROM evidence_followedchain WHERE genesis = %s) RETURNING 1"
    assert ledger_index.country.rows(change + condition, *values, ledger_index.source.genesis)


def test_an_index_like_its_chain_has_no_difference(ledger_index: Ledger) -> None:
    ledger_index.revoke(ledger_index.issue(5)[0])
    ledger_index.follow()
    found = compare(ledger_index, range_blocks=2)
    assert (found.first, found.last, found.events, found.differing) == (1, 7, 6, 0)


def test_what_is_not_read_yet_is_no_difference(ledger_index: Ledger) -> None:
    ledger_index.issue(2)
    ledger_index.follow()
    ledger_index.issue(2)
    found = compare(ledger_index)
    assert (found.last, found.events, found.differing) == (3, 2, 0)


def test_each_event_on_one_side_only_is_listed(ledger_index: Ledger) -> None:
    first, second, third = ledger_index.issue(3)
    ledger_index.follow()
    damage(ledger_index, "DELETE FROM evidence_event WHERE value = %s", first)
    damage(ledger_index, "UPDATE evidence_event SET kind = 'revoked' WHERE value = %s", third)
    found = compare(ledger_index)
    listed = [(side, event.kind.value, event.value, event.block_number) for side, event in found.differences]
    assert listed == [
        ("chain", "issued", first, 2),
        ("chain", "issued", third, 4),
        ("index", "revoked", third, 4),
    ]
    assert (found.events, found.differing) == (1, 3)
    assert compare(ledger_index, first=3, last=3).differing == 0
    assert compare(ledger_index, first=4).differing == 2
    assert second in [value for *_, value in ledger_index.indexed()]


def test_many_differences_are_counted_and_some_listed(ledger_index: Ledger) -> None:
    ledger_index.issue_in_one_block(150)
    ledger_index.follow()
    damage(ledger_index, "DELETE FROM evidence_event WHERE true")
    found = compare(ledger_index)
    assert (found.differing, len(found.differences)) == (150, 100)


def test_a_chain_that_is_not_followed_has_nothing_to_compare(country: Any, new_chain: Any) -> None:
    chain = new_chain()
    source = evidencework.Source(chain.rpc_url, chain.chain_id, chain.genesis)
    found = country.office(evidencework.compare, source, {}, {})
    assert (found.last, found.events, found.differing) == (0, 0, 0)
