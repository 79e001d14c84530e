"""Lists that were seen: nothing kept gets older, nothing refused fills a disk, no folder makes a check fail."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from govseal.adapters.seen import REFUSED_LIMIT, FolderMemory
from govseal.core.ports import KeptList

NAME = "https://verify.example/status/1"


def kept(order: int, token: bytes = b"e30.e30.e30") -> KeptList:
    return KeptList(order, f"{order:064x}", token)


@pytest.fixture
def memory(tmp_path: Path) -> FolderMemory:
    return FolderMemory(tmp_path / "seen")


def test_what_is_kept_is_recalled_by_another_process(tmp_path: Path, memory: FolderMemory) -> None:
    assert memory.recall(NAME) is None
    memory.keep(NAME, kept(7, b"\xd2\x84 signed"))
    assert FolderMemory(tmp_path / "seen").recall(NAME) == kept(7, b"\xd2\x84 signed")
    assert memory.recall(f"{NAME}2") is None


def test_what_is_kept_never_gets_older_and_is_not_exchanged(tmp_path: Path, memory: FolderMemory) -> None:
    other = FolderMemory(tmp_path / "seen")
    memory.keep(NAME, kept(7))
    other.keep(NAME, kept(6))
    other.keep(NAME, kept(7, b"another"))
    assert memory.recall(NAME) == kept(7)
    assert FolderMemory(tmp_path / "seen").recall(NAME) == kept(7)
    other.keep(NAME, kept(8))
    assert memory.recall(NAME) == kept(8)


def test_the_newest_of_many_writers_stays(tmp_path: Path) -> None:
    writers = [FolderMemory(tmp_path / "seen") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda order: writers[order % 4].keep(NAME, kept(order)), range(1, 41)))
    assert FolderMemory(tmp_path / "seen").recall(NAME) == kept(40)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/", "x" * 100_000, "ឈ្មោះ", ""])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    FolderMemory(tmp_path / "seen").keep(name, kept(1))
    assert FolderMemory(tmp_path / "seen").recall(name) == kept(1)
    assert [one.name for one in tmp_path.iterdir()] == ["seen"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"order": "x"}', b"\xff\xfe", b"[" * 9_000])
def test_a_damaged_file_is_passed_over_and_told(
    tmp_path: Path, memory: FolderMemory, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    memory.keep(NAME, kept(7))
    (file,) = (tmp_path / "seen").glob("*.json")
    file.write_bytes(content)
    anew = FolderMemory(tmp_path / "seen")
    assert anew.recall(NAME) is None
    assert "damaged" in caplog.text
    anew.keep(NAME, kept(8))
    assert FolderMemory(tmp_path / "seen").recall(NAME) == kept(8)


def test_a_folder_that_cannot_be_written_to_leaves_the_memory_of_the_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    memory = FolderMemory(tmp_path / "file")
    memory.keep(NAME, kept(7))
    memory.report(NAME, "STATUS_LIST_FORKED", b"other")
    assert memory.recall(NAME) == kept(7)


def test_what_was_refused_is_kept_beside_what_it_contradicts_and_told(
    tmp_path: Path, memory: FolderMemory, caplog: pytest.LogCaptureFixture
) -> None:
    memory.keep(NAME, kept(7, b"believed"))
    with caplog.at_level(logging.ERROR):
        memory.report(NAME, "STATUS_LIST_FORKED", b"refused")
    files = list((tmp_path / "seen" / "refused").iterdir())
    assert {file.read_bytes() for file in files} == {b"believed", b"refused"}
    assert "STATUS_LIST_FORKED" in caplog.text
    assert memory.recall(NAME) == kept(7, b"believed")


def test_false_lists_without_end_fill_no_disk(tmp_path: Path, memory: FolderMemory) -> None:
    first = b"first"
    memory.report(NAME, "STATUS_LIST_FORKED", first)
    for number in range(REFUSED_LIMIT + 9):
        memory.report(NAME, "STATUS_LIST_FORKED", b"%d" % number)
    files = list((tmp_path / "seen" / "refused").iterdir())
    assert len(files) == REFUSED_LIMIT
    assert first in {file.read_bytes() for file in files}
