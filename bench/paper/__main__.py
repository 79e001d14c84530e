"""`python -m bench.paper [--sheets N]`: every curve, into `bench/paper/results.json` and `docs/img/paper-*.svg`.

Three curves: by printed size (two copies, a photo of the whole sheet), by the number of copies at the sizes of
docs/protocol.md section 4, and by the way of taking the picture. `--draw` draws anew what was measured last.
"""

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Final

import cv2
from bench import machine
from bench.paper import plot
from bench.paper.subjects import PROFILES
from bench.paper.trials import CAPTURES, READERS, Point, made, read_counts
from rich.console import Console

RESULTS: Final = Path(__file__).with_name("results.json")
SIZES: Final = {
    "compact": (10.0, 12.0, 14.5, 17.0, 20.0, 25.0, 32.5),
    "offline": (20.0, 25.0, 28.0, 32.5, 40.0),
    "peer": (14.5, 17.0, 20.0, 25.0, 32.5),
}
PRINTED: Final = {"compact": 20.0, "offline": 32.5, "peer": 20.0}
SHOWN: Final = (
    Point("compact", 20.0, 0, "close"),
    Point("offline", 32.5, 2, "scan"),
    Point("peer", 20.0, 2, "sheet"),
    Point("compact", 14.5, 4, "sent"),
)
MOST_COPIES: Final = 4
SHEETS: Final = 60


def points() -> list[Point]:
    """Return every condition of the three curves, those at the sizes of the protocol first."""
    by_size = {Point(profile, side, 2, "sheet") for profile in PROFILES for side in SIZES[profile]}
    by_copies = {
        Point(profile, PRINTED[profile], copies, "sheet")
        for profile in PROFILES
        for copies in range(MOST_COPIES + 1)
    }
    by_capture = {
        Point(profile, PRINTED[profile], 2, capture) for profile in PROFILES for capture in CAPTURES
    }
    return sorted(by_copies | by_capture) + sorted(by_size - by_copies - by_capture)


def main() -> None:
    """Measure, tell, draw."""
    parser = argparse.ArgumentParser(prog="python -m bench.paper", description="The paper laboratory.")
    parser.add_argument(
        "--sheets", type=int, default=SHEETS, help=f"sheets a condition ({SHEETS} unless given)"
    )
    parser.add_argument("--draw", action="store_true", help="draw what was measured last")
    given = parser.parse_args()
    if not given.draw:
        measure(given.sheets)
    plot.draw(json.loads(RESULTS.read_text()))
    plot.show([made(point, number)[0] for number, point in enumerate(SHOWN)])


def measure(sheets: int) -> None:
    """Measure every condition with `sheets` sheets; what is counted is kept as it comes."""
    cv2.setNumThreads(1)
    begun = time.monotonic()
    console = Console()
    counted = []
    for point, counts in read_counts(points(), sheets):
        counted.append({**asdict(point), "read": counts})
        told = ", ".join(f"{reader} {counts[reader]}" for reader in READERS)
        console.print(
            f"{point.profile} {point.side_mm:g} mm, {point.copies} copies, {point.capture}: of {sheets} {told}"
        )
        facts = {
            "sheets": sheets,
            "minutes": round((time.monotonic() - begun) / 60, 1),
            "on": machine.facts(),
        }
        RESULTS.write_text(json.dumps({**facts, "points": counted}, indent=1) + "\n")


if __name__ == "__main__":
    main()
