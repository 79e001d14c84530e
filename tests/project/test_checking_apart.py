"""Many things checked by several processes: the answers of one, none left over, and no wait for one that is gone."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from functools import partial
from multiprocessing import active_children
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from govseal.apps.verification.many import Checked, Item
from govseal.core.errors import OperatorError, OutsideError
from govseal.core.verdict import Outcome
from govseal.project.wiring import checking_apart
from support import checkwork
from support.sealed import Sealed
from support.waiting import until

LeftOver = Callable[[], set[BaseProcess]]

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes, however few the items and the cores."""
    monkeypatch.setattr(checking_apart, "_worthwhile", lambda _items: 2)


@pytest.fixture
def left_over(sealed: Sealed) -> LeftOver:
    """Tells which processes were started here, beside those of the country."""
    del sealed  # begun by now
    others = set(active_children())
    return lambda: set(active_children()) - others


@pytest.mark.usefixtures("by_two")
def test_the_answers_and_their_order_are_those_of_one_process(
    sealed: Sealed, tmp_path: Path, left_over: LeftOver
) -> None:
    pdf = tmp_path / "sheet.pdf"
    pdf.write_bytes(sealed.alone.pdf)
    items = [
        Item("waiting", text=sealed.waiting),
        Item("file", read=partial(Path.read_bytes, pdf)),
        Item("gone", read=partial(Path.read_bytes, tmp_path / "gone.pdf")),
        *(Item(f"code {sheet.id}", text=sheet.link) for sheet in (*sealed.several, sealed.revoked)),
        Item("elsewhere", text="https://elsewhere.example/s#1"),
        Item("the file's code", text=sealed.alone.link),
        *(Item(f"again {place}", text=sealed.several[0].link) for place in range(12)),
    ]
    seen = {sealed.several[1].id: "before"}
    checker = sealed.checker()
    found = list(checking_apart.many(checker, items, seen))
    assert found == list(checker.many(items, seen))
    assert [one.name for one in found] == [item.name for item in items]
    by_name = {one.name: one for one in found}
    assert by_name[f"code {sealed.revoked.id}"].outcome is Outcome.REVOKED
    assert by_name[f"code {sealed.several[1].id}"].same_as == "before"
    assert by_name["the file's code"].same_as == "file"
    assert by_name["again 11"].same_as == f"code {sealed.several[0].id}"
    assert not left_over()


@pytest.mark.usefixtures("by_two")
def test_a_process_that_is_ended_from_outside_is_an_error_and_no_wait(
    sealed: Sealed, left_over: LeftOver
) -> None:
    killed = Item("killed", read=partial(signal.raise_signal, signal.SIGKILL))  # type: ignore[arg-type] # gives nothing
    items = [Item("code", text=sealed.alone.link)] * 16 + [killed] * 16
    with pytest.raises(OutsideError, match="--resume"):
        list(checking_apart.many(sealed.checker(), items, {}))
    assert not left_over()


@pytest.mark.usefixtures("by_two")
def test_whoever_takes_no_more_leaves_no_process(sealed: Sealed, tmp_path: Path, left_over: LeftOver) -> None:
    codes = [Item("code", text=sealed.alone.link)] * 2
    held = [Item("held", read=partial(checkwork.hold, tmp_path / str(place))) for place in range(30)]
    with closing(checking_apart.many(sealed.checker(), [*codes, *held], {})) as answers:
        assert next(answers).outcome is Outcome.GENUINE
        until(lambda: checkwork.is_held(tmp_path / "0"))
        assert left_over()
    assert not left_over()
    assert not checkwork.is_held(tmp_path / "0")


@pytest.mark.usefixtures("by_two")
def test_what_is_set_up_wrongly_is_told_as_in_one_process(sealed: Sealed, tmp_path: Path) -> None:
    checker = sealed.checker()
    checker.configuration = replace(checker.configuration, home=tmp_path)
    with pytest.raises(OperatorError, match="No trust list is published here yet"):
        list(checking_apart.many(checker, [Item("code", text=sealed.alone.link)] * 2, {}))


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 3), (signal.SIGKILL, -signal.SIGKILL)])
def test_however_the_command_ends_no_process_outlives_it(
    sealed: Sealed, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    path = os.pathsep.join([sealed.country.environment["PYTHONPATH"], str(TESTS)])
    command = [sys.executable, "-m", "support.checkwork", str(tmp_path)]
    process = sealed.country.start(command, PYTHONPATH=path)
    held = [tmp_path / "0", tmp_path / "2"]  # the first of each process: two items are a part
    until(lambda: all(map(checkwork.is_held, held)))
    process.send_signal(number)
    assert sealed.country.end(process) == status
    until(lambda: not any(map(checkwork.is_held, held)))


def test_processes_are_started_where_they_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    file, link = Item("file", read=bytes), Item("link", text="link")
    for cores, items, processes in (
        (8, [file] * 31, 1),
        (8, [file] * 32, 2),
        (8, [link] * 6_399, 1),
        (8, [link] * 6_400, 2),
        (8, [file] * 16 + [link] * 3_200, 2),
        (8, [file] * 10_000, 8),
        (1, [file] * 10_000, 1),
        (128, [file] * 10_000, 16),
    ):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _pid, cores=cores: set(range(cores)))
        assert checking_apart._worthwhile(items) == processes


def test_no_more_parts_are_begun_than_are_wanted_soon() -> None:
    begun = 0

    def parts() -> Iterator[Future[list[Checked]]]:
        nonlocal begun
        for place in range(100):
            begun += 1
            part: Future[list[Checked]] = Future()
            part.set_result([Checked(str(place), Outcome.GENUINE, None)])
            yield part

    answers = checking_apart._in_order(parts(), 6)
    assert next(answers).name == "0"
    assert begun == 7
    assert [one.name for one in answers] == [str(place) for place in range(1, 100)]
