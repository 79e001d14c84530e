"""Secret files: 0600 in a 0700 folder, written once and whole.

Invariants: a file appears under its name only when all of it is on disk; a new one never replaces another; a
folder or file that others could read is refused, as OpenSSH does.

What is *not* here: what the files hold (`folder`, `escrow`).
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from govseal.core.errors import OperatorError

MAX_BYTES = 64 << 10

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OTHERS = 0o077


class SecretFiles:
    """The files of one folder.

    Args:
        path: the folder; made, with its parents, when something is first written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self, name: str, content: bytes) -> None:
        """Write a new file, durable when the call returns.

        Raises:
            OperatorError: there is one of that name (`KEY_EXISTS`), or the folder cannot be used.
        """
        target = self._target(name)
        with self._allowed():
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._require_private(self.path)
            with self._draft(content) as draft:
                try:
                    os.link(draft, target)
                except FileExistsError:
                    message = f"{target} exists already and is not replaced."
                    raise OperatorError(message, code="KEY_EXISTS") from None
            self._sync()

    def replace(self, name: str, content: bytes) -> None:
        """Put new content in the place of a file that is there, atomically and durably.

        Raises:
            OperatorError: as `read`.
        """
        self.read(name)
        with self._allowed():
            with self._draft(content) as draft:
                Path(draft).replace(self._target(name))
            self._sync()

    def read(self, name: str) -> bytes:
        """Return a file's bytes.

        Raises:
            OperatorError: there is none (`KEY_MISSING`), this process may not read it (`KEY_FORBIDDEN`), others
                can read it (`KEY_NOT_PRIVATE`), or it is no key of ours by its size.
        """
        target = self._target(name)
        try:
            with self._allowed():
                self._require_private(self.path)
                self._require_private(target)
                with target.open("rb") as file:
                    content = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            raise OperatorError(f"There is no key file {target}.", code="KEY_MISSING") from None
        except OSError as error:
            raise OperatorError(f"{target} cannot be read: {error.strerror}.", code="KEY_MISSING") from error
        if len(content) > MAX_BYTES:
            raise OperatorError(f"{target} is too large to be a key.", code="KEY_DAMAGED")
        return content

    def names(self, suffix: str) -> list[str]:
        """Return the names of the files that end in `suffix`, without it, sorted; none when there is no folder."""
        try:
            with self._allowed():
                found = [file.name for file in self.path.iterdir()]
        except FileNotFoundError:
            return []
        return sorted(name.removesuffix(suffix) for name in found if name.endswith(suffix) and name[0] != ".")

    @contextmanager
    def _allowed(self) -> Iterator[None]:
        """Say "forbidden", never "missing", where this process lacks the permission."""
        try:
            yield
        except PermissionError:
            raise OperatorError(
                f"This process may not reach the keys in {self.path}.", code="KEY_FORBIDDEN"
            ) from None

    @contextmanager
    def _draft(self, content: bytes) -> Iterator[str]:
        """Hold `content` on disk under a passing name, 0600."""
        handle, draft = tempfile.mkstemp(dir=self.path, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            yield draft
        finally:
            Path(draft).unlink(missing_ok=True)

    def _target(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise OperatorError(f"{name!r} is no name for a key.", code="MALFORMED_NAME")
        return self.path / name

    def _require_private(self, path: Path) -> None:
        if path.stat().st_mode & _OTHERS:
            raise OperatorError(
                f"Others can reach {path}: run chmod go= {path}, and think about who may have read it.",
                code="KEY_NOT_PRIVATE",
            )

    def _sync(self) -> None:
        handle = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
