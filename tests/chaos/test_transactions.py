"""Transactions between the outbox and the chain: lost, doubled, stuck, overtaken and forgotten."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from govseal.core.errors import LedgerUnavailable
from support import chaoswork
from support.country import Country
from support.endpoint import endpoint
from support.nodes import passed_on
from support.officework import prepare, revoke
from support.waiting import until

SENDING = "eth_sendRawTransaction"


@pytest.fixture
def institution(country: Country) -> str:
    return country.institution()


@pytest.fixture
def letter(country: Country, institution: str) -> str:
    """One letter, waiting."""
    return str(country.office(prepare, institution, ["N-0"])[0])


class Sent:
    """What the institution's newest batch says of its transaction."""

    def __init__(self, country: Country, institution: str) -> None:
        (row,) = country.rows(
            "SELECT b.state, b.transaction, b.raw_transaction, b.transaction_nonce FROM issuance_batch b"
            " JOIN registry_institution i ON i.id = b.institution_id WHERE i.code = %s ORDER BY b.id DESC LIMIT 1",
            institution,
        )
        self.state, digest, raw, self.nonce = row
        self.hash = bytes(digest) if digest else None
        self.raw = bytes(raw) if raw else None


def run(country: Country, institution: str, rpc_url: str = "", **policy: Any) -> float | None:
    """Run the outbox once."""
    order = (policy.get("finality", 1), policy.get("replace_after", 3600.0))
    return country.office(chaoswork.run_outbox, institution, rpc_url or country.chain.rpc_url, *order)


def drain(country: Country, institution: str, **policy: Any) -> None:
    """Run the outbox until nothing is left to do."""
    until(
        lambda: run(country, institution, **policy) is None,
        lambda: Sent(country, institution).state,
        pause=0.05,
    )


def account(country: Country, institution: str) -> str:
    """Return the address of the institution's ledger account."""
    return str(country.office(chaoswork.account, institution))


def taken(country: Country, institution: str) -> int:
    """Return how many transactions the chain has taken from the institution's account."""
    return int(country.rpc("eth_getTransactionCount", account(country, institution), "latest"), 16)


@contextmanager
def between(country: Country, send: Callable[[Callable[[], bytes]], bytes]) -> Iterator[str]:
    """Put an endpoint before the chain that lets all through, but sending as `send` makes of it."""

    def answer(body: bytes) -> bytes:
        def forward() -> bytes:
            return passed_on(country.chain.rpc_url, body)

        asked = json.loads(body)
        return send(forward) if isinstance(asked, dict) and asked["method"] == SENDING else forward()

    with endpoint(answer) as url:
        yield url


# --- on the way ---------------------------------------------------------------------------------------


def test_a_transaction_is_recorded_before_it_is_sent_and_sent_again_as_it_was(
    country: Country, institution: str, letter: str
) -> None:
    with between(country, lambda _: b"") as never, pytest.raises(LedgerUnavailable):
        run(country, institution, never)
    recorded = Sent(country, institution)
    assert (recorded.state, recorded.raw is None) == ("sent", False)
    assert country.rpc("eth_getTransactionByHash", "0x" + recorded.hash.hex()) is None
    drain(country, institution)
    assert Sent(country, institution).hash == recorded.hash
    assert (len(country.events(institution)), taken(country, institution)) == (1, 2)


def test_an_answer_that_is_lost_after_the_chain_accepted_costs_nothing(
    country: Country, institution: str, letter: str
) -> None:
    def accept_and_say_nothing(forward: Callable[[], bytes]) -> bytes:
        forward()
        return b""

    with between(country, accept_and_say_nothing) as silent, pytest.raises(LedgerUnavailable):
        run(country, institution, silent)
    drain(country, institution)
    assert (len(country.events(institution)), taken(country, institution)) == (1, 2)


def test_a_transaction_delivered_twice_is_taken_once(country: Country, institution: str, letter: str) -> None:
    answers: list[bytes] = []

    def twice(forward: Callable[[], bytes]) -> bytes:
        forward()
        answers.append(forward())
        return answers[-1]

    with between(country, twice) as doubling:
        run(country, institution, doubling)
    assert b"error" in answers[0]
    drain(country, institution)
    assert (len(country.events(institution)), taken(country, institution)) == (1, 2)


# --- nonces -------------------------------------------------------------------------------------------


def test_a_nonce_that_another_transaction_took_is_given_up_for_the_next(
    country: Country, institution: str, letter: str
) -> None:
    with between(country, lambda _: b"") as never, pytest.raises(LedgerUnavailable):
        run(country, institution, never)
    overtaken = Sent(country, institution)
    country.office(chaoswork.send_of_its_own, institution, country.chain.rpc_url)
    country.until(lambda: len(country.events(institution)) == 1)
    drain(country, institution)
    anchored = Sent(country, institution)
    assert (anchored.state, anchored.nonce) == ("anchored", overtaken.nonce + 1)
    assert country.batches(institution)[0][0] in country.events(institution)
    assert taken(country, institution) == 3


