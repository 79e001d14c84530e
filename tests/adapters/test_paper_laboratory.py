"""The paper laboratory: the same sheets for ever, damage that grows, and what our reader makes of a few of them."""

import json

import cv2
import numpy as np
import pytest
from bench.paper import copier, plot, press, subjects
from bench.paper.__main__ import RESULTS, points
from bench.paper.trials import Point, is_read, made

SHEETS = range(2)


def grey(picture: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)


def test_a_sheet_is_the_same_whenever_it_is_made() -> None:
    point = Point("compact", 14.5, 1, "sheet")
    first = made(point, 3)
    assert made(point, 3) == first != made(point, 4)


def test_a_photo_shows_as_much_as_its_way_of_being_taken_lets_it() -> None:
    sheet, sent = (grey(made(Point("compact", 14.5, 0, way), 1)[0]) for way in ("sheet", "sent"))
    assert sheet.shape[0] > 2 * sent.shape[0]


def test_the_peer_is_the_link_of_130_characters_in_49_modules() -> None:
    link = subjects.subject("peer", 20, np.random.default_rng(1))
    assert (len(link.text), link.drawn.size) == (130, 49)
    offline = subjects.subject("offline", 32.5, np.random.default_rng(1))
    assert offline.drawn.size == 65


def test_specks_gather_from_copy_to_copy() -> None:
    def inked(copies: int) -> float:
        shares = []
        for seed in range(4):
            rng = np.random.default_rng([5, seed])
            sheet = press.printed(np.ones((400, 400), np.float32), rng)
            for _ in range(copies):
                sheet = copier.copied(sheet, rng)
            shares.append(float((sheet < 0.4).mean()))
        return float(np.mean(shares))

    assert 0 < inked(0) < min(inked(1), inked(3))


@pytest.mark.parametrize(("profile", "side_mm"), [("compact", 20.0), ("offline", 32.5)])
def test_codes_copied_twice_and_photographed_with_the_whole_sheet_are_read(
    profile: str, side_mm: float
) -> None:
    for number in SHEETS:
        picture, text = made(Point(profile, side_mm, 2, "sheet"), number)
        assert is_read(picture, text, "platform")


def test_another_text_than_the_sheets_is_not_counted_as_read() -> None:
    picture, text = made(Point("compact", 20.0, 0, "scan"), 0)
    assert is_read(picture, text, "phone")
    assert not is_read(picture, text + "1", "phone")


def test_the_interval_is_wilsons() -> None:
    assert plot.interval(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert plot.interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I


def test_the_curves_in_the_documentation_are_those_that_were_measured() -> None:
    results = json.loads(RESULTS.read_text())
    kept = {(one["profile"], one["side_mm"], one["copies"], one["capture"]) for one in results["points"]}
    assert kept == {(one.profile, one.side_mm, one.copies, one.capture) for one in points()}
    for chart in plot.CHARTS:
        assert (plot.FOLDER / f"{chart.name}.svg").read_text() == plot.drawn(chart, results)
