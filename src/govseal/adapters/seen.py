"""Lists that were believed, one file each under a folder, and those that were refused because of them.

    memory = FolderMemory(home / "seen")
    memory.keep("https://verify.example/status/1", kept)

Files are named by the SHA-256 of a list's name, so that no name becomes a path; only names that a trust list
holds come here, so there are few. `refused/` keeps each list that contradicts a kept one, beside that one, and
at most `REFUSED_LIMIT` of them: whoever publishes false lists fills no disk.

Invariants: what is kept never gets older, whichever process keeps it; a folder that cannot be written to leaves
the memory of the process, and never fails a verification.

What is *not* here: judging lists (`govseal.core.verify`).
"""

import fcntl
import hashlib
import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from govseal.core.ports import KeptList

REFUSED_LIMIT = 64
"""Refused lists that are kept; the first ones say most."""

_log = logging.getLogger(__name__)


class FolderMemory:
    """Fulfils `govseal.core.ports.ListMemory`.

    Args:
        folder: made when something is first kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, KeptList] = {}
        self._contents: dict[str, tuple[bytes, KeptList | None]] = {}
        self._lock = Lock()

    def recall(self, name: str) -> KeptList | None:
        """Return the newest list believed under that name, by this process or another."""
        with self._lock:
            own = self._known.get(name)
        return _newest(own, self._read(name))

    def keep(self, name: str, kept: KeptList) -> None:
        """Keep a list that was believed, unless a newer one is kept already."""
        with self._lock:
            self._known[name] = _newest(self._known.get(name), kept) or kept
        try:
            with self._alone():
                if _newest(self._read(name), kept) is kept:
                    _write(self._file(name), _text_of(kept))
        except OSError as error:
            _log.warning("The list %s is remembered by this process alone: %s", name, error.strerror)

    def report(self, name: str, code: str, token: bytes) -> None:
        """Keep a refused list beside the one it contradicts, and log it as an error."""
        held = self.recall(name)
        digests = [hashlib.sha256(one).hexdigest() for one in (token, held.token if held else b"")]
        _log.error("%s: %s, SHA-256 %s, against %s", code, name, *digests)
        try:
            with self._alone():
                self._keep_refused(token)
                if held:
                    self._keep_refused(held.token)
        except OSError as error:
            _log.warning("The refused list could not be kept: %s", error.strerror)

    # --- files ----------------------------------------------------------------------------------------

    def _keep_refused(self, token: bytes) -> None:
        folder = self._folder / "refused"
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / f"{hashlib.sha256(token).hexdigest()}.token"
        if not file.exists() and sum(1 for _ in folder.iterdir()) < REFUSED_LIMIT:
            _write(file, token)

    def _file(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.json"

    def _read(self, name: str) -> KeptList | None:
        try:
            content = self._file(name).read_bytes()
        except OSError:
            return None
        with self._lock:
            known = self._contents.get(name)
        if (
            known and known[0] == content
        ):  # to take it apart takes longer than to read it, and every verification asks
            return known[1]
        kept = self._parsed(name, content)
        with self._lock:
            self._contents[name] = content, kept
        return kept

    def _parsed(self, name: str, content: bytes) -> KeptList | None:
        try:
            members = json.loads(content)
            return KeptList(int(members["order"]), str(members["digest"]), members["token"].encode("latin-1"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            _log.error("What is kept of the list %s is damaged, and was passed over", name)
            return None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder against the other processes that keep something."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _newest(one: KeptList | None, other: KeptList | None) -> KeptList | None:
    """Return the later list; of two of one order the first."""
    if one is None or other is None:
        return one or other
    return other if other.order > one.order else one


def _text_of(kept: KeptList) -> bytes:
    members = {"order": kept.order, "digest": kept.digest, "token": kept.token.decode("latin-1")}
    return json.dumps(members).encode()


def _write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
