"""`govseal suspend`, `lift` and `replace` over a running country: done once the public can see it."""

from collections.abc import Iterator

import pytest

from support.country import Country, result
from support.lists import state
from support.officework import prepare


@pytest.fixture(scope="module", autouse=True)
def _worker(country: Country) -> Iterator[None]:
    with country.worker():
        yield


@pytest.fixture(scope="module")
def documents(country: Country) -> list[str]:
    """Three anchored documents."""
    institution = country.institution()
    made = country.office(prepare, institution, ["S-1", "S-2", "S-3"])
    country.until_anchored(institution, 3)
    return list(made)


def error(country: Country, *arguments: str) -> tuple[int, str]:
    done = country.run(*arguments, "--json")
    assert "Traceback" not in done.stderr
    return done.returncode, result(done)["error"]["code"]


def test_suspending_and_lifting_are_seen_when_the_command_ends(
    country: Country, documents: list[str]
) -> None:
    document, *_ = documents
    why = ["--code", "review", "--reason", "Under review"]
    done = country.run("suspend", document, *why, "--json")
    assert (done.returncode, result(done)) == (0, {"id": document, "standing": "suspended"}), done
    assert state(country, document) == "suspended"
    assert error(country, "suspend", document, *why) == (1, "ALREADY_SUSPENDED")
    lifted = country.run("lift", document, "--reason", "Found in order")
    assert lifted.returncode == 0, lifted
    assert "in force again" in lifted.stdout
    assert state(country, document) == "valid"


def test_replacing_and_revoking_are_final(country: Country, documents: list[str]) -> None:
    _, old, new = documents
    done = country.run("replace", old, "--by", new, "--code", "corrected", "--reason", "A name", "--json")
    assert result(done) == {"id": old, "standing": "replaced", "by": new}, done
    assert state(country, old) == "superseded"
    assert error(country, "revoke", old, "--reason", "Again") == (1, "ALREADY_REPLACED")
    assert country.run("revoke", new, "--code", "fraud", "--reason", "Forged papers").returncode == 0
    assert state(country, new) == "revoked"
    assert error(country, "lift", new, "--reason", "Mercy") == (1, "ALREADY_REVOKED")


def test_a_reason_is_needed_and_its_code_is_of_the_list(country: Country, documents: list[str]) -> None:
    assert error(country, "suspend", documents[0]) == (64, "USAGE")
    assert error(country, "suspend", documents[0], "--reason", " ") == (64, "REASON_MISSING")
    assert error(country, "suspend", documents[0], "--code", "mood", "--reason", "x") == (
        64,
        "UNKNOWN_REASON",
    )
    assert error(country, "suspend", "no-such", "--reason", "x") == (64, "UNKNOWN_DOCUMENT")
