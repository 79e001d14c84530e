"""Back an installation up into one file, and restore it into an empty folder.

The archive (tar, gzip, 0600) holds the database's dump, the published files, the keys as they lie (encrypted), the
pin of the trust list, and the local chain. Passphrases are left out unless asked for: a backup that holds both
is worth as much as the keys themselves.

Order of writing: database, then published files, then the chain. A file is durable before a row names it, so the
archive never names what it lacks. What it holds beyond the dump does no harm: a document that waited at that moment
takes the place of its own ciphertext from since (`batches`). What the chain lacks the outbox sends again.

What is *not* here: schedules and far places, which are the operator's.
"""

import gzip
import json
import os
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from govseal import __version__
from govseal.adapters.dump import read_dump, write_dump
from govseal.adapters.localdb import LocalDatabase
from govseal.core import trustlist
from govseal.core.errors import InputError, OperatorError
from govseal.project.configuration import Configuration

FORM = 1
_MANIFEST, _DATABASE = "manifest.json", "database.dump"
_FOLDERS = ("keys", "trust", "published", "chain")
_PASSPHRASES = "passphrases"
_NOT_KEPT = {"chain/lock", "chain/anvil.log"}
_CHAIN_STATE = "chain/state.json"
_TORN_TRIES = 20
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds.

    Attributes:
        file: the archive.
        files: how many files besides the dump.
        size: bytes of the archive.
        passphrases: whether they are in it.
    """

    file: Path
    files: int
    size: int
    passphrases: bool


def backup(
    configuration: Configuration,
    file: Path,
    *,
    passphrases: bool,
    tell: Callable[[str], None] = lambda _: None,
) -> Kept:
    """Write the archive, whole or not at all.

    Args:
        configuration: the installation; its database must run.
        file: where to; must not exist.
        passphrases: whether to put them in.
        tell: told each stage.

    Raises:
        InputError: `file` exists.
        OperatorError: the database cannot be dumped.
    """
    if file.exists():
        raise InputError(f"{file} exists already and is not replaced.", code="FILE_EXISTS")
    if configuration.database_url is None:
        raise OperatorError(
            "No database is configured or running: start `govseal serve`, or set DATABASE_URL."
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as scratch:
        draft = Path(scratch) / "archive"
        tell("database")
        write_dump(configuration.database_url, Path(scratch) / _DATABASE)
        with (
            os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as stream,
            tarfile.open(fileobj=stream, mode="w:gz", compresslevel=3) as archive,
        ):
            _add_text(archive, Path(scratch), _manifest(configuration))
            archive.add(Path(scratch) / _DATABASE, _DATABASE)
            count = 0
            for folder in (*_FOLDERS, *((_PASSPHRASES,) if passphrases else ())):
                tell(folder)
                count += _add_folder(archive, configuration.home, folder, Path(scratch))
        size = draft.stat().st_size
        os.link(draft, file)
    return Kept(file, count, size, passphrases)


def restore(
    file: Path,
    home: Path,
    *,
    database_url: str | None,
    published: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Restore an archive into an empty data folder; return how many files there are.

    Args:
        file: the archive.
        home: the data folder; must not exist, or be empty.
        database_url: an empty database to fill; None makes the local one.
        published: a copy of what was published until now, as it lies on a web server: the trust list is taken from it,
            and every object that the archive lacks. None where nothing of it is left.
        tell: told each stage.

    Raises:
        InputError: the file is no backup, `home` is not empty, or `published` holds no trust list.
        OperatorError: the database cannot be filled.
    """
    if published is not None and not (published / trustlist.PATH).is_file():
        raise InputError(f"{published} holds no {trustlist.PATH}: name a copy of the published folder.")
    if home.exists() and any(home.iterdir()):
        raise InputError(f"{home} is not empty: restore into a folder of its own.", code="NOT_EMPTY")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        tell("files")
        count = _unpack(file, home)
        if published is not None:
            tell("published")
            count += _take_published(published, home / "published")
        tell("database")
        if database_url is not None:
            read_dump(database_url, home / _DATABASE)
        else:
            with LocalDatabase(home / "database") as url:
                read_dump(url, home / _DATABASE)
    except BaseException:
        if database_url is None and (home / "database").exists():
            LocalDatabase(home / "database").remove()
        shutil.rmtree(home, ignore_errors=True)
        raise
    (home / _DATABASE).unlink()
    (home / _MANIFEST).unlink()
    return count


