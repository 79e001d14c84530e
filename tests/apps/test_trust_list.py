"""Trust lists: one for each number, the newest one published, whoever dies or publishes at the same time."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from govseal.core import trustlist
from govseal.project.wiring.checkpoints import DEPTH
from support.country import PATIENCE, Country
from support.officework import (
    add_institution_and_die,
    ensure_trust_list,
    fill_status_list,
    prepare,
    publish_and_die,
    publish_trust_list,
    publish_trust_list_without_the_chain,
)


@pytest.fixture
def published(country: Country) -> Path:
    country.institution()
    return country.home / "published" / ".well-known" / "govseal" / "trust-list.jwt"


def sequences(country: Country) -> list[int]:
    return [one for (one,) in country.rows("SELECT sequence FROM registry_publishedtrustlist ORDER BY 1")]


def kept(country: Country) -> bytes:
    return bytes(
        country.rows("SELECT token FROM registry_publishedtrustlist ORDER BY sequence DESC LIMIT 1")[0][0]
    )


def read(country: Country, token: bytes) -> trustlist.TrustList:
    pin = (country.home / "trust" / "trust-list-signer.der").read_bytes()
    return trustlist.read(token, pin=pin, now=datetime.now(UTC))


def test_publishers_at_the_same_time_take_turns(country: Country, published: Path) -> None:
    before = sequences(country)
    for one in [country.office_later(publish_trust_list, 5) for _ in range(2)]:
        one.result(PATIENCE)
    assert sequences(country) == list(range(1, len(before) + 11))
    assert published.read_bytes() == kept(country)


def test_each_list_names_its_predecessor(country: Country, published: Path) -> None:
    country.office(publish_trust_list, 1)
    tokens = [
        bytes(one)
        for (one,) in country.rows(
            "SELECT token FROM registry_publishedtrustlist ORDER BY sequence DESC LIMIT 2"
        )
    ]
    assert read(country, tokens[0]).predecessor == trustlist.fingerprint(tokens[1])


def test_a_list_bears_a_checkpoint_deep_in_the_chain(country: Country, published: Path) -> None:
    country.rpc("anvil_mine", hex(DEPTH + 10))
    country.office(publish_trust_list, 1)
    checkpoint = read(country, published.read_bytes()).checkpoint
    assert checkpoint is not None
    assert (f"0x{checkpoint.chain_id:x}", checkpoint.genesis) == (
        country.rpc("eth_chainId"),
        country.rpc("eth_getBlockByNumber", "0x0", False)["hash"],
    )
    block = country.rpc("eth_getBlockByNumber", hex(checkpoint.block_number), False)
    assert checkpoint.block_hash == block["hash"]
    assert checkpoint.block_time.timestamp() == int(block["timestamp"], 16)
    assert checkpoint.block_number == int(country.rpc("eth_blockNumber"), 16) - DEPTH - 1 > 0
    before = sequences(country)
    country.rpc("anvil_mine", hex(1))
    country.office(ensure_trust_list)
    assert sequences(country) == before  # a newer block alone is no reason for another list


def test_a_list_that_is_made_while_the_chain_is_away_bears_none(country: Country, published: Path) -> None:
    country.office(publish_trust_list_without_the_chain)
    assert read(country, published.read_bytes()).checkpoint is None


def test_a_list_whose_publisher_died_is_published_by_the_next_start(
    country: Country, published: Path
) -> None:
    old = published.read_bytes()
    country.office(publish_and_die)
    assert published.read_bytes() == old != kept(country)
    numbers = sequences(country)
    country.office(ensure_trust_list)
    assert published.read_bytes() == kept(country)
    assert sequences(country) == numbers


def test_an_institution_whose_adding_was_cut_short_is_listed_by_the_next_start(
    country: Country, published: Path
) -> None:
    numbers = sequences(country)
    country.office(add_institution_and_die, "cut-short")
    assert sequences(country) == numbers
    country.office(ensure_trust_list)
    assert sequences(country) == [*numbers, numbers[-1] + 1]
    country.office(ensure_trust_list)
    assert len(sequences(country)) == len(numbers) + 1


def test_the_list_names_the_status_lists_in_use_and_one_ahead(country: Country, published: Path) -> None:
    code = country.institution()
    country.office(prepare, code, ["first"])
    began, _ = country.office(fill_status_list, code, "second")
    assert began == 1
    pin = (country.home / "trust" / "trust-list-signer.der").read_bytes()
    institution = trustlist.read(published.read_bytes(), pin=pin, now=datetime.now(UTC)).find_institution(
        code
    )
    ((newest,),) = country.rows("SELECT max(status_list) FROM issuance_document")
    assert institution is not None
    origin = institution.status_uris[0].rpartition("/status/")[0]
    assert institution.status_uris == tuple(f"{origin}/status/{number}" for number in range(newest + 2))
