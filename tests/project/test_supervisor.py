"""The supervisor: what dies is started again, until that is no help."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from govseal.core.errors import OperatorError, OutsideError
from govseal.project import supervisor
from govseal.project.children import Child
from govseal.project.configuration import Configuration
from govseal.project.supervisor import Platform
from support.processes import ended
from support.waiting import PATIENCE, until


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def platform(tmp_path: Path, said: list[str]) -> Iterator[Platform]:
    configuration = Configuration.load({"GOVSEAL_HOME": str(tmp_path)}, running=False)
    made = Platform(configuration, said.append)
    yield made
    made.stop()


def wait_until_dead(child: Child) -> None:
    until(lambda: not child.running)


def test_what_dies_is_started_again_and_said_so(platform: Platform, said: list[str], tmp_path: Path) -> None:
    child = Child(["sh", "-c", "echo alive; exec sleep 600"], tmp_path / "log")
    platform._keep("worker", child)
    first = child._process.pid
    os.kill(first, signal.SIGKILL)
    wait_until_dead(child)
    platform.check()
    assert child.running
    assert child._process.pid != first
    assert said[0].startswith("The worker ended unexpectedly (status -9).")


def test_what_dies_again_and_again_is_given_up_with_its_last_words(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_DEATHS_WITHIN", PATIENCE)  # six deaths, on a machine as busy as may be
    child = Child(["sh", "-c", "echo 'the disk is full'; exit 3"], tmp_path / "log")
    platform._keep("worker", child)
    for _ in range(5):
        wait_until_dead(child)
        platform.check()
    wait_until_dead(child)
    with pytest.raises(OperatorError, match=r"\(status 3\)\. Its last words: the disk is full") as given_up:
        platform.check()
    assert "6 times in a minute" in given_up.value.message


def test_what_a_child_left_behind_is_ended_with_it(tmp_path: Path) -> None:
    child = Child(["sh", "-c", "sleep 600 & echo $!; wait"], tmp_path / "log")
    child.start()
    until(lambda: child.last_words() != "nothing")
    left = int(child.last_words())
    os.kill(child._process.pid, signal.SIGKILL)
    wait_until_dead(child)
    child.stop()
    until(lambda: ended(left))


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:9/none", "nonsense"])
def test_a_database_that_does_not_answer_is_named_by_its_variable(tmp_path: Path, url: str) -> None:
    where = {"GOVSEAL_HOME": str(tmp_path), "DATABASE_URL": url}
    with (
        pytest.raises(OutsideError, match="DATABASE_URL"),
        Platform(Configuration.load(where, running=False)),
    ):
        pytest.fail("it started")
