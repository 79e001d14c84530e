"""The outbox in one process: when batches are formed, and that one worker at a time serves an institution."""

import psycopg
import pytest

from govseal.core.errors import RefusedError
from govseal.core.merkle import MerkleTree
from support.country import PATIENCE, Country
from support.officework import (
    collide,
    fill_status_list,
    is_of,
    prepare,
    reconcile,
    release,
    revoke,
    run_outbox,
    run_outbox_once,
)

LONG = 10.0 * PATIENCE
"""Seconds that a document may wait for company: no test lasts so long."""


@pytest.fixture
def institution(country: Country) -> str:
    return country.institution()


def numbers(count: int) -> list[str]:
    return [f"N-{number}" for number in range(count)]


def test_documents_wait_for_company_until_the_oldest_is_old_enough(
    country: Country, institution: str
) -> None:
    country.office(prepare, institution, numbers(2))
    wait = country.office(run_outbox, institution, 100, LONG)
    assert LONG / 2 < wait < LONG
    assert country.states(institution) == {"waiting": 2}
    assert country.office(run_outbox, institution, 100, 0.0) is None
    assert country.states(institution) == {"anchored": 2}
    assert [size for _, size in country.batches(institution)] == [2]


def test_a_full_batch_waits_for_nobody(country: Country, institution: str) -> None:
    country.office(prepare, institution, numbers(5))
    assert country.office(run_outbox, institution, 2, LONG) > LONG / 2
    assert country.states(institution) == {"anchored": 4, "waiting": 1}
    assert [size for _, size in country.batches(institution)] == [2, 2]


def test_a_batch_costs_one_root_on_the_chain(country: Country, institution: str) -> None:
    documents = country.office(prepare, institution, numbers(4))
    country.office(run_outbox, institution, 100, 0.0)
    ((root, _),) = country.batches(institution)
    assert country.events(institution) == [root]
    targets = country.rows("SELECT target_hash FROM issuance_document WHERE id = ANY(%s)", documents)
    assert MerkleTree([bytes(one) for (one,) in targets]).root == root


def test_nothing_readable_is_kept_once_it_is_anchored(country: Country, institution: str) -> None:
    (document,) = country.office(prepare, institution, numbers(1))
    query = "SELECT salted IS NULL, key IS NULL FROM issuance_document WHERE id = %s"
    assert country.rows(query, document) == [(False, False)]
    country.office(run_outbox, institution, 100, 0.0)
    assert country.rows(query, document) == [(True, True)]
    assert country.office(release, document)[0] == "genuine"


def test_another_worker_at_the_same_institution_waits(country: Country, institution: str) -> None:
    country.office(prepare, institution, numbers(1))
    query = "SELECT pg_advisory_lock(%s, id::int) FROM registry_institution WHERE code = %s"
    with psycopg.connect(country.environment["DATABASE_URL"]) as other:
        other.execute(query, [0x676F7673, institution])
        assert country.office(run_outbox_once, institution, 1, 0.0) == pytest.approx(0.25)
        assert country.states(institution) == {"waiting": 1}
    assert country.office(run_outbox, institution, 1, 0.0) is None
    assert country.states(institution) == {"anchored": 1}


def test_a_revocation_waits_for_the_root_of_its_document(country: Country, institution: str) -> None:
    (document,) = country.office(prepare, institution, numbers(1))
    country.office(revoke, document)
    country.office(run_outbox, institution, 100, LONG)
    assert country.events(institution, "DocumentRevoked") == []
    assert country.office(run_outbox, institution, 100, 0.0) is None
    assert len(country.events(institution)) == len(country.events(institution, "DocumentRevoked")) == 1
    with pytest.raises(RefusedError, match="does not verify"):
        country.office(release, document)


def test_asking_twice_for_a_revocation_sends_one(country: Country, institution: str) -> None:
    (document,) = country.office(prepare, institution, numbers(1))
    country.office(revoke, document)
    country.office(revoke, document)
    assert country.office(run_outbox, institution, 100, 0.0) is None
    assert len(country.events(institution, "DocumentRevoked")) == 1
    assert country.office(reconcile, institution) == 0


def test_a_number_is_issued_once_whoever_asks_at_the_same_time(country: Country, institution: str) -> None:
    both = [country.office_later(prepare, institution, ["SAME"]) for _ in range(2)]
    errors = [one.exception(PATIENCE) for one in both]
    lost = [error for error in errors if error is not None]
    assert len(lost) == 1
    assert isinstance(lost[0], RefusedError)
    assert lost[0].code == "NUMBER_TAKEN"
    assert country.states(institution) == {"waiting": 1}


def test_a_document_from_before_that_was_kept_is_taken_for_what_is_asked(
    country: Country, institution: str
) -> None:
    (document,) = country.office(prepare, institution, ["N-1"])
    assert country.rows("SELECT asked FROM issuance_document WHERE id = %s", document) == [(None,)]
    assert country.office(is_of, institution, document, b"anything")


def test_two_processes_give_no_status_index_twice(country: Country, institution: str) -> None:
    both = [
        country.office_later(prepare, institution, [f"{process}-{number}" for number in range(15)])
        for process in range(2)
    ]
    assert sum(len(one.result(PATIENCE)) for one in both) == 30
    places = country.rows("SELECT status_list, status_index FROM issuance_document")
    assert len(set(places)) == len(places)


def test_a_status_index_taken_meanwhile_is_replaced(country: Country, institution: str) -> None:
    (first,) = country.office(prepare, institution, numbers(1))
    ((taken),) = country.rows("SELECT status_list, status_index FROM issuance_document WHERE id = %s", first)
    place = country.office(collide, institution, "COLLIDES", taken)
    assert place != taken
    assert country.states(institution) == {"waiting": 2}


def test_a_full_status_list_gives_way_to_the_next(country: Country, institution: str) -> None:
    country.office(prepare, institution, numbers(1))
    assert country.office(fill_status_list, institution, "NEXT") == (1, 0)
