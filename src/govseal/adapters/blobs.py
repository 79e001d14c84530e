"""Published objects as files under one folder: what a web server or CDN serves as it lies there.

`d/<id>` lies in `d/<2 digits>/<2 digits>/<id>/document`, its files beside it; every other object lies as it
is named.

Invariants: an object is durable and whole once `put` returns (written beside, synced, linked, and every folder
that was made for it synced too); an immutable object changes only where its writer says `over`, whoever writes at the
same time; no path leaves the folder; what is being written has no name that anybody can ask for.

    FolderBlobs(Path("/srv/govseal/published")).put("d/00ff…", ciphertext)

What is *not* here: caching headers (`govseal.web.public`, `deploy/nginx.conf`), and fetching from elsewhere
(`http`).
"""

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from govseal.core.errors import FetchFailed, NotPublished, RefusedError

_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}"
_PATH = re.compile(rf"(?:\.well-known/)?{_PART}(?:/{_PART}){{0,4}}")
"""A name that begins with a full stop is a draft, but for the one of RFC 8615."""


def _never(found: bytes) -> bool:
    del found
    return False


class FolderBlobs:
    """Fulfils `PublishedReader` and `PublishedWriter` over a folder.

    Args:
        root: the folder; made when something is first published.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, host: str, path: str, *, max_bytes: int) -> bytes:
        """Return an object's bytes; the folder is every host's (see `PublishedReader.get`)."""
        del host
        try:
            with open(self._name(path), "rb") as stream:  # noqa: PTH123 - a Path takes as long as the read
                # Memory is taken for as much as is asked for, so no more is than the file has.
                content = stream.read(min(os.fstat(stream.fileno()).st_size, max_bytes) + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise NotPublished("Nothing is published under this name.", path=path) from None
        except OSError as error:
            raise FetchFailed("The store of published objects could not be read.", path=path) from error
        if len(content) > max_bytes:
            raise FetchFailed(f"The published object is longer than {max_bytes:,} bytes.", path=path)
        return content

    def put(self, path: str, content: bytes, *, over: Callable[[bytes], bool] = _never) -> None:
        """Publish an immutable object (see `PublishedWriter.put`).

        Raises:
            RefusedError: other bytes are published under that path, or no object can have that name.
        """
        target = self._target(path)
        draft = _draft(target, content)
        try:
            os.link(draft, target)  # unlike a rename, refuses to replace
        except FileExistsError:
            found = target.read_bytes()
            if found != content:
                if not over(found):
                    raise RefusedError("Other bytes are published under this name.", path=path) from None
                draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        _sync(target.parent)

    def replace(self, path: str, content: bytes) -> None:
        """Publish a list in place of the one before (see `PublishedWriter.replace`).

        Raises:
            RefusedError: no object can have that name.
        """
        target = self._target(path)
        _draft(target, content).replace(target)
        _sync(target.parent)

    def _target(self, path: str) -> Path:
        try:
            return Path(self._name(path))
        except NotPublished as error:
            raise RefusedError(error.message, path=path) from None

    def _name(self, path: str) -> str:
        """Return the name of the file that holds an object."""
        if not _PATH.fullmatch(path):
            raise NotPublished("No object has a name of this form.", path=path)
        match path.split("/"):
            case ["d", identifier, *rest] if len(rest) != 1:  # two levels of 256 keep folders small at 200 M
                within = "/".join(rest) or "document"
                return f"{self._root}/d/{identifier[:2]}/{identifier[2:4]}/{identifier}/{within}"
            case ["d", *_]:
                raise NotPublished("No object has a name of this form.", path=path)
        return f"{self._root}/{path}"


def _draft(target: Path, content: bytes) -> Path:
    """Write `content` whole and synced beside `target`, under a name that cannot be asked for."""
    _make_folder(target.parent)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it; a name is durable once its own folder is synced."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
