"""Published objects as files: whole, immutable, durable, inside their folder, and never half written."""

import errno
import os
import threading
from pathlib import Path

import pytest

from govseal.adapters.blobs import FolderBlobs
from govseal.core.errors import FetchFailed, NotPublished, RefusedError

ID = "0f" * 16
LIST = ".well-known/govseal/trust-list.jwt"
IMPOSSIBLE = [
    "",
    "/",
    "/etc/passwd",
    "../outside",
    "d/../../outside",
    "d/..",
    "d/.",
    f"d/{ID}/../../x",
    "d//x",
    f"d/{ID}/",
    f"/d/{ID}",
    f"d/{ID}\x00",
    f"d/{ID}\n",
    "d/" + "a" * 200,
    "a/" * 40 + "a",
    "d/ក្រសួង",
    "d/a b",
    "d\\a",
    f"d/{ID}/document",
    f"d/{ID}/.document.0011223344556677",
    ".hidden",
    "lists/.draft",
    ".well-known",
    "x/.well-known/govseal/y",
]


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "published")


def get(blobs: FolderBlobs, path: str, max_bytes: int = 1_000) -> bytes:
    return blobs.get("verify.example", path, max_bytes=max_bytes)


def files(root: Path) -> set[str]:
    return {str(one.relative_to(root)) for one in root.rglob("*") if one.is_file()}


@pytest.mark.parametrize(
    "path", [f"d/{ID}", f"d/{ID}/f/0", f"d/{ID}/f/12", LIST, "a/" + "0" * 64, "d/A-1", "d/x"]
)
def test_what_is_published_can_be_read(blobs: FolderBlobs, path: str) -> None:
    blobs.put(path, b"ciphertext")
    assert get(blobs, path) == b"ciphertext"


def test_a_document_and_its_files_lie_two_folders_deep(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.put("d/abcdef", b"1")
    blobs.put("d/abcdef/f/0", b"2")
    assert files(tmp_path) == {"published/d/ab/cd/abcdef/document", "published/d/ab/cd/abcdef/f/0"}


def test_an_immutable_object_is_published_once_and_the_same_bytes_again_are_no_error(
    blobs: FolderBlobs,
) -> None:
    blobs.put(f"d/{ID}", b"first")
    blobs.put(f"d/{ID}", b"first")
    with pytest.raises(RefusedError):
        blobs.put(f"d/{ID}", b"other")
    assert get(blobs, f"d/{ID}") == b"first"


def test_a_list_is_replaced(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.replace(LIST, b"first")
    blobs.replace(LIST, b"second")
    assert get(blobs, LIST) == b"second"
    assert files(tmp_path) == {f"published/{LIST}"}


def test_what_is_not_there_is_not_published_and_what_cannot_be_read_is_a_failure(
    blobs: FolderBlobs, tmp_path: Path
) -> None:
    with pytest.raises(NotPublished):
        get(blobs, f"d/{ID}")
    blobs.put(f"d/{ID}/f/0", b"x")
    for folder in ("d/0f", f"d/{ID}/f"):
        with pytest.raises(NotPublished):
            get(blobs, folder)

    (stored,) = (one for one in tmp_path.rglob("*") if one.is_file())
    stored.unlink()
    stored.symlink_to(stored)
    with pytest.raises(FetchFailed):
        get(blobs, f"d/{ID}/f/0")


def test_an_object_is_read_up_to_the_bound_and_refused_beyond_it(blobs: FolderBlobs) -> None:
    blobs.put(f"d/{ID}", b"x" * 100)
    assert len(get(blobs, f"d/{ID}", max_bytes=100)) == 100
    with pytest.raises(FetchFailed, match="longer than 99 bytes"):
        get(blobs, f"d/{ID}", max_bytes=99)


@pytest.mark.parametrize("path", IMPOSSIBLE)
def test_a_path_that_could_leave_the_folder_or_name_a_draft_is_refused(
    blobs: FolderBlobs, tmp_path: Path, path: str
) -> None:
    (tmp_path / "outside").write_bytes(b"not published")
    with pytest.raises(NotPublished):
        get(blobs, path)
    with pytest.raises(RefusedError):
        blobs.put(path, b"x")
    with pytest.raises(RefusedError):
        blobs.replace(path, b"x")
    assert files(tmp_path) == {"outside"}


def test_of_writers_at_the_same_time_one_wins_and_the_object_is_whole(
    blobs: FolderBlobs, tmp_path: Path
) -> None:
    contents = [bytes([number]) * 200_000 for number in range(8)]
    refused: list[int] = []
    start = threading.Barrier(len(contents))

    def write(number: int) -> None:
        start.wait()
        try:
            blobs.put(f"d/{ID}", contents[number])
        except RefusedError:
            refused.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(contents))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    published = get(blobs, f"d/{ID}", max_bytes=1 << 20)
    assert published in contents
    assert sorted(refused) == [number for number in range(8) if contents[number] != published]
    assert files(tmp_path) == {f"published/d/0f/0f/{ID}/document"}


def test_a_reader_sees_an_object_whole_or_not_at_all(blobs: FolderBlobs) -> None:
    sizes: set[int] = set()
    done = threading.Event()

    def read() -> None:
        last = False
        while not last:
            last = done.is_set()  # once more after that, however late this thread got its turn
            try:
                sizes.add(len(get(blobs, LIST, max_bytes=1 << 20)))
            except NotPublished:
                sizes.add(-1)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        blobs.replace(LIST, bytes([number]) * 300_000)
    done.set()
    reader.join()
    assert sizes <= {-1, 300_000}
    assert 300_000 in sizes


def test_a_full_disk_leaves_no_draft_and_no_object(
    blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs.put("d/earlier", b"x")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        blobs.put("d/eaten", b"y")
    monkeypatch.undo()
    assert files(tmp_path) == {"published/d/ea/rl/earlier/document"}
    blobs.put("d/eaten", b"y")


def test_bytes_and_every_new_folder_are_synced_before_put_returns(
    blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No power cut can be staged here; the order of the calls that guard against one can be watched."""
    events: list[str] = []
    fsync, link = os.fsync, os.link

    def watched_fsync(descriptor: int) -> None:
        place = Path(f"/proc/self/fd/{descriptor}").readlink()
        events.append("draft" if place.name.startswith(".") else str(place.relative_to(tmp_path)))
        fsync(descriptor)

    def watched_link(source: Path, target: Path) -> None:
        events.append("link")
        link(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "link", watched_link)
    blobs.put("d/abcdef", b"x")
    made = [".", "published", "published/d", "published/d/ab", "published/d/ab/cd"]
    assert events == [*made, "draft", "link", "published/d/ab/cd/abcdef"]
