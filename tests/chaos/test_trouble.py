"""What keeps a batch or a revocation from the ledger: kept, told, tried again ever more seldom, and gone once mended."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from support import chaoswork
from support.country import Country, result
from support.endpoint import endpoint
from support.nodes import passed_on
from support.officework import prepare, reconcile, revoke

TOO_LITTLE_GAS = 22_000  # enough to be taken into a block, and not for what the contract does


@pytest.fixture
def institution(country: Country) -> str:
    return country.institution()


@contextmanager
def answering(country: Country, method: str, answer: dict[str, object]) -> Iterator[str]:
    """Put an endpoint before the chain that gives one method's calls an answer of its own."""

    def forward(body: bytes) -> bytes:
        asked = json.loads(body)
        if isinstance(asked, dict) and asked["method"] == method:
            return json.dumps({"jsonrpc": "2.0", "id": asked["id"], **answer}).encode()
        return passed_on(country.chain.rpc_url, body)

    with endpoint(forward) as url:
        yield url


def run(
    country: Country, institution: str, rpc_url: str = "", finality: int = 1, at: datetime | None = None
) -> float | None:
    return country.office(
        chaoswork.run_outbox, institution, rpc_url or country.chain.rpc_url, finality, 3600.0, at
    )


def drain(country: Country, institution: str) -> None:
    country.until(lambda: run(country, institution) is None)


def trouble(country: Country, institution: str) -> tuple[str, str, int, datetime | None]:
    """Return state, trouble, failures and the moment of the next attempt of the newest batch."""
    (row,) = country.rows(
        "SELECT b.state, b.trouble, b.failures, b.retry_at FROM issuance_batch b"
        " JOIN registry_institution i ON i.id = b.institution_id WHERE i.code = %s ORDER BY b.id DESC LIMIT 1",
        institution,
    )
    return row


def pass_time(country: Country, institution: str) -> None:
    country.rows(
        "UPDATE issuance_batch SET retry_at = now() WHERE institution_id ="
        " (SELECT id FROM registry_institution WHERE code = %s) RETURNING id",
        institution,
    )


def soon() -> datetime:
    """Return what an outbox's clock may show all the while, however long a test takes: it forms batches of what is older."""
    return datetime.now(UTC) + timedelta(minutes=10)


def fails(country: Country, institution: str, rpc_url: str, times: int, now: datetime) -> None:
    """Run the outbox at one moment until the newest batch has failed so often."""

    def has_failed() -> bool:
        run(country, institution, rpc_url, at=now)
        return trouble(country, institution)[2] == times

    country.until(has_failed)


def test_a_transaction_that_always_fails_waits_ever_longer_and_its_reason_is_told(
    country: Country, institution: str
) -> None:
    country.office(prepare, institution, ["N-0"])
    now = soon()
    with answering(country, "eth_estimateGas", {"result": hex(TOO_LITTLE_GAS)}) as stingy:
        for failures, seconds in ((1, 5.0), (2, 10.0), (3, 20.0)):
            fails(country, institution, stingy, failures, now)
            state, why, _, retry_at = trouble(country, institution)
            assert (state, "failed on the ledger" in why) == ("published", True)
            assert retry_at == now + timedelta(seconds=seconds)
            before = country.rpc("eth_blockNumber")
            assert run(country, institution, stingy, at=now) == seconds
            assert country.rpc("eth_blockNumber") == before, "it was sent before its time"
            now = retry_at
    shown = country.run("outbox", "--json")
    assert shown.returncode == 2
    (told,) = [one for one in result(shown)["troubles"] if one["institution"] == institution]
    assert (told["failures"], told["state"]) == (3, "published")
    assert "failed on the ledger" in told["why"]
    looked = {one["name"]: one for one in result(country.run("doctor", "--json"))["findings"]}
    assert not looked["queue"]["well"]
    retried = country.run("outbox", "--retry", "--json")
    assert (retried.returncode, result(retried)["retried"]) == (0, 1)
    drain(country, institution)
    assert trouble(country, institution) == ("anchored", "", 0, None)
    assert country.events(institution) == [country.batches(institution)[0][0]]


