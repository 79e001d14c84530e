"""Status lists as they are published: from the rows, on change and on schedule, whatever dies or is lost."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest

from govseal.core import status
from govseal.core.status import Notice, State
from support.country import PATIENCE, Country
from support.lists import host, notice, place, publisher_that_dies, read, state, trust
from support.officework import prepare, reconcile, run_outbox
from support.publishwork import (
    change,
    change_because,
    is_published,
    publish,
    restore,
    sign_anew_for_other_keys,
)

PUBLISHER = 0x676F7673_00000002


@pytest.fixture
def institution(country: Country) -> str:
    return country.institution()


@pytest.fixture
def document(country: Country, institution: str) -> str:
    """An anchored document whose list is published."""
    (made,) = country.office(prepare, institution, ["D-1"])
    country.office(run_outbox, institution, 1, 0.0)
    country.office(publish)
    return str(made)


def file_of(country: Country, document: str) -> Path:
    return country.home / "published" / "status" / str(place(country, document)[0])


def phnom_penh() -> date:
    """Today where the country is."""
    return datetime.now(ZoneInfo("Asia/Phnom_Penh")).date()


def forget(country: Country, document: str) -> None:
    """Put the rows back to where a backup from before has them."""
    country.rows("UPDATE issuance_document SET standing = 'valid' WHERE id = %s RETURNING 1", document)
    number, _ = place(country, document)
    old = "UPDATE issuance_statuslist SET jwt = '', cwt = '', issued_at = NULL WHERE number = %s RETURNING 1"
    country.rows(old, number)


def test_lists_in_use_and_one_ahead_are_published_under_the_addresses_of_the_trust_list(
    country: Country, document: str
) -> None:
    newest = country.rows("SELECT max(status_list) FROM issuance_document")[0][0]
    listed = {uri for one in trust(country).institutions for uri in one.status_uris}
    for number in range(newest + 2):
        one = read(country, number)
        assert one.array == read(country, number, ".cwt").array
        assert one.expires_at - one.issued_at == status.OFFLINE_AGE
    assert f"{host(country)}/status/0" in listed
    assert state(country, document) == "valid"


def test_each_change_is_in_the_next_list_of_a_later_second(country: Country, document: str) -> None:
    number, _ = place(country, document)
    moments = [read(country, number).issued_at]
    for what, shown in [
        ("suspend", "suspended"),
        ("lift", "valid"),
        ("suspend", "suspended"),
        ("revoke", "revoked"),
    ]:
        country.office(change, what, document)
        assert not country.office(is_published, document)
        country.office(publish)
        assert country.office(is_published, document)
        assert state(country, document) == shown
        moments.append(read(country, number).issued_at)
    assert moments == sorted(set(moments))


def test_why_and_since_when_stand_beside_the_list(country: Country, document: str) -> None:
    assert notice(country, document) is None
    for what, code, told in [
        ("suspend", "review", State.SUSPENDED),
        ("lift", "cleared", None),
        ("revoke", "error", State.REVOKED),
    ]:
        before = phnom_penh()
        country.office(change_because, what, document, code)
        country.office(publish)
        days = {before, phnom_penh()}
        expected = {Notice(told, code, day) for day in days} if told else {None}
        assert notice(country, document) in expected


def test_a_list_is_left_alone_until_it_changes_or_ages(country: Country, document: str) -> None:
    before = file_of(country, document).read_bytes()
    assert country.office(publish) == (0, 0)
    assert file_of(country, document).read_bytes() == before
    number, _ = place(country, document)
    age = "UPDATE issuance_statuslist SET issued_at = issued_at - interval '7 hours' WHERE number = %s RETURNING 1"
    country.rows(age, number)
    assert country.office(publish) == (1, 0)
    assert file_of(country, document).read_bytes() != before


def test_a_document_set_aside_is_revoked_in_its_list(country: Country, institution: str) -> None:
    (made,) = country.office(prepare, institution, ["ASIDE"])
    aside = "UPDATE issuance_document SET state = 'set_aside', reason = 'Damaged' WHERE id = %s RETURNING 1"
    country.rows(aside, made)
    country.office(publish)
    assert state(country, made) == "revoked"
    history = "SELECT standing, code, reason FROM issuance_standingchange WHERE document_id = %s"
    assert country.rows(history, made) == [("revoked", "error", "Damaged")]


def test_what_a_chain_has_lost_stays_revoked_in_the_list(
    country: Country, institution: str, document: str
) -> None:
    before = country.rpc("evm_snapshot")
    country.office(change, "revoke", document)
    country.office(publish)
    assert country.office(run_outbox, institution, 1, 0.0) is None
    assert len(country.events(institution, "DocumentRevoked")) == 1
    country.rpc("evm_revert", before)
    assert country.events(institution, "DocumentRevoked") == []
    country.office(publish)
    assert state(country, document) == "revoked"
    assert country.office(reconcile, institution) == 1
    country.office(publish)
    assert state(country, document) == "revoked"
    assert country.office(run_outbox, institution, 1, 0.0) is None
    assert len(country.events(institution, "DocumentRevoked")) == 1
    assert state(country, document) == "revoked"


@pytest.mark.parametrize(("what", "kept"), [("revoke", "revoked"), ("suspend", "valid")])
def test_what_a_database_has_lost_is_kept_by_the_list_if_it_was_final(
    country: Country, document: str, what: str, kept: str
) -> None:
    country.office(change, what, document)
    country.office(publish)
    number, _ = place(country, document)
    issued = read(country, number).issued_at
    forget(country, document)
    country.office(publish)
    assert state(country, document) == kept
    assert read(country, number).issued_at > issued


@pytest.mark.parametrize("at", ["before-replace", "after-replace"])
def test_a_publisher_killed_midway_is_followed_by_one_that_publishes(
    country: Country, document: str, at: str
) -> None:
    number, _ = place(country, document)
    issued = read(country, number).issued_at
    country.office(change, "suspend", document)
    publisher_that_dies(country, at)
    assert not country.office(is_published, document)
    country.office(publish)
    assert state(country, document) == "suspended"
    assert read(country, number).issued_at >= issued + timedelta(seconds=2)


def test_two_publishers_at_once_sign_one_list(country: Country, document: str) -> None:
    country.office(change, "suspend", document)
    both = [country.office_later(publish) for _ in range(2)]
    assert sum(one.result(PATIENCE)[0] for one in both) == 1
    assert state(country, document) == "suspended"


def test_while_another_publishes_nothing_is_done(country: Country, document: str) -> None:
    country.office(change, "suspend", document)
    with psycopg.connect(country.environment["DATABASE_URL"]) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [PUBLISHER])
        assert country.office(publish) == (0, 0)
    assert country.office(publish) == (1, 0)


@pytest.mark.parametrize("form", ["", ".cwt", ".notices"])
def test_a_lost_file_comes_back_byte_for_byte(country: Country, document: str, form: str) -> None:
    file = file_of(country, document)
    file = file.with_name(file.name + form)
    content = file.read_bytes()
    file.unlink()
    assert country.office(restore)[0] == 1
    assert file.read_bytes() == content
    assert country.office(restore)[0] == 0


def test_an_altered_file_is_signed_anew(country: Country, document: str) -> None:
    file = file_of(country, document)
    file.write_bytes(b"something else")
    assert country.office(restore)[0] == 1
    country.office(publish)
    assert state(country, document) == "valid"


def test_lists_of_a_key_that_is_no_longer_in_use_are_signed_anew(country: Country, document: str) -> None:
    assert country.office(sign_anew_for_other_keys) == 0
    number, _ = place(country, document)
    issued = read(country, number).issued_at
    country.rows("UPDATE issuance_statuslist SET kid = 'x' WHERE number = %s RETURNING 1", number)
    assert country.office(sign_anew_for_other_keys) == 1
    country.office(publish)
    assert read(country, number).issued_at > issued


def test_a_list_is_made_without_reading_its_valid_documents(country: Country, document: str) -> None:
    """The rows are found by an index that holds the others alone."""
    query = (
        "EXPLAIN SELECT status_index, standing FROM issuance_document"
        " WHERE status_list = 0 AND NOT (standing = 'valid')"
    )
    with psycopg.connect(country.environment["DATABASE_URL"]) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = "\n".join(line for (line,) in connection.execute(query))
    assert "document_not_valid" in plan


def test_the_worker_shows_a_change_and_puts_back_what_is_gone(country: Country, document: str) -> None:
    with country.worker():
        country.until(lambda: bool(country.rows("SELECT 1 FROM procrastinate_workers")))
        country.office(change, "suspend", document)
        country.until(lambda: country.office(is_published, document))
        assert state(country, document) == "suspended"
        file_of(country, document).unlink()
        country.until(file_of(country, document).exists)
