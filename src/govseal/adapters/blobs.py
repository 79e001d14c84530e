"""Published objects as files under one folder: what a web server or CDN serves as it lies there.

`d/<id>` lies in `d/<2 digits>/<2 digits>/<id>/document`, its files beside it; every other object lies as it
is named.

Invariants: an object is durable and whole once `put` returns (written beside, synced, renamed); an immutable
object never changes; no path leaves the folder.

    FolderBlobs(Path("/srv/govseal/published")).put("d/00ff…", ciphertext)

What is *not* here: caching headers (`govseal.web.public`, `deploy/nginx.conf`), and fetching from elsewhere
(`http`).
"""

import os
import re
import secrets
from pathlib import Path

from govseal.core.errors import FetchFailed, NotPublished, RefusedError

_PATH = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,5}")


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
            with self._file(path).open("rb") as stream:
                content = stream.read(max_bytes + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise NotPublished("Nothing is published under this name.", path=path) from None
        except OSError as error:
            raise FetchFailed("The store of published objects could not be read.", path=path) from error
        if len(content) > max_bytes:
            raise FetchFailed(f"The published object is longer than {max_bytes:,} bytes.", path=path)
        return content

    def put(self, path: str, content: bytes) -> None:
        """Publish an immutable object (see `PublishedWriter.put`)."""
        target = self._file(path)
        draft = self._draft(target, content)
        try:
            os.link(draft, target)  # unlike a rename, refuses to replace
        except FileExistsError:
            if target.read_bytes() != content:
                raise RefusedError("Other bytes are published under this name.", path=path) from None
        finally:
            draft.unlink()
        _sync_folder(target.parent)

    def replace(self, path: str, content: bytes) -> None:
        """Publish a list in place of the one before (see `PublishedWriter.replace`)."""
        target = self._file(path)
        self._draft(target, content).replace(target)
        _sync_folder(target.parent)

    def _file(self, path: str) -> Path:
        if not _PATH.fullmatch(path) or any(part in {".", ".."} for part in path.split("/")):
            raise NotPublished("No object has a name of this form.", path=path)
        match path.split("/"):
            case ["d", identifier, *rest]:  # two levels of 256 keep folders small at 200 M documents
                folder = self._root / "d" / identifier[:2] / identifier[2:4] / identifier
                return folder.joinpath(*rest or ["document"])
        return self._root / path

    @staticmethod
    def _draft(target: Path, content: bytes) -> Path:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        with draft.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        return draft


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
