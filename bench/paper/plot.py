"""Draws what the laboratory counted, as SVG for the documentation: plain lines, the same bytes for the same counts.

Each point has its 95 % interval (Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference",
JASA 22), because few sheets say little. Colours are Okabe and Ito's, which the colour-blind tell apart; every line also
has its own marker and its name at its end.

`show` puts some sheets side by side, to see what was counted. What is *not* here: the counts (`trials`).
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "img"
_WIDTH, _HEIGHT = 720, 400
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 44, 130, 56
_COLOURS: Final = {"compact": "#0072B2", "offline": "#009E73", "peer": "#D55E00"}
_NAMES: Final = {"compact": "compact", "offline": "offline", "peer": "link"}
_DASHES: Final = {"platform": "", "phone": ' stroke-dasharray="5 4"'}
_Z: Final = 1.96
_SHOWN: Final = 360


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture: share of sheets read, over one quantity.

    Attributes:
        name: of the file.
        title: above the picture.
        axis: below it.
        ticks: values of the quantity that are written out.
        place: gives the quantity of a point, or None when the point is of another picture.
        profiles: which lines.
    """

    name: str
    title: str
    axis: str
    ticks: Sequence[float]
    place: Callable[[dict[str, Any]], float | None]
    profiles: tuple[str, ...] = ("compact", "offline", "peer")


_PRINTED: Final = {"compact": 20.0, "offline": 32.5, "peer": 20.0}
CHARTS: Final = (
    Chart(
        "paper-size",
        "By printed width: copied twice, then photographed whole (A4)",
        "width of the code without its quiet zone, mm",
        (10, 15, 20, 25, 30, 35, 40),
        lambda point: point["side_mm"] if (point["copies"], point["capture"]) == (2, "sheet") else None,
    ),
    Chart(
        "paper-copies",
        "By copies of copies: compact and link at 20 mm, offline at 32.5 mm",
        "photocopies before the photo of the whole sheet",
        (0, 1, 2, 3, 4),
        lambda point: (
            point["copies"]
            if point["capture"] == "sheet" and point["side_mm"] == _PRINTED[point["profile"]]
            else None
        ),
    ),
)


def show(pictures: Sequence[bytes]) -> None:
    """Write sheets side by side, as a reader gets them, each as high as the others."""
    seen = [
        np.asarray(Image.open(io.BytesIO(picture)).convert("L").resize((_SHOWN, _SHOWN)))
        for picture in pictures
    ]
    Image.fromarray(np.hstack(seen)).save(FOLDER / "paper-sheets.jpg", quality=80)


def draw(results: dict[str, Any]) -> None:
    """Write every chart."""
    for chart in CHARTS:
        (FOLDER / f"{chart.name}.svg").write_text(drawn(chart, results))


def drawn(chart: Chart, results: dict[str, Any]) -> str:
    """Return a chart as SVG."""
    low, high = min(chart.ticks), max(chart.ticks)

    def x(value: float) -> float:
        return round(_LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT), 1)

    parts = [_frame(chart, x)]
    ends: list[tuple[float, str, str]] = []
    for profile in chart.profiles:
        for reader in _DASHES:
            line = sorted(
                (place, point["read"][reader])
                for point in results["points"]
                if point["profile"] == profile and (place := chart.place(point)) is not None
            )
            if line:
                parts.append(_line([(x(at), read) for at, read in line], results["sheets"], profile, reader))
                height = _y(line[-1][1] / results["sheets"])
                ends.append((height, f"{_NAMES[profile]}, {reader}", _COLOURS[profile]))
    return "\n".join([*parts, *_labels(ends), "</g>", "</svg>\n"])


def interval(read: int, sheets: int) -> tuple[float, float]:
    """Return the share's 95 % interval (Wilson)."""
    share = read / sheets
    middle = share + _Z**2 / (2 * sheets)
    spread = _Z * (share * (1 - share) / sheets + _Z**2 / (4 * sheets**2)) ** 0.5
    return (middle - spread) / (1 + _Z**2 / sheets), (middle + spread) / (1 + _Z**2 / sheets)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM), 1)


def _frame(chart: Chart, x: Callable[[float], float]) -> str:
    right = _WIDTH - _RIGHT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{chart.title}</title>",
        '<g font-family="sans-serif" font-size="13" fill="#222">',
        f'<path fill="#fff" d="M0 0h{_WIDTH}v{_HEIGHT}H0z"/>',
        f'<text x="{_LEFT}" y="24" font-size="15" font-weight="bold">{chart.title}</text>',
        f'<text x="{(_LEFT + right) // 2}" y="{_HEIGHT - 12}" text-anchor="middle">{chart.axis}</text>',
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        lines.append(f'<path stroke="#ddd" d="M{_LEFT} {_y(share)}H{right}"/>')
        lines.append(f'<text x="{_LEFT - 8}" y="{_y(share) + 4}" text-anchor="end">{share:.0%}</text>')
    lines += [
        f'<text x="{x(tick)}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">{tick:g}</text>'
        for tick in chart.ticks
    ]
    return "\n".join(lines)


def _line(points: Sequence[tuple[float, int]], sheets: int, profile: str, reader: str) -> str:
    colour = _COLOURS[profile]
    path = "L".join(f"{x} {_y(read / sheets)}" for x, read in points)
    drawn_parts = [f'<path fill="none" stroke="{colour}" stroke-width="2"{_DASHES[reader]} d="M{path}"/>']
    for x, read in points:
        low, high = interval(read, sheets)
        drawn_parts.append(f'<path stroke="{colour}" opacity=".35" d="M{x} {_y(low)}V{_y(high)}"/>')
        drawn_parts.append(_marker(profile, x, _y(read / sheets), colour))
    return "\n".join(drawn_parts)


def _marker(profile: str, x: float, y: float, colour: str) -> str:
    shapes = {
        "compact": f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>',
        "offline": f'<path fill="{colour}" d="M{x - 4} {y - 4}h8v8h-8z"/>',
    }
    return shapes.get(profile, f'<path fill="{colour}" d="M{x} {y - 5}l5 9h-10z"/>')


def _labels(ends: list[tuple[float, str, str]]) -> list[str]:
    """Write each line's name at its end, one below the other where they meet."""
    written, last = [], 0.0
    for height, name, colour in sorted(ends):
        last = max(height, last + 15)
        written.append(
            f'<text x="{_WIDTH - _RIGHT + 8}" y="{last + 4:.1f}" font-size="11" fill="{colour}">{name}</text>'
        )
    return written
