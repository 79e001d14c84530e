"""A verifier that pins an older list key follows the newer ones, remembers whom it followed, and is not led elsewhere."""

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from govseal.adapters.http import HttpPublished
from govseal.core import trustlist
from govseal.core.errors import BadSignature, FetchFailed, GovsealError, NotPublished, OutsideError
from govseal.core.ports import PublishedReader
from govseal.core.trustlist import succession
from govseal.project.wiring.shared import TrustLists
from support.officefiles import LISTED, Office, place, statement
from support.seals import certificate
from support.site import reply, site

FIRST, SECOND, MALLORY = "list", "list 2", "mallory"


def said(office: Office, before: str = FIRST, after: str = SECOND, sequence: int = 8) -> bytes:
    return statement(before, after, sequence, office.configuration.host)


def put(office: Office, token: bytes, before: str = FIRST) -> None:
    office.published.replace(place(before), token)


def fresh(office: Office, published: PublishedReader | None = None) -> TrustLists:
    """What another process of that verifier has."""
    return TrustLists(office.configuration, published or office.published, lambda: office.now)


def sequence(lists: TrustLists) -> int:
    return lists()[0].sequence


def refusal(lists: TrustLists) -> str:
    with pytest.raises(GovsealError) as caught:
        lists()
    return caught.value.code


def refused_files(office: Office) -> set[bytes]:
    return {file.read_bytes() for file in (office.configuration.home / "seen" / "refused").glob("*")}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.publish(replace(LISTED, sequence=7))
    return made


@pytest.fixture
def followed(office: Office) -> Office:
    """A verifier with the old pin that has followed its key to the new one."""
    put(office, said(office))
    office.publish(replace(LISTED, sequence=8), by=SECOND)
    assert sequence(office.lists) == 8
    return office


def test_the_list_of_a_key_that_follows_the_pinned_one_is_believed(office: Office) -> None:
    assert sequence(office.lists) == 7
    put(office, said(office))
    assert sequence(fresh(office)) == 7
    office.publish(replace(LISTED, sequence=8), by=SECOND)
    assert (sequence(office.lists), sequence(fresh(office))) == (8, 8)


def test_a_host_that_was_added_since_is_judged_by_the_list_of_the_one_that_was_there(office: Office) -> None:
    put(office, said(office))
    hosts = (*LISTED.hosts, "https://added.example")
    office.publish(replace(LISTED, sequence=8, hosts=hosts), by=SECOND)
    assert fresh(office)()[0].speaks_for("https://added.example")


def test_what_was_followed_is_remembered_when_it_is_no_longer_published(followed: Office) -> None:
    (followed.configuration.published_folder / place()).unlink()
    assert sequence(fresh(followed)) == 8


def test_the_old_key_signs_no_list_any_more(followed: Office) -> None:
    followed.publish(replace(LISTED, sequence=9), by=FIRST)
    (followed.configuration.published_folder / place()).unlink()
    assert [refusal(one) for one in (followed.lists, fresh(followed))] == ["LIST_KEY_SUCCEEDED"] * 2


def test_an_older_list_of_the_old_key_is_older_by_the_same_count(
    followed: Office, caplog: pytest.LogCaptureFixture
) -> None:
    followed.publish(replace(LISTED, sequence=7), by=FIRST)
    assert refusal(fresh(followed)) == "TRUST_LIST_ROLLED_BACK"
    assert "TRUST_LIST_ROLLED_BACK" in caplog.text


