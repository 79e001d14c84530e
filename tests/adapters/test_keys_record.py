"""The written record of keys: what stands in it, what it shows, and what it cannot."""

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from govseal.adapters.keys.record import NOTHING_BEFORE, KeyEventKind, KeyRecord
from govseal.core.errors import OperatorError
from support.waiting import PATIENCE

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "seal"
    record = KeyRecord(folder)
    for number, kind in enumerate((KeyEventKind.CREATED, KeyEventKind.CERTIFIED, KeyEventKind.RETIRED)):
        record.append(kind, "moeys", at=NOON + timedelta(hours=number), by="សុខ ដារ៉ា", reason="ពិធី\nដំបូង")
    return folder


def lines(folder: Path) -> list[bytes]:
    return (folder / "key-events.jsonl").read_bytes().splitlines()


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(OperatorError) as caught:
        action()
    return caught.value.code


def test_events_are_read_as_they_were_written(folder: Path) -> None:
    events = KeyRecord(folder).read()
    assert [event.number for event in events] == [1, 2, 3]
    assert [event.kind for event in events] == ["created", "certified", "retired"]
    assert events[1].at == NOON + timedelta(hours=1)
    assert {(event.key, event.by, event.reason) for event in events} == {("moeys", "សុខ ដារ៉ា", "ពិធី\nដំបូង")}


def test_a_line_is_json_with_its_moment_in_utc_and_the_digest_before(folder: Path) -> None:
    record = KeyRecord(folder)
    phnom_penh = timezone(timedelta(hours=7))
    before = record.head()
    facts = {"since": "2026-01-02T00:00:00Z"}
    at = datetime(2026, 1, 2, 9, 0, 0, 5, phnom_penh)
    event = record.append(KeyEventKind.COMPROMISED, "moeys", at=at, by="b", facts=facts)
    assert json.loads(lines(folder)[-1]) == {
        "number": 4,
        "at": "2026-01-02T02:00:00Z",
        "event": "compromised",
        "key": "moeys",
        "by": "b",
        "reason": "",
        "facts": facts,
        "previous": before,
    }
    assert record.head() == event.digest
    assert event.since == datetime(2026, 1, 2, tzinfo=UTC)


def test_a_record_that_is_not_there_is_empty(tmp_path: Path) -> None:
    record = KeyRecord(tmp_path)
    assert (record.read(), record.head()) == ([], NOTHING_BEFORE)
    assert record.read(head=NOTHING_BEFORE) == []


def test_the_record_is_private(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "key-events.jsonl").stat().st_mode) == 0o600


def changed(found: list[bytes]) -> list[bytes]:
    return [found[0].replace(b"created", b"retired"), *found[1:]]


def renumbered(found: list[bytes]) -> list[bytes]:
    return [*found[:-1], found[-1].replace(b'"number":3', b'"number":4')]


def repeated_member(found: list[bytes]) -> list[bytes]:
    return [*found[:-1], found[-1].replace(b'"number":3', b'"number":3,"number":3')]


def stolen_later(found: list[bytes]) -> list[bytes]:
    to_come = found[-1].replace(b'"retired"', b'"compromised"')
    return [*found[:-1], to_come.replace(b'"facts":{}', b'"facts":{"since":"2027-01-01T00:00:00Z"}')]


@pytest.mark.parametrize(
    "tamper",
    [
        changed,
        renumbered,
        repeated_member,
        stolen_later,
        lambda found: found[1:],
        lambda found: [found[0], found[2]],
        lambda found: [found[1], found[0], found[2]],
        lambda found: [*found, found[-1]],
        lambda found: [*found, b"{}"],
        lambda found: [*found, b"[]"],
        lambda found: [*found, b"\xff"],
        lambda found: [*found, b""],
        lambda found: [b" " + found[0], *found[1:]],
    ],
)
def test_a_record_that_was_tampered_with_is_neither_read_nor_continued(
    folder: Path, tamper: Callable[[list[bytes]], list[bytes]]
) -> None:
    (folder / "key-events.jsonl").write_bytes(b"".join(line + b"\n" for line in tamper(lines(folder))))
    record = KeyRecord(folder)
    assert refusal(record.read) == "KEY_RECORD_DAMAGED"
    assert refusal(lambda: record.append(KeyEventKind.RETIRED, "x", at=NOON, by="b")) == "KEY_RECORD_DAMAGED"


def test_lines_missing_at_the_end_are_found_by_the_head_that_was_written_down(folder: Path) -> None:
    record = KeyRecord(folder)
    head = record.head()
    assert len(record.read(head=head)) == 3
    (folder / "key-events.jsonl").write_bytes(b"".join(line + b"\n" for line in lines(folder)[:-1]))
    assert len(record.read()) == 2
    assert refusal(lambda: record.read(head=head)) == "KEY_RECORD_DAMAGED"


def test_half_a_line_left_by_a_killed_process_goes(folder: Path) -> None:
    with (folder / "key-events.jsonl").open("ab") as file:
        file.write(b'{"number":4,"at":"2026-')
    record = KeyRecord(folder)
    assert len(record.read()) == 3
    record.append(KeyEventKind.CREATED, "moh", at=NOON, by="b")
    assert [event.key for event in record.read()] == ["moeys", "moeys", "moeys", "moh"]


@pytest.mark.parametrize(("by", "reason"), [("", ""), (" ", ""), ("x" * 501, ""), ("x", "x" * 501)])
def test_an_event_says_who_did_it_in_bounds(folder: Path, by: str, reason: str) -> None:
    record = KeyRecord(folder)
    written = (folder / "key-events.jsonl").read_bytes()
    code = refusal(lambda: record.append(KeyEventKind.RETIRED, "x", at=NOON, by=by, reason=reason))
    assert code == "MALFORMED_KEY_EVENT"
    assert (folder / "key-events.jsonl").read_bytes() == written


def test_a_record_behind_a_symbolic_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "key-events.jsonl").symlink_to(folder / "key-events.jsonl")
    assert refusal(KeyRecord(tmp_path / "other").read) == "KEY_FORBIDDEN"


def test_processes_write_one_at_a_time(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _APPEND, str(tmp_path / "keys")]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    writers = [subprocess.Popen(command, env=environment) for _ in range(3)]
    assert [writer.wait(timeout=PATIENCE) for writer in writers] == [0, 0, 0]
    assert [event.number for event in KeyRecord(tmp_path / "keys").read()] == list(range(1, 31))


_APPEND = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from govseal.adapters.keys.record import KeyEventKind, KeyRecord

for number in range(10):
    KeyRecord(Path(sys.argv[1])).append(
        KeyEventKind.CREATED, f"key{number}", at=datetime(2026, 1, 1, tzinfo=UTC), by="a test"
    )
"""