def test_what_the_chain_says_against_a_transaction_is_told(country: Country, institution: str) -> None:
    country.office(prepare, institution, ["N-0"])
    says = {"error": {"code": -32000, "message": "insufficient funds for gas * price + value"}}
    with answering(country, "eth_sendRawTransaction", says) as poor:
        assert country.office(chaoswork.outbox_error, institution, poor) == "LEDGER_ACCOUNT_EMPTY"
    assert "cannot pay for gas" in trouble(country, institution)[1]
    drain(country, institution)
    assert trouble(country, institution)[:2] == ("anchored", "")


def test_one_s_trouble_holds_up_no_other(country: Country, institution: str) -> None:
    country.office(prepare, institution, ["N-0"])
    now = soon()
    with answering(country, "eth_estimateGas", {"result": hex(TOO_LITTLE_GAS)}) as stingy:
        fails(country, institution, stingy, 1, now)
    country.office(prepare, institution, ["N-1"])
    country.until(
        lambda: (
            run(country, institution, at=now) is not None
            and country.states(institution) == {"batched": 1, "anchored": 1}
        )
    )


def test_a_disk_that_takes_no_more_loses_nothing(country: Country, institution: str) -> None:
    country.office(prepare, institution, ["N-0", "N-1"])
    country.office(chaoswork.run_outbox_on_a_full_disk, institution)
    state, why, failures, retry_at = trouble(country, institution)
    assert (state, failures, country.events(institution)) == ("formed", 1, [])
    assert "File too large" in why
    assert retry_at is not None
    pass_time(country, institution)
    drain(country, institution)
    assert country.states(institution) == {"anchored": 2}
    assert trouble(country, institution) == ("anchored", "", 0, None)


# --- finality of revocations ------------------------------------------------------------------------------


def state_of(country: Country, document: str) -> str:
    return country.rows("SELECT state FROM issuance_revocation WHERE document_id = %s", document)[0][0]


def revoke_beside(country: Country, institution: str, document: str) -> None:
    target = country.rows("SELECT target_hash FROM issuance_document WHERE id = %s", document)[0][0]
    country.office(chaoswork.revoke_of_its_own, institution, country.chain.rpc_url, bytes(target))
    country.until(lambda: bytes(target) in country.events(institution, "DocumentRevoked"))


@pytest.mark.parametrize("others", ["sent by another", "sent by another while ours is under way"])
def test_a_revocation_is_confirmed_when_it_lies_deep_enough_whoever_sent_it(
    country: Country, institution: str, others: str
) -> None:
    (document,) = country.office(prepare, institution, ["N-0"])
    drain(country, institution)
    country.office(revoke, document)
    if others == "sent by another while ours is under way":
        country.rpc("evm_setAutomine", False)
        try:
            run(country, institution, finality=3)
            assert state_of(country, document) == "sent"
            country.rpc("anvil_dropAllTransactions")
        finally:
            country.rpc("evm_setAutomine", True)
    revoke_beside(country, institution, document)
    before = state_of(country, document)
    for _ in range(2):
        run(country, institution, finality=3)
        assert state_of(country, document) != "confirmed", f"confirmed too early, from {before}"
        country.rpc("evm_mine")
    country.until(lambda: run(country, institution, finality=3) is None)
    assert state_of(country, document) == "confirmed"
    assert len(country.events(institution, "DocumentRevoked")) == 1


# --- a chain that forgets even the store --------------------------------------------------------------------


@pytest.fixture
def newcomer(country: Country) -> tuple[str, Callable[[], None]]:
    """An institution, and a way to have the chain forget it and all it did."""
    before = country.rpc("evm_snapshot")
    return country.institution(), lambda: country.rpc("evm_revert", before)


@pytest.mark.parametrize("step", [run, lambda country, code: country.office(reconcile, code)])
def test_a_store_that_the_chain_has_lost_is_deployed_again_with_all_that_was_in_it(
    country: Country, newcomer: tuple[str, Callable[[], None]], step: Callable[[Country, str], object]
) -> None:
    institution, forget = newcomer
    (first,) = country.office(prepare, institution, ["N-0"])
    drain(country, institution)
    country.office(revoke, first)
    drain(country, institution)
    issued, revoked = country.events(institution), country.events(institution, "DocumentRevoked")
    assert (len(issued), len(revoked)) == (1, 1)
    forget()
    assert country.rpc("eth_getCode", country.store(institution).address, "latest") == "0x"
    country.office(prepare, institution, ["N-2"])
    step(country, institution)
    drain(country, institution)
    assert country.events(institution)[:1] == issued
    assert len(country.events(institution)) == 2
    assert country.events(institution, "DocumentRevoked") == revoked
