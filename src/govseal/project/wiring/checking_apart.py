"""Checks many files and links by several processes, one for each core, where there is enough to check.

    for checked in many(checker, items, seen={}):
        checked.name, checked.outcome

Invariants: the answers, and their order, are those of one process; no more than `_AHEAD` parts for each process are
begun or waited for, however many items there are; no process outlives the iteration, nor the process that iterates;
one that is ended from outside is an error, not a wait.

The pages for many do not do this: two hundred items there are shown eight at a time, the server's processes share the
cores already, and one visitor shall not take them all.

What is *not* here: checking (`checking`), and what an answer is (`govseal.apps.verification.many`).
"""

import os
import signal
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread

from govseal.apps.verification.many import PART, PART_FILES, Checked, Item, told_apart
from govseal.core.errors import OutsideError
from govseal.project.configuration import Configuration
from govseal.project.wiring.checking import Checker

_WORTH_A_START = 16
"""Files that take as long to check as a process to start, and more."""
_LINKS_OF_A_FILE = 200
"""Links that take as long to check as a file."""
_MOST_PROCESSES = 16
"""Each holds some 150 MB, and searches pictures by a child of its own."""
_AHEAD = 3
_PARTS_EACH = 8
"""Of few items, so many parts for each process: that none is left alone with the last, and progress is seen."""


def many(checker: Checker, items: Sequence[Item], seen: Mapping[str, str]) -> Generator[Checked]:
    """Verify many files and links; yield the answers as `many_verify` does.

    Args:
        checker: verifies in this process; others are made by its configuration.
        items: their `read` can be pickled.
        seen: names of items that were checked before, by their `identity`.

    Raises:
        GovsealError: no verifier can be had.
        OutsideError: a process was ended from outside.
    """
    processes = _worthwhile(items)
    if processes == 1:
        yield from checker.many(items, seen)
    else:
        yield from told_apart(_by_processes(processes, checker.configuration, items), seen)


def _worthwhile(items: Sequence[Item]) -> int:
    """Return how many processes are worth their start, 1 or more."""
    files = sum(1 for item in items if item.read is not None)
    work = files + (len(items) - files) // _LINKS_OF_A_FILE
    return max(1, min(len(os.sched_getaffinity(0)), _MOST_PROCESSES, work // _WORTH_A_START))


def _by_processes(processes: int, configuration: Configuration, items: Sequence[Item]) -> Iterator[Checked]:
    others = set(active_children())
    # Not forked: connections and threads of this process are its own
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_begin)
    most = PART if all(item.read is None for item in items) else PART_FILES
    size = max(1, min(most, len(items) // (processes * _PARTS_EACH)))
    parts = (
        pool.submit(_checked, configuration, items[start : start + size])
        for start in range(0, len(items), size)
    )
    try:
        yield from _in_order(parts, _AHEAD * processes)
    except BrokenProcessPool:
        message = (
            "A process that was checking was ended from outside, perhaps for want of memory. Run it again;"
            " with --resume it goes on after the rows that the table has."
        )
        raise OutsideError(message) from None
    finally:
        for child in set(active_children()) - others:  # nobody waits for an answer any more
            child.kill()
        pool.shutdown(cancel_futures=True)


def _in_order(parts: Iterator[Future[list[Checked]]], ahead: int) -> Iterator[Checked]:
    """Yield the answers of parts that are begun as they are asked for, so many ahead."""
    begun = deque(islice(parts, ahead))
    while begun:
        answers = begun.popleft().result()
        begun.extend(islice(parts, 1))
        yield from answers


# --- in a process that checks -------------------------------------------------------------------------


def _begin() -> None:
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # of Ctrl-C the process that iterates hears too, and ends this one
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
    os._exit(1)


def _checked(configuration: Configuration, items: Sequence[Item]) -> list[Checked]:
    return list(_checker(configuration).many(items, {}))


@cache
def _checker(configuration: Configuration) -> Checker:
    """Return the one checker of this process."""
    return Checker(configuration)
