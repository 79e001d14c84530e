"""What is revoked on the ledger by another tool enters the status lists: a document, an inner node, a root."""

import psycopg
import pytest

from govseal.core import merkle
from support.country import Country
from support.lists import notice, state
from support.officework import prepare, run_outbox
from support.publishwork import change, enter_ledger_revocations, publish, revoke_elsewhere

HISTORY = "SELECT standing, code, source FROM issuance_standingchange WHERE document_id = %s ORDER BY id"


@pytest.fixture(scope="module")
def institution(country: Country) -> str:
    return country.institution()


@pytest.fixture
def documents(country: Country, institution: str, request: pytest.FixtureRequest) -> list[str]:
    """Four anchored documents of one batch, in the order of their leaves: two inner nodes, each over two."""
    made = country.office(prepare, institution, [f"{request.node.name}-{number}" for number in range(4)])
    country.office(run_outbox, institution, 4, 0.0)
    country.office(enter_ledger_revocations)
    return sorted(made, key=lambda one: path(country, one)[0])


def path(country: Country, document: str) -> list[bytes]:
    """The hashes at which a document can be revoked, from its own to the root."""
    ((target, proof),) = country.rows(
        "SELECT target_hash, proof FROM issuance_document WHERE id = %s", document
    )
    return list(merkle.path(bytes(target), [bytes(proof[at : at + 32]) for at in range(0, len(proof), 32)]))


def states(country: Country, documents: list[str]) -> list[str]:
    country.office(publish)
    return [state(country, one) for one in documents]


@pytest.mark.parametrize(("at", "revoked"), [(0, 1), (1, 2), (2, 4)], ids=["document", "inner node", "root"])
def test_whatever_another_tool_revokes_is_revoked_in_the_lists(
    country: Country, institution: str, documents: list[str], at: int, revoked: int
) -> None:
    country.office(revoke_elsewhere, institution, path(country, documents[0])[at])
    assert country.office(enter_ledger_revocations) == revoked
    assert states(country, documents) == ["revoked"] * revoked + ["valid"] * (4 - revoked)
    assert country.rows(HISTORY, documents[0]) == [("revoked", "other", "ledger")]
    told = notice(country, documents[0])
    assert told is not None
    assert (told.state.name, told.code) == ("REVOKED", "other")
    assert country.office(enter_ledger_revocations) == 0


def test_a_revocation_that_the_chain_takes_back_before_it_is_final_never_enters(
    country: Country, institution: str, documents: list[str]
) -> None:
    before = country.rpc("evm_snapshot")
    country.office(revoke_elsewhere, institution, path(country, documents[0])[0])
    assert country.office(enter_ledger_revocations, 3) == 0
    country.rpc("evm_revert", before)
    country.rpc("anvil_mine", hex(5))
    assert country.office(enter_ledger_revocations, 3) == 0
    country.office(revoke_elsewhere, institution, path(country, documents[1])[0])
    country.office(revoke_elsewhere, institution, path(country, documents[2])[0])
    assert country.office(enter_ledger_revocations, 3) == 0
    country.rpc("anvil_mine", hex(1))
    assert country.office(enter_ledger_revocations, 3) == 1
    assert states(country, documents) == ["valid", "revoked", "valid", "valid"]
    country.rpc("anvil_mine", hex(1))
    assert country.office(enter_ledger_revocations, 3) == 1
    assert states(country, documents) == ["valid", "revoked", "revoked", "valid"]


def test_what_has_entered_stays_when_the_chain_loses_it_later(
    country: Country, institution: str, documents: list[str]
) -> None:
    before = country.rpc("evm_snapshot")
    country.office(revoke_elsewhere, institution, path(country, documents[0])[1])
    assert country.office(enter_ledger_revocations) == 2
    country.rpc("evm_revert", before)
    country.rpc("anvil_mine", hex(1))
    assert country.office(enter_ledger_revocations) == 0
    assert states(country, documents) == ["revoked", "revoked", "valid", "valid"]


def test_what_the_platform_revoked_or_replaced_keeps_its_own_reason(
    country: Country, institution: str, documents: list[str]
) -> None:
    old, new, taken_back, _ = documents
    country.office(change, "replace", old, new)
    country.office(change, "revoke", taken_back)
    assert country.office(run_outbox, institution, 4, 0.0) is None
    country.office(revoke_elsewhere, institution, path(country, old)[-1])
    assert country.office(enter_ledger_revocations) == 2
    assert states(country, documents) == ["superseded", "revoked", "revoked", "revoked"]
    assert country.rows(HISTORY, taken_back) == [("revoked", "other", "platform")]


def test_a_suspended_document_is_revoked_and_a_hash_of_nobody_is_passed_over(
    country: Country, institution: str, documents: list[str]
) -> None:
    country.office(change, "suspend", documents[3])
    country.office(revoke_elsewhere, institution, b"\x07" * 32)
    country.office(revoke_elsewhere, institution, path(country, documents[3])[0])
    assert country.office(enter_ledger_revocations) == 1
    assert states(country, documents) == ["valid", "valid", "valid", "revoked"]


def test_nobody_is_read_whom_a_revocation_does_not_concern(country: Country, documents: list[str]) -> None:
    """Each look-up is by an index: of a document's hash, an inner node, and of what is new."""
    plans = {
        "SELECT 1 FROM issuance_document WHERE target_hash = 'x'": "document_by_target",
        "SELECT 1 FROM issuance_batchnodes WHERE prefixes @> ARRAY[7]": "batch_by_node",
        "SELECT 1 FROM evidence_event WHERE chain_id = 1 AND kind = 'revoked' AND id > 9": "revocation_event",
    }
    with psycopg.connect(country.environment["DATABASE_URL"]) as connection:
        connection.execute("SET enable_seqscan = off")
        for query, index in plans.items():
            assert index in "\n".join(line for (line,) in connection.execute(f"EXPLAIN {query}"))


def test_the_worker_enters_them(country: Country, institution: str, documents: list[str]) -> None:
    with country.worker():
        country.office(revoke_elsewhere, institution, path(country, documents[0])[-1])
        country.until(lambda: {state(country, one) for one in documents} == {"revoked"})
