"""Evidence files with a folder that remembers status lists: the newest one judges, and none that contradicts it."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from govseal.adapters.seen import FolderMemory
from govseal.apps.verification.evidence import evidence_verify
from govseal.core import trustlist
from govseal.core.status import State
from govseal.core.verify import Bundle
from support.seals import OPERATOR, certificate, signer
from support.standing import INDEX, URI, receipt_of, status_token, watching
from support.world import NOW, Paper, World

LISTED = replace(watching(), operator={"en": OPERATOR})
TRUST = trustlist.sign(LISTED, certificate=certificate("list"), signer=signer("list"))
BEFORE, LATER = NOW, NOW + timedelta(days=20)
PAPER = World(lists=[LISTED]).issue()
REVOKED = {INDEX: State.REVOKED}
NEIGHBOUR = {INDEX + 1: State.REVOKED}


def evidence(made: datetime, states: dict[int, State] | None = None, *, paper: Paper = PAPER) -> Bundle:
    """Return evidence made at a moment, with the list of an hour before."""
    issued, expires = made - timedelta(hours=1), made + timedelta(days=7)
    return Bundle(
        made=made,
        document=paper.wrapped,
        trust_list=TRUST,
        status_uri=URI,
        status_list=status_token(states, issued_at=issued, expires_at=expires).decode(),
        receipt=receipt_of(paper).decode(),
    )


def told(one: Bundle, seen: Path | None, at: datetime | None = None) -> tuple[str, str | None]:
    report = evidence_verify(
        content=one.to_bytes(),
        trust_token=None,
        pin=certificate("list"),
        now=LATER,
        at=at,
        seen=FolderMemory(seen) if seen else None,
    )
    reason = report.verdict.reason
    return report.verdict.outcome.value, reason.code if reason else None


def refused(seen: Path) -> set[str]:
    return {file.read_text() for file in (seen / "refused").iterdir()}


def test_the_newest_list_seen_tells_what_an_older_file_cannot_know(tmp_path: Path) -> None:
    older, newer = evidence(BEFORE), evidence(LATER, REVOKED)
    assert told(older, tmp_path) == ("genuine", None)
    assert told(newer, tmp_path) == ("revoked", "REVOKED")
    for at in (None, BEFORE, LATER):
        assert told(older, tmp_path, at) == ("revoked", "REVOKED")
    assert told(older, None) == ("genuine", None)
    assert not (tmp_path / "refused").exists()


def test_an_older_file_is_as_genuine_as_before_where_nothing_became_of_its_document(tmp_path: Path) -> None:
    assert told(evidence(LATER, NEIGHBOUR), tmp_path) == ("genuine", None)
    assert told(evidence(BEFORE), tmp_path) == ("genuine", None)


def test_two_lists_of_one_moment_are_refused_kept_and_reported(tmp_path: Path) -> None:
    one, other = evidence(LATER), evidence(LATER, NEIGHBOUR)
    assert told(one, tmp_path) == ("genuine", None)
    assert told(other, tmp_path) == ("could_not_check", "STATUS_LIST_FORKED")
    assert refused(tmp_path) == {one.status_list, other.status_list}


@pytest.mark.parametrize("order", [1, -1], ids=["as they were made", "the older one last"])
def test_a_list_that_forgets_a_revocation_is_told_in_whichever_order(tmp_path: Path, order: int) -> None:
    first, second = [evidence(BEFORE, NEIGHBOUR), evidence(LATER)][::order]
    assert told(first, tmp_path) == ("genuine", None)
    assert told(second, tmp_path) == ("could_not_check", "STATUS_LIST_TAKES_BACK")
    assert refused(tmp_path) == {first.status_list, second.status_list}


def test_a_list_that_cannot_be_believed_is_not_remembered(tmp_path: Path) -> None:
    forged = replace(evidence(BEFORE), status_list=status_token(REVOKED, by="mallory").decode())
    assert told(forged, tmp_path) == ("could_not_check", "STATUS_LIST_REFUSED")
    assert told(evidence(BEFORE), tmp_path) == ("genuine", None)
