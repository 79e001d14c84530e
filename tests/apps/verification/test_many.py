"""Many files and links at once: an answer for each, whatever the others are, a part at a time."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from govseal.apps.verification import many, services
from govseal.apps.verification.many import Checked, Item
from govseal.core import jsjson
from govseal.core.verdict import Outcome
from support.world import World


class NoSheets:
    """`Sheets` of files that make a library fail."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("a fault of a library")


@pytest.fixture
def here() -> World:
    return World()


def check(here: World, items: Any, **arguments: Any) -> Iterator[Checked]:
    return many.many_verify(items=items, verifier=here.verifier, sheets=NoSheets(), **arguments)  # type: ignore[arg-type] # a made port


def test_what_one_is_spoils_no_other(here: World) -> None:
    paper, revoked = here.issue("one"), here.issue("two")
    here.ledger.revoke(revoked.target)

    def gone() -> bytes:
        raise FileNotFoundError(2, "No such file or directory")

    items = [
        Item("link", text=f" {paper.compact}\n"),
        Item("photo.jpg", read=lambda: b"\xff\xd8\xff"),
        Item("gone.pdf", read=gone),
        Item("revoked.json", read=lambda: jsjson.dumps(revoked.wrapped).encode()),
        Item("elsewhere", text="https://elsewhere.example/s#1"),
        Item("link", text=paper.offline),
    ]
    found = list(check(here, items))
    assert [(one.name, one.outcome.value, one.reason and one.reason.code) for one in found] == [
        ("link", "genuine", None),
        ("photo.jpg", "could_not_check", "FILE_UNUSABLE"),
        ("gone.pdf", "could_not_check", "FILE_UNUSABLE"),
        ("revoked.json", "revoked", "REVOKED"),
        ("elsewhere", "not_recognised", "HOST_NOT_LISTED"),
        ("link", "genuine", None),
    ]
    assert [one.same_as for one in found] == ["", "", "", "", "", "link"]
    assert [one.shown is not None for one in found] == [True, False, False, True, False, True]
    assert (found[0].link, found[3].link) == (paper.compact, "")


def test_each_is_told_what_it_is_told_alone(here: World) -> None:
    papers = [here.issue(f"paper {number}") for number in range(3)]
    here.ledger.revoke(papers[1].root)
    here.site.objects.pop((papers[2].host, f"d/{papers[2].id}"))
    texts = [text for paper in papers for text in (paper.compact, paper.offline)]
    alone = [here.check(text) for text in texts]
    assert {one.verdict.outcome for one in alone} == {Outcome.GENUINE, Outcome.REVOKED, Outcome.NOT_FOUND}
    assert services.texts_verify(texts=texts, verifier=here.verifier()) == alone


def test_no_more_than_a_part_is_taken_at_a_time(here: World) -> None:
    paper, taken = here.issue(), 0

    def items() -> Iterator[Item]:
        nonlocal taken
        for _ in range(2 * many.PART + 1):
            taken += 1
            yield Item("link", text=paper.compact)

    found = check(here, items())
    assert next(found).outcome is Outcome.GENUINE
    assert taken == many.PART
    assert sum(1 for _ in found) == 2 * many.PART


def test_fewer_files_than_links_are_taken_at_a_time(here: World) -> None:
    paper, read = here.issue(), 0
    content = jsjson.dumps(paper.wrapped).encode()

    def reading() -> bytes:
        nonlocal read
        read += 1
        return content

    found = check(here, [Item(str(number), read=reading) for number in range(many.PART_FILES + 1)])
    assert next(found).name == "0"
    assert read == many.PART_FILES
    assert sum(1 for _ in found) == many.PART_FILES


def test_large_files_make_smaller_parts(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    paper, read = here.issue(), 0
    content = jsjson.dumps(paper.wrapped).encode()
    monkeypatch.setattr(many, "PART_BYTES", 2 * len(content))

    def reading() -> bytes:
        nonlocal read
        read += 1
        return content

    found = check(here, [Item(str(number), read=reading) for number in range(5)])
    assert next(found).name == "0"
    assert read == 2
    assert [one.same_as for one in found] == ["0", "0", "0", "0"]


def test_what_was_checked_before_is_known_again(here: World) -> None:
    paper = here.issue()
    (found,) = check(here, [Item("now", text=paper.compact)], seen={paper.id: "before"})
    assert found.same_as == "before"


def test_documents_together_look_at_each_list_once(here: World) -> None:
    """They cannot see two different lists or receipts, and nobody is asked a hundred times."""
    paper = here.issue()
    offline = replace(here.verifier(), ledger=None)
    offline.many([services.Subject(text=paper.compact)] * 3)
    receipt = ("verify.example", f"a/{paper.root.hex()}")
    assert here.site.fetched.count(receipt) == 1
    assert len(here.site.fetched) == 4