def test_a_thief_of_the_old_key_leads_nobody_elsewhere_who_has_followed(
    followed: Office, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = said(followed), said(followed, after=MALLORY)
    put(followed, second)
    assert sequence(fresh(followed)) == 8  # goes on by the statement that it followed
    assert "SUCCESSION_FORKED" in caplog.text
    assert len(refused_files(followed)) == 2
    assert second in refused_files(followed)
    followed.publish(replace(LISTED, sequence=9), by=MALLORY)
    assert refusal(fresh(followed)) == "SUCCESSION_FORKED"
    put(followed, first)
    assert refusal(fresh(followed)) == "UNPINNED_KEY"
    followed.publish(replace(LISTED, sequence=9), by=SECOND)
    assert sequence(fresh(followed)) == 9


class Overtaken:
    """Reads what a thief shows, but another process of the verifier has followed while it reads."""

    def __init__(self, office: Office, shown: bytes, meanwhile: Callable[[], object]) -> None:
        self._shown = {trustlist.PATH: shown, place(): said(office, after=MALLORY)}
        self._meanwhile = meanwhile

    def get(self, host: str, path: str, *, max_bytes: int) -> bytes:
        if path not in self._shown:
            raise NotPublished(host, limit=max_bytes)
        if path == place():
            self._meanwhile()
        return self._shown[path]


def test_of_two_processes_it_is_remembered_whom_the_first_has_followed(office: Office) -> None:
    office.publish(replace(LISTED, sequence=8), by=MALLORY)
    shown = office.published.get("", trustlist.PATH, max_bytes=1 << 20)
    put(office, said(office))
    office.publish(replace(LISTED, sequence=8), by=SECOND)
    sequence(fresh(office, Overtaken(office, shown, fresh(office))))
    assert sequence(fresh(office)) == 8


@pytest.mark.parametrize(
    "nonsense", [b"", b"<!doctype html>", b"e30.e30.e30", b"A" * (succession.MAX_BYTES + 1)]
)
def test_nonsense_in_its_place_is_no_second_statement(
    followed: Office, nonsense: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    put(followed, nonsense)
    assert sequence(fresh(followed)) == 8
    assert refused_files(followed) == set()
    assert "SUCCESSION_FORKED" not in caplog.text


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda _: b"<!doctype html>", "MALFORMED_TOKEN"),
        (lambda _: b"A" * (succession.MAX_BYTES + 1), "FETCH_FAILED"),
        (lambda office: said(office, before=MALLORY), "SUCCESSION_OF_ANOTHER_KEY"),
        (lambda office: said(office)[:-8] + b"AAAAAAAA", "BAD_SIGNATURE"),
        (lambda _: statement(FIRST, SECOND, 8, "verify.elsewhere.example"), "SUCCESSION_OF_ANOTHER_HOST"),
        (lambda office: said(office, sequence=9), "SUCCESSION_TOO_EARLY"),
        (lambda office: said(office, after=MALLORY), "UNPINNED_KEY"),
    ],
    ids=[
        "nonsense",
        "endless",
        "another's",
        "forged",
        "for another host",
        "a later number",
        "to another key",
    ],
)
def test_a_wrong_statement_leads_nowhere(office: Office, made: Callable[[Office], bytes], code: str) -> None:
    put(office, made(office))
    office.publish(replace(LISTED, sequence=8), by=SECOND)
    assert refusal(office.lists) == code
    put(office, said(office))
    assert sequence(office.lists) == 8  # nothing wrong is remembered


def test_without_a_statement_only_a_new_pin_helps(office: Office) -> None:
    office.publish(replace(LISTED, sequence=8), by=SECOND)
    with pytest.raises(BadSignature, match="pin the key that is in use now"):
        office.lists()
    office.pin(certificate(SECOND))
    assert sequence(office.lists) == 8


def test_a_new_pin_takes_back_whom_a_thief_led_away(office: Office) -> None:
    put(office, said(office, after=MALLORY))
    office.publish(replace(LISTED, sequence=8), by=MALLORY)
    assert sequence(office.lists) == 8
    put(office, said(office))
    office.publish(replace(LISTED, sequence=8), by=SECOND)
    assert refusal(fresh(office)) == "SUCCESSION_FORKED"
    office.pin(certificate(SECOND))
    assert sequence(fresh(office)) == 8


class Away:
    """Reads what is published, but for statements: their place does not answer."""

    def __init__(self, office: Office) -> None:
        self._published = office.published

    def get(self, host: str, path: str, *, max_bytes: int) -> bytes:
        if path != trustlist.PATH:
            raise FetchFailed("away")
        return self._published.get(host, path, max_bytes=max_bytes)


def test_while_statements_are_away_the_pinned_key_and_what_was_followed_count(office: Office) -> None:
    assert sequence(fresh(office, Away(office))) == 7
    put(office, said(office))
    office.publish(replace(LISTED, sequence=8), by=SECOND)
    with pytest.raises(OutsideError, match="away"):
        fresh(office, Away(office))()
    assert [sequence(one) for one in (fresh(office), fresh(office, Away(office)))] == [8, 8]


@pytest.mark.parametrize("longer", [False, True])
def test_over_the_network_statements_are_fetched_from_the_listed_host_and_bounded(
    tmp_path: Path, *, longer: bool
) -> None:
    objects: dict[str, bytes] = {}

    def answer(connection: socket.socket, request: bytes) -> None:
        path = request.split(b" ")[1].decode().removeprefix("/")
        body = objects.get(path, b"")
        reply(body, "200 OK" if body else "404 Not Found")(connection, request)

    with site(answer) as there:
        office = Office(tmp_path, GOVSEAL_PORT=str(there.port))
        office.publish(replace(LISTED, sequence=8), by=SECOND)
        padding = b"A" * succession.MAX_BYTES if longer else b""
        put(office, said(office) + padding)
        for path in (trustlist.PATH, place()):
            objects[path] = office.published.get("", path, max_bytes=1 << 20)
        lists = fresh(office, HttpPublished({there.origin}))
        if longer:
            assert refusal(lists) == "FETCH_FAILED"
        else:
            assert sequence(lists) == 8
        assert refusal(fresh(office, HttpPublished({"verify.elsewhere.example"}))) == "HOST_NOT_ALLOWED"
