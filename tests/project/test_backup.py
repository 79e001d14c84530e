"""`govseal backup` and `restore`: an empty folder becomes the installation again, and old documents verify."""

import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from govseal.adapters.localdb import LocalDatabase
from govseal.core.errors import InputError
from govseal.project.backup import restore
from support.country import GOVSEAL, PATIENCE, PROJECT, result
from support.ports import free_port

PORT = str(free_port())
"""Of the host that the codes of both installations name."""


def govseal(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GOVSEAL_") and name != "DATABASE_URL"
    }
    environment = {**kept, "PYTHONPATH": str(PROJECT / "src"), "GOVSEAL_HOME": str(home)}
    environment["GOVSEAL_PORT"] = PORT
    return subprocess.run(
        [*GOVSEAL, *arguments, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation with sealed documents, and the one restored from its backup beside it."""
    folder = tmp_path_factory.mktemp("backup")
    assert govseal(folder / "old", "demo", "--once").returncode == 0
    yield folder
    for name in ("old", "new"):
        if (folder / name / "database").exists():
            LocalDatabase(folder / name / "database").remove()


def test_a_restored_installation_verifies_old_documents_and_issues_new_ones(home: Path) -> None:
    archive = home / "kept.tar.gz"
    kept = govseal(home / "old", "backup", str(archive))
    assert kept.returncode == 0, kept
    assert result(kept)["passphrases"] is False
    (sheet,) = (home / "old" / "documents").glob("DEMO-DIPLOMA-*.pdf")
    passphrases = home / "old" / "passphrases"

    assert govseal(home / "new", "restore", str(archive)).returncode == 0
    assert not (home / "new" / "passphrases").exists()
    shutil.copytree(passphrases, home / "new" / "passphrases")

    assert result(govseal(home / "new", "verify", str(sheet)))["outcome"] == "genuine"
    again = govseal(home / "new", "demo", "--once")
    assert again.returncode == 0, again
    assert {check["outcome"] for check in result(again)["checks"]} == {"genuine"}


def test_a_backup_replaces_no_file_and_a_restore_no_installation(home: Path) -> None:
    taken = home / "taken"
    taken.write_bytes(b"")
    refused = govseal(home / "old", "backup", str(taken))
    assert (refused.returncode, result(refused)["error"]["code"]) == (64, "FILE_EXISTS")
    refused = govseal(home / "old", "restore", str(taken))
    assert (refused.returncode, result(refused)["error"]["code"]) == (64, "NOT_EMPTY")


def archive_of(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


MANIFEST = (tarfile.TarInfo("manifest.json"), json.dumps({"form": 1}).encode())


def link(name: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return member


@pytest.mark.parametrize(
    "members",
    [
        (),
        ((tarfile.TarInfo("database.dump"), b""),),
        ((tarfile.TarInfo("manifest.json"), b'{"form": 2}'),),
        (MANIFEST, (tarfile.TarInfo("../escaped"), b"x")),
        (MANIFEST, (tarfile.TarInfo("keys/../../escaped"), b"x")),
        (MANIFEST, (tarfile.TarInfo("/etc/escaped"), b"x")),
        (MANIFEST, (tarfile.TarInfo("run/services.json"), b"{}")),
        (MANIFEST, (link("keys/seal"), b"")),
        (MANIFEST, (tarfile.TarInfo("keys/one"), b"x")),
    ],
)
def test_what_is_no_backup_leaves_nothing_behind(
    tmp_path: Path, members: tuple[tuple[tarfile.TarInfo, bytes], ...]
) -> None:
    archive = archive_of(tmp_path / "archive", *members)
    with pytest.raises(InputError) as refused:
        restore(archive, tmp_path / "home", database_url=None)
    assert refused.value.code == "NOT_A_BACKUP"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive"]


def test_a_file_cut_short_is_no_backup(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "archive", MANIFEST, (tarfile.TarInfo("keys/one"), bytes(100_000)))
    archive.write_bytes(archive.read_bytes()[:-20])
    with pytest.raises(InputError, match="no whole backup"):
        restore(archive, tmp_path / "home", database_url=None)


def test_a_file_with_one_bit_changed_is_no_backup(tmp_path: Path) -> None:
    content = os.urandom(100_000)  # does not shrink, so that only the sum at the end can tell
    members = (tarfile.TarInfo("database.dump"), b"dump"), (tarfile.TarInfo("keys/one"), content)
    archive = archive_of(tmp_path / "archive", MANIFEST, *members)
    changed = bytearray(archive.read_bytes())
    changed[len(changed) // 2] ^= 1
    archive.write_bytes(changed)
    with pytest.raises(InputError, match="no whole backup"):
        restore(archive, tmp_path / "home", database_url=None)
    assert not (tmp_path / "home").exists()
