"""The Khmer calendar against dates that others published.

Holidays of 2015 to 2023: Cambodia's Official Gazette, as collected in the test data of the Python package
`holidays` (vacanza/holidays, MIT). New years: the same, Wikipedia's "Cambodian New Year" for 2024, and a notice
of 2019. One whole date: the head of a ministry's press release of December 2024.
"""

from datetime import date, timedelta

import pytest

from govseal.core.errors import InputError
from govseal.writing import chhankitek
from govseal.writing.chhankitek import lunar_date

VISAK_BOCHEA = ("2015-05-02", "2016-05-20", "2017-05-10", "2018-04-29", "2019-05-18", "2020-05-06", "2021-04-26",
                "2022-05-15", "2023-05-04")  # fmt: skip
ROYAL_PLOUGHING = ("2015-05-06", "2016-05-24", "2017-05-14", "2018-05-03", "2019-05-22", "2020-05-10", "2021-04-30",
                   "2022-05-19", "2023-05-08")  # fmt: skip
MEAK_BOCHEA = ("2015-02-03", "2016-02-22", "2017-02-11", "2018-01-31", "2019-02-19")
PCHUM_BEN = ("2015-10-12", "2016-10-01", "2017-09-20", "2018-10-09", "2019-09-28", "2020-09-17", "2021-10-06",
             "2022-09-25", "2023-10-14")  # fmt: skip
WATER_FESTIVAL = ("2015-11-25", "2016-11-14", "2017-11-03", "2018-11-22", "2019-11-11", "2020-10-31", "2021-11-19",
                  "2022-11-08", "2023-11-27")  # fmt: skip
NEW_YEAR = (
    "2017-04-14",
    "2018-04-14",
    "2019-04-14",
    "2020-04-13",
    "2021-04-14",
    "2022-04-14",
    "2023-04-14",
    "2024-04-13",
)

FEASTS = (
    (MEAK_BOCHEA, "មាឃ", 15, True),
    (VISAK_BOCHEA, "ពិសាខ", 15, True),
    (ROYAL_PLOUGHING, "ពិសាខ", 4, False),
    (PCHUM_BEN, "ភទ្របទ", 15, False),
    (WATER_FESTIVAL, "កត្តិក", 15, True),
)


@pytest.mark.parametrize(
    ("day", "month", "number", "waxing"),
    [(day, month, number, waxing) for days, month, number, waxing in FEASTS for day in days],
)
def test_feasts_fall_on_their_lunar_day(day: str, month: str, number: int, *, waxing: bool) -> None:
    found = lunar_date(date.fromisoformat(day))
    assert (found.month, found.day, found.waxing) == (month, number, waxing)


@pytest.mark.parametrize("day", NEW_YEAR)
def test_the_new_year_begins_on_its_day(day: str) -> None:
    first = date.fromisoformat(day)
    assert chhankitek.new_year(first.year) == first
    assert lunar_date(first).animal != lunar_date(first - timedelta(1)).animal
    assert lunar_date(chhankitek.leung_sak(first.year)).sak != lunar_date(first).sak


def test_a_whole_date_is_written_as_official_papers_write_it() -> None:
    assert lunar_date(date(2024, 12, 9)).in_words() == "ថ្ងៃចន្ទ ៩ កើត ខែមិគសិរ ឆ្នាំរោង ឆស័ក ព.ស. ២៥៦៨"


def test_the_buddhist_era_grows_on_the_day_after_visak_bochea() -> None:
    feast = date(2023, 5, 4)
    assert lunar_date(feast).buddhist_year + 1 == lunar_date(feast + timedelta(1)).buddhist_year == 2567


def test_days_follow_each_other_without_gap_from_the_first_year_to_the_last() -> None:
    day, before = date(chhankitek.FIRST_YEAR, 1, 1), None
    while day.year <= chhankitek.LAST_YEAR:
        now = lunar_date(day)
        if before:
            number = now.day if now.waxing else now.day + 15
            assert number == 1 or number == before + 1
            assert number != 1 or before in {29, 30}
        before = now.day if now.waxing else now.day + 15
        day += timedelta(1)


@pytest.mark.parametrize("year", [1899, 2101])
def test_a_year_beyond_the_rules_is_refused(year: int) -> None:
    with pytest.raises(InputError, match="1900 to 2100"):
        lunar_date(date(year, 1, 1))
