"""A document that cannot be hashed or published is set aside with its reason; its batch goes on without it."""

from pathlib import Path

import psycopg
import pytest

from govseal.core.merkle import MerkleTree
from support.country import Country
from support.officework import prepare, release, revoke, run_outbox

SPOILED = {
    "its data was cut short": ("salted = substring(salted for 40)", "cannot be hashed"),
    "its data was changed": ("salted = replace(salted::text, '4c', '4d')::bytea", "cannot be hashed"),
    "its data is no object": ("salted = '[1]'", "not what was prepared"),
    "its data is gone": ("salted = NULL", "not there"),
    "its key is too short": ("key = '\\x00'", "not there"),
    "its hash is another's": ("target_hash = decode(repeat('ab', 32), 'hex')", "not what was prepared"),
    "its hash is too short": ("target_hash = '\\xabcd'", "not what was prepared"),
}


@pytest.fixture
def institution(country: Country) -> str:
    return country.institution()


def numbers(count: int) -> list[str]:
    return [f"N-{number}" for number in range(count)]


def spoil(country: Country, document: str, change: str) -> None:
    with psycopg.connect(country.environment["DATABASE_URL"]) as connection:
        connection.execute(f"UPDATE issuance_document SET {change} WHERE id = %s", [document])


def file_of(country: Country, document: str) -> Path:
    return country.home / "published" / "d" / document[:2] / document[2:4] / document / "document"


def reason(country: Country, document: str) -> str:
    ((state, why, readable),) = country.rows(
        "SELECT state, reason, salted IS NOT NULL OR key IS NOT NULL FROM issuance_document WHERE id = %s",
        document,
    )
    assert (state, readable) == ("set_aside", False)
    return why


@pytest.mark.parametrize("change", SPOILED)
def test_a_document_that_is_not_whole_is_never_under_a_root(
    country: Country, institution: str, change: str
) -> None:
    first, poisoned, last = country.office(prepare, institution, numbers(3))
    spoil(country, poisoned, SPOILED[change][0])
    assert country.office(run_outbox, institution, 100, 0.0) is None
    assert SPOILED[change][1] in reason(country, poisoned)
    targets = country.rows("SELECT target_hash FROM issuance_document WHERE id = ANY(%s)", [first, last])
    root = MerkleTree([bytes(one) for (one,) in targets]).root
    assert country.events(institution) == [root]
    assert country.states(institution) == {"anchored": 2, "set_aside": 1}
    assert country.office(release, last)[0] == "genuine"


def test_a_document_that_cannot_be_published_is_set_aside_alone(country: Country, institution: str) -> None:
    first, poisoned, last = country.office(prepare, institution, numbers(3))
    file_of(country, poisoned).write_bytes(b"other bytes under this name")
    assert country.office(run_outbox, institution, 100, 0.0) is None
    assert "Other bytes are published" in reason(country, poisoned)
    assert country.states(institution) == {"anchored": 2, "set_aside": 1}
    assert {country.office(release, one)[0] for one in (first, last)} == {"genuine"}


def test_a_batch_of_which_nothing_is_left_is_not_sent(country: Country, institution: str) -> None:
    (poisoned,) = country.office(prepare, institution, numbers(1))
    file_of(country, poisoned).write_bytes(b"other bytes under this name")
    assert country.office(run_outbox, institution, 1, 0.0) is None
    assert country.states(institution) == {"set_aside": 1}
    assert (country.batches(institution), country.events(institution)) == ([], [])


def test_the_number_of_a_document_set_aside_may_be_issued_again(country: Country, institution: str) -> None:
    (poisoned,) = country.office(prepare, institution, numbers(1))
    country.office(revoke, poisoned)
    spoil(country, poisoned, "salted = NULL")
    assert country.office(run_outbox, institution, 1, 0.0) is None
    (again,) = country.office(prepare, institution, numbers(1))
    assert country.office(run_outbox, institution, 1, 0.0) is None
    assert country.office(release, again)[0] == "genuine"


def test_a_folder_that_takes_no_files_is_nobody_s_poison(country: Country, institution: str) -> None:
    (document,) = country.office(prepare, institution, numbers(1))
    file_of(
        country, document
    ).mkdir()  # as a full or broken disk, an error of the folder and not of the document
    assert country.office(run_outbox, institution, 1, 0.0) == pytest.approx(5)
    assert country.states(institution) == {"batched": 1}
    file_of(country, document).rmdir()
    assert country.run("outbox", "--retry").returncode == 0
    assert country.office(run_outbox, institution, 1, 0.0) is None
    assert country.states(institution) == {"anchored": 1}
