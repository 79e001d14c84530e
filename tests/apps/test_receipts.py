"""Anchor receipts as they are published: one for each batch, signed once, put back when lost."""

from pathlib import Path

import pytest

from support.country import PATIENCE, Country
from support.lists import publisher_that_dies, receipt_of
from support.officework import prepare, reconcile, run_outbox
from support.publishwork import publish, restore


@pytest.fixture
def institution(country: Country) -> str:
    country.office(publish)  # what the tests before have anchored
    return country.institution()


@pytest.fixture
def root(country: Country, institution: str) -> bytes:
    """The root of an anchored batch that has no receipt yet."""
    country.office(prepare, institution, ["R-1"])
    country.office(run_outbox, institution, 1, 0.0)
    ((root, _),) = country.batches(institution)
    return root


def file_of(country: Country, root: bytes) -> Path:
    return country.home / "published" / "a" / root.hex()


def test_an_anchored_batch_gets_one_receipt_that_says_where_it_stands(
    country: Country, institution: str, root: bytes
) -> None:
    assert country.office(publish)[1] == 1
    receipt = receipt_of(country, institution, root)
    block = country.rpc("eth_getBlockByNumber", hex(receipt.block_number), True)
    assert bytes.fromhex(block["hash"][2:]) == receipt.block_hash
    assert int(block["timestamp"], 16) == receipt.block_time.timestamp()
    assert f"0x{receipt.transaction.hex()}" in {one["hash"] for one in block["transactions"]}
    assert country.office(publish)[1] == 0


def test_a_batch_that_is_not_anchored_gets_none(country: Country, institution: str) -> None:
    country.office(prepare, institution, ["R-1"])
    country.office(run_outbox, institution, 100, 10.0 * PATIENCE)
    assert country.office(publish)[1] == 0


@pytest.mark.parametrize("at", ["before-put", "after-put"])
def test_a_publisher_killed_midway_leaves_one_receipt(
    country: Country, institution: str, root: bytes, at: str
) -> None:
    publisher_that_dies(country, at)
    left = file_of(country, root).read_bytes() if at == "after-put" else None
    assert country.office(publish)[1] == 1
    assert left in {None, file_of(country, root).read_bytes()}
    assert receipt_of(country, institution, root).root == root


@pytest.mark.parametrize("content", [None, b"something else"])
def test_a_lost_or_altered_receipt_comes_back_byte_for_byte(
    country: Country, root: bytes, content: bytes | None
) -> None:
    country.office(publish)
    file = file_of(country, root)
    signed = file.read_bytes()
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert country.office(restore)[1] == 1
    assert file.read_bytes() == signed
    assert country.office(restore)[1] == 0


def test_what_stands_in_a_receipt_s_place_gives_way_to_it(
    country: Country, institution: str, root: bytes
) -> None:
    file_of(country, root).parent.mkdir(exist_ok=True)
    file_of(country, root).write_bytes(b"something else")
    country.office(publish)
    assert receipt_of(country, institution, root).root == root


def test_a_root_that_is_anchored_again_keeps_its_receipt(country: Country, institution: str) -> None:
    before = country.rpc("evm_snapshot")
    country.office(prepare, institution, ["R-1"])
    country.office(run_outbox, institution, 1, 0.0)
    ((root, _),) = country.batches(institution)
    country.office(publish)
    signed = file_of(country, root).read_bytes()
    country.rpc("evm_revert", before)
    assert country.office(reconcile, institution) == 1
    assert country.office(run_outbox, institution, 1, 0.0) is None
    assert country.events(institution) == [root]
    assert country.office(publish)[1] == 0
    assert file_of(country, root).read_bytes() == signed