def test_a_count_from_a_branch_that_is_left_the_next_moment_gives_nothing_up(
    country: Country, institution: str, letter: str
) -> None:
    with between(country, lambda _: b"") as never, pytest.raises(LedgerUnavailable):
        run(country, institution, never)
    recorded = Sent(country, institution)
    counted: list[int] = []

    def once_too_many(body: bytes) -> bytes:
        content = passed_on(country.chain.rpc_url, body)
        asked = json.loads(body)
        if counted or not isinstance(asked, list) or asked[-1]["method"] != "eth_getTransactionCount":
            return content
        answers = json.loads(content)
        for answer in answers[-2:]:
            counted.append(int(answer["result"], 16) + 1)
            answer["result"] = hex(counted[-1])
        return json.dumps(answers).encode()

    with endpoint(once_too_many) as url:
        run(country, institution, url)
    assert counted == [recorded.nonce + 1] * 2
    drain(country, institution)
    assert Sent(country, institution).hash == recorded.hash
    assert (len(country.events(institution)), taken(country, institution)) == (1, 2)


def test_what_a_chain_forgot_is_sent_again_as_it_was_before_anything_new(
    country: Country, institution: str, letter: str
) -> None:
    before = country.rpc("evm_snapshot")
    drain(country, institution)
    country.office(revoke, letter)
    drain(country, institution)
    country.office(prepare, institution, ["N-1"])
    drain(country, institution)
    issued, revoked = country.events(institution), country.events(institution, "DocumentRevoked")
    hashes = country.rows("SELECT transaction FROM issuance_batch ORDER BY id")
    country.rpc("evm_revert", before)
    country.office(prepare, institution, ["N-2"])
    drain(country, institution)
    assert country.events(institution)[:2] == issued
    assert country.events(institution, "DocumentRevoked") == revoked
    assert country.rows("SELECT transaction FROM issuance_batch ORDER BY id")[: len(hashes)] == hashes
    assert taken(country, institution) == 1 + 4


def test_a_gap_that_nobody_fills_is_closed(country: Country, institution: str, letter: str) -> None:
    before = country.rpc("evm_snapshot")
    country.office(chaoswork.send_of_its_own, institution, country.chain.rpc_url)
    country.until(lambda: len(country.events(institution)) == 1)
    run(country, institution, finality=9)
    waiting = Sent(country, institution)
    assert (waiting.state, waiting.nonce) == ("sent", 2)
    country.rpc("evm_revert", before)
    drain(country, institution)
    anchored = Sent(country, institution)
    assert (anchored.state, anchored.nonce) == ("anchored", 1)
    assert country.events(institution) == [country.batches(institution)[0][0]]


def test_a_worker_that_lost_its_lock_can_send_nothing(
    country: Country, institution: str, letter: str
) -> None:
    failed = country.office(chaoswork.run_outbox_losing_the_lock, institution)
    assert failed == "OperationalError"
    assert (Sent(country, institution).state, taken(country, institution)) == ("published", 1)
    drain(country, institution)
    assert (len(country.events(institution)), taken(country, institution)) == (1, 2)


# --- stuck --------------------------------------------------------------------------------------------


@pytest.fixture
def dear(country: Country, institution: str) -> Iterator[None]:
    """Let gas cost something, and blocks come when they are asked for."""
    sender = account(country, institution)
    country.rpc("anvil_setBalance", sender, hex(10**18))
    country.rpc("anvil_setNextBlockBaseFeePerGas", hex(10**9))
    country.rpc("evm_mine")
    country.rpc("evm_setAutomine", False)
    yield
    country.rpc("evm_setAutomine", True)
    country.rpc("anvil_setNextBlockBaseFeePerGas", "0x0")
    country.rpc("evm_mine")


def test_a_stuck_transaction_is_replaced_by_one_that_pays_more(
    country: Country, institution: str, letter: str, dear: None
) -> None:
    run(country, institution)
    first = Sent(country, institution)
    run(country, institution)
    assert Sent(country, institution).hash == first.hash
    run(country, institution, replace_after=0.0)
    second = Sent(country, institution)
    old, new = (country.rpc("eth_getTransactionByHash", "0x" + one.hash.hex()) for one in (first, second))
    assert (old, second.nonce) == (None, first.nonce)
    assert new is not None
    country.rpc("evm_mine")
    drain(country, institution)
    assert Sent(country, institution).hash == second.hash
    assert (len(country.events(institution)), taken(country, institution)) == (1, 2)


def test_a_replaced_transaction_that_is_mined_after_all_is_the_one_that_counts(
    country: Country, institution: str, letter: str, dear: None
) -> None:
    run(country, institution)
    first = Sent(country, institution)
    with between(country, lambda _: b"") as never, pytest.raises(LedgerUnavailable):
        run(country, institution, never, replace_after=0.0)
    assert Sent(country, institution).hash != first.hash
    country.rpc("evm_mine")
    drain(country, institution)
    assert Sent(country, institution).hash == first.hash
    assert (len(country.events(institution)), taken(country, institution)) == (1, 2)


def test_where_gas_is_free_a_waiting_transaction_is_only_sent_again(
    country: Country, institution: str, letter: str
) -> None:
    country.rpc("evm_setAutomine", False)
    try:
        run(country, institution)
        first = Sent(country, institution)
        run(country, institution, replace_after=0.0)
        assert Sent(country, institution).hash == first.hash
    finally:
        country.rpc("evm_setAutomine", True)
    country.rpc("evm_mine")
    drain(country, institution)
    assert (len(country.events(institution)), taken(country, institution)) == (1, 2)
