"""What may become of a document: suspended and back, replaced or revoked for good, each with its reason."""

import pytest

from govseal.core.errors import InputError, RefusedError
from support.country import PATIENCE, Country
from support.lists import state
from support.officework import prepare, run_outbox
from support.publishwork import change, publish


@pytest.fixture(scope="module")
def institution(country: Country) -> str:
    return country.institution()


@pytest.fixture
def documents(country: Country, institution: str, request: pytest.FixtureRequest) -> list[str]:
    """Two anchored documents."""
    made = country.office(prepare, institution, [f"{request.node.name}-{number}" for number in (1, 2)])
    country.office(run_outbox, institution, 2, 0.0)
    return list(made)


def refused(country: Country, what: str, *documents: str, **why: str) -> str:
    """Return the code with which a change is refused; the rows are as they were."""
    count = "SELECT count(*), (SELECT count(*) FROM issuance_revocation) FROM issuance_standingchange"
    before = country.rows(count)
    with pytest.raises((InputError, RefusedError)) as error:
        country.office(_change, what, documents, why)
    assert country.rows(count) == before
    return error.value.code


def _change(office: object, what: str, documents: tuple[str, ...], why: dict[str, str]) -> None:
    change(office, what, *documents, **why)


def test_a_suspension_is_lifted_and_the_history_keeps_both(country: Country, documents: list[str]) -> None:
    document, _ = documents
    country.office(_change, "suspend", (document,), {"code": "review", "reason": " Under review "})
    country.office(_change, "lift", (document,), {"code": "cleared", "reason": "Found in order"})
    history = "SELECT standing, code, reason FROM issuance_standingchange WHERE document_id = %s ORDER BY id"
    assert country.rows(history, document) == [
        ("suspended", "review", "Under review"),
        ("valid", "cleared", "Found in order"),
    ]
    assert country.rows("SELECT 1 FROM issuance_revocation WHERE document_id = %s", document) == []


def test_a_replaced_document_is_revoked_on_the_ledger_and_superseded_in_the_list(
    country: Country, institution: str, documents: list[str]
) -> None:
    old, new = documents
    country.office(_change, "replace", (old, new), {"code": "corrected"})
    before = len(country.events(institution, "DocumentRevoked"))
    assert country.office(run_outbox, institution, 2, 0.0) is None
    country.office(publish)
    assert len(country.events(institution, "DocumentRevoked")) == before + 1
    assert (state(country, old), state(country, new)) == ("superseded", "valid")
    history = "SELECT document_id, successor_id FROM issuance_standingchange WHERE document_id = ANY(%s)"
    assert country.rows(history, [old, new]) == [(old, new)]


def test_what_is_final_stays(country: Country, documents: list[str]) -> None:
    first, second = documents
    country.office(change, "replace", first, second)
    for what in ("suspend", "lift", "revoke"):
        assert refused(country, what, first) == "ALREADY_REPLACED"
    country.office(change, "revoke", second)
    for what in ("suspend", "lift"):
        assert refused(country, what, second) == "ALREADY_REVOKED"
    assert refused(country, "replace", second, first) == "ALREADY_REVOKED"


def test_a_suspension_is_one_at_a_time(country: Country, documents: list[str]) -> None:
    document, _ = documents
    assert refused(country, "lift", document) == "NOT_SUSPENDED"
    country.office(change, "suspend", document)
    assert refused(country, "suspend", document) == "ALREADY_SUSPENDED"


def test_two_who_suspend_at_once_suspend_once(country: Country, documents: list[str]) -> None:
    document, _ = documents
    both = [country.office_later(change, "suspend", document) for _ in range(2)]
    errors = [error for one in both if (error := one.exception(PATIENCE)) is not None]
    assert [error.code for error in errors if isinstance(error, RefusedError)] == ["ALREADY_SUSPENDED"]


def test_a_document_is_replaced_by_another_one_that_is_in_force(
    country: Country, documents: list[str]
) -> None:
    first, second = documents
    assert refused(country, "replace", first, first) == "WRONG_SUCCESSOR"
    assert refused(country, "replace", first, "0" * 32) == "UNKNOWN_DOCUMENT"
    country.office(change, "suspend", second)
    assert refused(country, "replace", first, second) == "WRONG_SUCCESSOR"
    elsewhere = country.institution()
    (foreign,) = country.office(prepare, elsewhere, ["FOREIGN"])
    country.office(run_outbox, elsewhere, 1, 0.0)
    assert refused(country, "replace", first, foreign) == "WRONG_SUCCESSOR"


def test_what_is_not_anchored_has_no_standing_to_change_but_can_be_revoked(country: Country) -> None:
    institution = country.institution()
    (document,) = country.office(prepare, institution, ["WAITS"])
    assert refused(country, "suspend", document) == "NOT_ANCHORED"
    assert refused(country, "lift", document) == "NOT_ANCHORED"
    country.office(change, "revoke", document)
    country.office(publish)
    assert state(country, document) == "revoked"


def test_every_change_has_a_reason_that_fits_it(country: Country, documents: list[str]) -> None:
    document, _ = documents
    assert refused(country, "suspend", document, reason=" ") == "REASON_MISSING"
    assert refused(country, "suspend", document, reason="x" * 201) == "REASON_MISSING"
    assert refused(country, "suspend", document, code="fraud") == "UNKNOWN_REASON"
    assert refused(country, "suspend", document, code="because") == "UNKNOWN_REASON"