# --- writing ------------------------------------------------------------------------------------------


def _manifest(configuration: Configuration) -> str:
    return json.dumps(
        {
            "form": FORM,
            "govseal": __version__,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "host": configuration.host,
            "chain_id": configuration.chain_id,
            "genesis": configuration.genesis,
        }
    )


def _add_text(archive: tarfile.TarFile, scratch: Path, text: str) -> None:
    (scratch / _MANIFEST).write_text(text)
    archive.add(scratch / _MANIFEST, _MANIFEST)


def _add_folder(archive: tarfile.TarFile, home: Path, folder: str, scratch: Path) -> int:
    count = 0
    for path in _files(home / folder):
        name = path.relative_to(home).as_posix()
        if name in _NOT_KEPT:
            continue
        archive.add(_whole_state(path, scratch) if name == _CHAIN_STATE else path, name, recursive=False)
        count += 1
    return count


def _files(folder: Path) -> Iterator[Path]:
    """Yield every regular file below `folder`; drafts, whose names begin with a dot, are nobody's yet."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(root) / name
            if path.is_file() and not path.is_symlink() and not name.startswith("."):
                yield path


def _whole_state(path: Path, scratch: Path) -> Path:
    """Return a copy of the chain's state that is whole: a running chain rewrites it in place."""
    copy = scratch / "state.json"
    for _ in range(_TORN_TRIES):
        content = path.read_bytes()
        try:
            json.loads(content)
        except ValueError:
            time.sleep(0.1)
            continue
        copy.write_bytes(content)
        return copy
    raise OperatorError("The chain's state is being rewritten all the time; try again in a moment.")


# --- reading ------------------------------------------------------------------------------------------


def _unpack(file: Path, home: Path) -> int:
    try:
        with gzip.open(file) as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            members = iter(archive)
            _check_manifest(archive, next(members, None), home)
            count = 0
            for member in members:
                _write_member(archive, member, home)
                count += member.name != _DATABASE
            while stream.read(_CHUNK):
                pass  # to its very end, where the sum over all of it stands
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise InputError(f"{file} is no whole backup: {error}.", code="NOT_A_BACKUP") from error
    if not (home / _DATABASE).exists():
        raise InputError(f"{file} is no whole backup: it holds no database.", code="NOT_A_BACKUP")
    return count


def _take_published(published: Path, ours: Path) -> int:
    """Copy the trust list, and every object that is not there yet; return how many were copied.

    Nothing is judged here: whoever reads an object checks it, and the next start goes on from the list only where it is
    newer and signed by a key to which the pin leads.
    """
    count = 0
    for path in _files(published):
        name = path.relative_to(published)
        target = ours / name
        if target.exists() and name != Path(trustlist.PATH):
            continue
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        shutil.copyfile(path, target)
        count += 1
    return count


def _check_manifest(archive: tarfile.TarFile, member: tarfile.TarInfo | None, home: Path) -> None:
    if member is None or member.name != _MANIFEST:
        raise InputError("This file is no backup of govseal.", code="NOT_A_BACKUP")
    _write_member(archive, member, home)
    try:
        form = json.loads((home / _MANIFEST).read_text())["form"]
    except (ValueError, KeyError, TypeError):
        form = None
    if form != FORM:
        raise InputError("This backup is of a form that this version does not know.", code="NOT_A_BACKUP")


def _write_member(archive: tarfile.TarFile, member: tarfile.TarInfo, home: Path) -> None:
    """Write one member below `home`: a regular file in one of the folders, and nothing else."""
    parts = member.name.split("/")
    known = member.name in {_MANIFEST, _DATABASE} or parts[0] in {*_FOLDERS, _PASSPHRASES}
    if not member.isfile() or not known or any(part in {"", ".", ".."} for part in parts):
        raise InputError(
            f"The backup holds {member.name!r}, which does not belong there.", code="NOT_A_BACKUP"
        )
    target = home.joinpath(*parts)
    private = parts[0] != "published"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o755)
    content = archive.extractfile(member)
    if content is None:
        raise InputError(f"The backup's {member.name!r} cannot be read.", code="NOT_A_BACKUP")
    with os.fdopen(
        os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if private else 0o644), "wb"
    ) as stream:
        shutil.copyfileobj(content, stream)
