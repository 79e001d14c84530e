"""The written record of a folder's keys: `key-events.jsonl`, append-only, each line bound to the one before.

    {"number":1,"at":"2026-01-01T00:00:00Z","event":"created","key":"moeys","by":"Sok Dara","reason":"",
     "facts":{"public_key":"<SHA-256 of SubjectPublicKeyInfo>"},"previous":"<64 zeros>"}

`previous` is the SHA-256 of the line before, without its line feed. Every read checks numbers and chain, so that a
line cannot be changed, moved or taken out of the middle. What the chain alone does not show is lines missing at the
*end*: `head` is therefore written down elsewhere at each ceremony, and `read` compares with it.

Invariants: an event is on disk when `append` returns; processes append one at a time; a line that a killed process
left half written was never acknowledged, and goes. The file is 0600 and holds no secret.

What is *not* here: what events mean for a key (`lifecycle`) and for verifiers (the trust list).
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from govseal.core import jsjson
from govseal.core.errors import InputError, OperatorError

FILE_NAME = "key-events.jsonl"
NOTHING_BEFORE = "0" * 64

_MAX_BYTES = 16 << 20  # some 40,000 events
_MAX_LINE = 4 << 10
_MAX_TEXT = 500
_MEMBERS = ["number", "at", "event", "key", "by", "reason", "facts", "previous"]
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class KeyEventKind(StrEnum):
    """What can happen to a key."""

    CREATED = "created"
    CERTIFIED = "certified"
    ROTATED = "rotated"
    RETIRED = "retired"
    COMPROMISED = "compromised"


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One line.

    Attributes:
        number: from 1, without gaps.
        at: when it was written, UTC, whole seconds.
        kind: what happened.
        key: the key's name, version included.
        by: the persons who did it.
        reason: in their words.
        facts: by kind: `public_key` or `address`, `certificate`, `successor`, `since`.
        digest: SHA-256 of the line, lower-case hex: the next one's `previous`, or the record's head.
    """

    number: int
    at: datetime
    kind: KeyEventKind
    key: str
    by: str
    reason: str
    facts: Mapping[str, str]
    digest: str

    @property
    def since(self) -> datetime:
        """The moment from which it holds: that of the event, or for a compromise the one that was declared."""
        said = self.facts.get("since") if self.kind is KeyEventKind.COMPROMISED else None
        return _moment(said) if said is not None else self.at


class KeyRecord:
    """The record in one folder.

    Args:
        folder: 0700, that of the keys; for keys on a token, one of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME

    def read(self, *, head: str | None = None) -> list[KeyEvent]:
        """Return every event, oldest first; none where there is no record yet.

        Args:
            head: a digest written down earlier, which must be that of an event in the record.

        Raises:
            OperatorError: `KEY_RECORD_DAMAGED`: changed, reordered, or shorter than `head` says.
        """
        if self._exists():
            with self._locked(os.O_RDONLY, fcntl.LOCK_SH) as handle:
                events = self._verified(handle)[0]
        else:
            events = []
        if head not in {None, NOTHING_BEFORE, *(event.digest for event in events)}:
            raise self._damaged("it ends before the event whose digest was written down")
        return events

    def head(self) -> str:
        """Return the digest of the last event, to be written down elsewhere."""
        events = self.read()
        return events[-1].digest if events else NOTHING_BEFORE

    def append(
        self,
        kind: KeyEventKind,
        key: str,
        *,
        at: datetime,
        by: str,
        reason: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> KeyEvent:
        """Write an event and return it, durable.

        Args:
            kind: what happened.
            key: the key's name.
            at: now, with its time zone.
            by: who did it; not empty, at most 500 characters, as `reason`.
            reason: why.
            facts: see `KeyEvent`.

        Raises:
            OperatorError: `KEY_RECORD_DAMAGED`, or `MALFORMED_KEY_EVENT`.
        """
        if not by.strip() or max(len(by), len(reason)) > _MAX_TEXT:
            message = f"A key's record says who did it, and why, in at most {_MAX_TEXT} characters each."
            raise OperatorError(message, code="MALFORMED_KEY_EVENT")
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked(os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX) as handle:
            events, length = self._verified(handle)
            number, previous = len(events) + 1, events[-1].digest if events else NOTHING_BEFORE
            values = (number, written_moment(at), kind, key, by, reason, dict(facts or {}))
            line = jsjson.dumps(dict(zip(_MEMBERS, (*values, previous), strict=True))).encode()
            event, _ = _event(line)
            os.ftruncate(handle, length)  # what a killed process left of a line
            os.pwrite(handle, line + b"\n", length)
            os.fsync(handle)
        _sync(self._file.parent)
        return event

    def _exists(self) -> bool:
        try:
            return self._file.exists()
        except PermissionError:
            message = f"This process may not reach {self._file}."
            raise OperatorError(message, code="KEY_FORBIDDEN") from None

    @contextmanager
    def _locked(self, mode: int, lock: int) -> Iterator[int]:
        try:
            handle = os.open(self._file, mode | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            message = f"{self._file} cannot be opened: {error.strerror}."
            raise OperatorError(message, code="KEY_FORBIDDEN") from error
        try:
            fcntl.flock(handle, lock)
            yield handle
        finally:
            os.close(handle)

    def _verified(self, handle: int) -> tuple[list[KeyEvent], int]:
        """Return the events, and how many bytes they take."""
        content = os.pread(handle, _MAX_BYTES + 1, 0)
        if len(content) > _MAX_BYTES:
            raise self._damaged("it is too large")
        whole = content[: content.rfind(b"\n") + 1]
        events: list[KeyEvent] = []
        previous = NOTHING_BEFORE
        for line in whole.split(b"\n")[:-1]:
            try:
                event, follows = _event(line)
            except (InputError, ValueError, TypeError):
                raise self._damaged(f"line {len(events) + 1} is no event") from None
            if (event.number, follows) != (len(events) + 1, previous):
                raise self._damaged(f"line {len(events) + 1} does not follow the one before")
            events.append(event)
            previous = event.digest
        return events, len(whole)

    def _damaged(self, why: str) -> OperatorError:
        return OperatorError(
            f"The record of keys {self._file} is not as it was written: {why}. Compare it with the backups.",
            code="KEY_RECORD_DAMAGED",
        )


def _event(line: bytes) -> tuple[KeyEvent, str]:
    """Return the event of a line, and the digest that it says it follows.

    Raises:
        InputError, ValueError, TypeError: the line is none.
    """
    members = jsjson.parse(line, max_bytes=_MAX_LINE)
    if not isinstance(members, dict) or list(members) != _MEMBERS or jsjson.dumps(members).encode() != line:
        raise ValueError
    number, at, kind, key, by, reason, facts, previous = members.values()
    if not isinstance(number, int) or not isinstance(facts, dict):
        raise TypeError
    if not all(isinstance(text, str) for text in (key, by, reason, previous, *facts.values())):
        raise TypeError
    digest = hashlib.sha256(line).hexdigest()
    event = KeyEvent(number, _moment(at), KeyEventKind(kind), key, by, reason, facts, digest)
    if event.since > event.at:
        raise ValueError
    return event, previous


def written_moment(moment: datetime) -> str:
    """Return a moment as the record writes it: UTC, whole seconds, cut downwards."""
    return moment.astimezone(UTC).strftime(_MOMENT)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
