"""Dates, numerals and the words of codes and steps."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from govseal.core.verdict import Outcome
from govseal.web.shared import dates, outcomes, reasons
from support import web


def test_a_khmer_date_is_gregorian_in_khmer_words_and_numerals() -> None:
    assert dates.day(date(2025, 11, 22), "km") == "ថ្ងៃទី២២ ខែវិច្ឆិកា ឆ្នាំ២០២៥"


def test_an_english_date_has_its_month_in_words() -> None:
    assert dates.day(date(2025, 2, 3), "en") == "3 February 2025"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [(UTC, "3 February 2025, 04:05:06 (UTC)"), (timezone(timedelta(hours=7), "+07"), "(UTC+07)")],
)
def test_a_moment_names_its_zone(zone: timezone, shown: str) -> None:
    assert dates.moment(datetime(2025, 2, 3, 4, 5, 6, tzinfo=zone), "en").endswith(shown)


def test_a_code_of_a_later_release_says_what_its_outcome_says() -> None:
    assert reasons.sentence("A_CODE_OF_TOMORROW") is None
    assert reasons.advice("A_CODE_OF_TOMORROW") == ()


def test_each_of_the_nine_steps_has_a_title() -> None:
    with web.configured():
        titles = [str(reasons.step_title(number, "")) for number in range(1, 10)]
    assert len(set(titles)) == 9


def test_each_outcome_has_a_drawing_and_a_tone_of_the_style_sheet() -> None:
    drawings = {path.stem for path in (web.SHARED / "templates" / "shared" / "icons").glob("*.svg")}
    styles = (web.PROJECT / "browser" / "styles" / "result.css").read_text()
    for outcome in Outcome:
        look = outcomes.look(outcome)
        assert look.icon in drawings
        assert f".tone-{look.tone}" in styles
