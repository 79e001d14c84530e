"""Growth curves of the pure parts: what an item costs at ten times the size, against what it costs at the smaller one.

What is *not* here: the curves of outbox and index, which stand beside their figures.
"""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench.measure import FLAT, Row
from bench.openattestation import document

from govseal.core import jsjson
from govseal.core.openattestation import Integrity, check, v2
from govseal.core.openattestation.salting import uuid4_source

SMALL = 1_000
LARGE = 10 * SMALL


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows; `quick` repeats less."""
    repetitions = 3 if quick else 10
    raws = [document(number) for number in range(LARGE)]
    yield _curve("wrap", wrapped, raws[:SMALL], raws, repetitions)
    yield _curve("check", checked, read(raws[:SMALL]), read(raws), repetitions)


def wrapped(raws: list[Any]) -> list[Any]:
    """Wrap one batch."""
    return v2.wrap_batch(raws, uuid4_source(os.urandom))


def read(raws: list[Any]) -> list[Any]:
    """Return a batch as a parser makes it, not as wrapping left it in memory."""
    text = jsjson.dumps(wrapped(raws))
    parsed: list[Any] = jsjson.parse(text, max_bytes=1 << 30, max_values=1 << 30)
    return parsed


def checked(documents: list[Any]) -> None:
    """Check every document of one batch."""
    assert all(check(one).integrity is Integrity.VALID for one in documents)


def _curve(
    verb: str, work: Callable[[list[Any]], Any], small: list[Any], large: list[Any], repetitions: int
) -> Row:
    """Return the row of `work` on the large batch and the small one, in turns; the shortest of each counts."""
    times: dict[int, list[float]] = {len(one): [] for one in (small, large)}
    for _ in range(repetitions):
        for batch in (small, large):
            times[len(batch)].append(_microseconds_each(work, batch))
    name = f"growth: {verb} {len(large):,} documents, each, against {len(small):,}"
    return Row(name, min(times[len(large)]), min(times[len(small)]), "µs", FLAT)


def _microseconds_each(work: Callable[[list[Any]], Any], batch: list[Any]) -> float:
    begin = time.perf_counter()
    kept = work(batch)
    seconds = time.perf_counter() - begin
    del kept  # only now, as in `measure`
    return seconds / len(batch) * 1_000_000
