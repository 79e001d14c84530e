"""Chhankitek, the Khmer lunisolar calendar: the date that stands above the civil one on Cambodia's official papers.

    >>> lunar_date(date(2024, 12, 9)).in_words()
    'ថ្ងៃចន្ទ ៩ កើត ខែមិគសិរ ឆ្នាំរោង ឆស័ក ព.ស. ២៥៦៨'

A year has twelve months of 29 and 30 days in turn, 354 days. A leap-month year has Asadh twice (384 days), a
leap-day year a 30th day of Jesth (355). Which years those are follows from the sun's and the moon's mean motion,
counted in eight hundredths of a day and in avoman, 692nds of a lunation's gain, by the rules of Roath Kim Soeun,
*Pratitin Soryakkatik-Chankatik 1900-1999*, as told at https://khmer-calendar.tovnah.com/calendar/. Three counts
of years turn on three days: the animal at Moha Songkran, the sak (the last digit of the Chula era) two or three
days later at Leung Sak, the Buddhist era on the day after the full moon of Visakh.

Invariants: pure arithmetic over whole numbers; dates from 1900 to 2100; tests compare it with the holidays that
the government proclaimed.

What is *not* here: hours of the new year, and astronomy: the calendar follows its own mean moon.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from govseal.core.errors import InputError
from govseal.writing import numerals

FIRST_YEAR, LAST_YEAR = 1900, 2100
_LEAP_REMAINDER = 207  # eight hundredths of a day left at the new year, at most: a solar year of 366 days
_FIRST_DAY = date(FIRST_YEAR, 1, 1)  # 1 kaeut of Boss
_BUDDHIST, _CHULA = (
    544,
    638,
)  # AD 2024 is B.E. 2568 from Visakh on, and 1386 of the Chula era from Leung Sak on
_CHULA_EPOCH = (
    date(1, 1, 1).toordinal() + 1_954_167 - 1_721_426
)  # day 0 of the era: its Julian day, as an ordinal
_WAXING = 15  # days; those that follow wane

_WEEKDAYS = ("ចន្ទ", "អង្គារ", "ពុធ", "ព្រហស្បតិ៍", "សុក្រ", "សៅរ៍", "អាទិត្យ")
_ANIMALS = ("ជូត", "ឆ្លូវ", "ខាល", "ថោះ", "រោង", "ម្សាញ់", "មមី", "មមែ", "វក", "រកា", "ច", "កុរ")
_SAKS = (
    "សំរឹទ្ធិស័ក", "ឯកស័ក", "ទោស័ក", "ត្រីស័ក", "ចត្វាស័ក",
    "បញ្ចស័ក", "ឆស័ក", "សប្តស័ក", "អដ្ឋស័ក", "នព្វស័ក",
)  # fmt: skip
_VISAKH, _JESTH, _ASADH = "ពិសាខ", "ជេស្ឋ", "អាសាឍ"
_MONTHS = (
    ("បុស្ស", 30), ("មាឃ", 29), ("ផល្គុន", 30), ("ចេត្រ", 29), (_VISAKH, 30), (_JESTH, 29), (_ASADH, 30),
    ("ស្រាពណ៍", 29), ("ភទ្របទ", 30), ("អស្សុជ", 29), ("កត្តិក", 30), ("មិគសិរ", 29),
)  # fmt: skip
_TWO_ASADHS = (("បឋមាសាឍ", 30), ("ទុតិយាសាឍ", 30))

_OLD, _YOUNG = 25, 5  # ages of the moon in days, from which and up to which a month is added
_GAIN_OF_LEAP_YEAR, _GAIN = 126, 137  # avoman, up to which a day is added

# Of the sun's place: minutes of arc in a sign and in a circle; its equation for each half sign, and the gain a minute.
_SIGN, _CIRCLE, _APOGEE = 30 * 60, 12 * 30 * 60, (2 * 30 + 20) * 60
_EQUATION = ((0, 35), (35, 32), (67, 27), (94, 22), (116, 13), (129, 5))


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A day of the Khmer calendar.

    Attributes:
        weekday: Khmer name of the day of the week.
        day: 1 to 15.
        waxing: kaeut (the moon grows) or roch.
        month: Khmer name.
        animal: Khmer name of the year.
        sak: Khmer name of the year's place in the cycle of ten.
        buddhist_year: of the Buddhist era.
    """

    weekday: str
    day: int
    waxing: bool
    month: str
    animal: str
    sak: str
    buddhist_year: int

    def in_words(self) -> str:
        """Return it as official papers write it."""
        phase = "កើត" if self.waxing else "រោច"
        return numerals.khmer(
            f"ថ្ងៃ{self.weekday} {self.day} {phase} ខែ{self.month} ឆ្នាំ{self.animal} {self.sak} ព.ស. {self.buddhist_year}"
        )


def lunar_date(day: date) -> LunarDate:
    """Return the Khmer date of a civil day.

    Raises:
        InputError: before 1900 or after 2100 (code `DATE_OUT_OF_RANGE`).
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InputError(
            f"The Khmer calendar is known here from {FIRST_YEAR} to {LAST_YEAR}, not in {day.year}.",
            code="DATE_OUT_OF_RANGE",
        )
    month, day_of_month = _month_of(day)
    return LunarDate(
        weekday=_WEEKDAYS[day.weekday()],
        day=day_of_month if day_of_month <= _WAXING else day_of_month - _WAXING,
        waxing=day_of_month <= _WAXING,
        month=month,
        animal=_ANIMALS[(day.year - 4 - (day < new_year(day.year))) % 12],
        sak=_SAKS[(day.year - _CHULA - (day < leung_sak(day.year))) % 10],
        buddhist_year=day.year + _BUDDHIST - (day < _visak_bochea(day.year) + timedelta(1)),
    )


@cache
def leung_sak(year: int) -> date:
    """Return the last day of the new year's feast, on which the Chula era grows by one."""
    return date.fromordinal(_CHULA_EPOCH + _solar(year - _CHULA)[0])


@cache
def new_year(year: int) -> date:
    """Return Moha Songkran, the feast's first day: the sun enters the sign of Mesa two or three days before its last."""
    _, remainder = _solar(year - _CHULA - 1)
    days_of_year = 366 if remainder <= _LEAP_REMAINDER else 365
    two_days_between = _sun_in_sign(days_of_year - 3, remainder) == 0
    return leung_sak(year) - timedelta(3 if two_days_between else 2)


# --- months -----------------------------------------------------------------------------------------------


def _month_of(day: date) -> tuple[str, int]:
    """Return the month of a civil day, and which of its days it is, from 1."""
    year = max(each for each in range(day.year - 1, day.year + 2) if _boss(each) <= day)
    left = (day - _boss(year)).days
    for month, length in _months(year):
        if left < length:
            return month, left + 1
        left -= length
    raise AssertionError("the months of a year reach to the next")


@cache
def _boss(year: int) -> date:
    """Return the first day of Boss, which falls near the first day of a civil year."""
    first = _FIRST_DAY
    if year < FIRST_YEAR:
        return first - timedelta(sum(length for _, length in _months(year)))
    for earlier in range(FIRST_YEAR, year):
        first += timedelta(sum(length for _, length in _months(earlier)))
    return first


@cache
def _visak_bochea(year: int) -> date:
    """Return the full moon of Visakh."""
    before = sum(length for _, length in _MONTHS[:4])
    return _boss(year) + timedelta(before + _WAXING - 1)


@cache
def _months(year: int) -> tuple[tuple[str, int], ...]:
    """Return (name, days) of each month from Boss of a civil year to the next Boss."""
    return tuple(_leaped(_has_leap_month(year + _BUDDHIST), _has_leap_day(year + _BUDDHIST)))


def _leaped(leap_month: bool, leap_day: bool) -> Iterator[tuple[str, int]]:  # noqa: FBT001 - of a year, in its order
    for month, length in _MONTHS:
        if month == _ASADH and leap_month:
            yield from _TWO_ASADHS
        else:
            yield month, length + (month == _JESTH and leap_day)


# --- leap years, by year of the Buddhist era --------------------------------------------------------------


def _mean(buddhist_year: int) -> tuple[int, int, int]:
    """Return (kromathopol, avoman, bodithey): what is left of the solar day, and the moon's gain and age."""
    eight_hundredths = buddhist_year * 292_207 + 499
    days = eight_hundredths // 800 + 4
    gain, avoman = divmod(11 * days + 25, 692)
    return 800 - eight_hundredths % 800, avoman, (days + gain + 29) % 30


@cache
def _has_leap_month(year: int) -> bool:
    """Say whether there is a second Asadh: the moon's age at the new year is 25 and over, or 5 and under.

    Of two neighbours with the ages 25 and 5 only the second gets it, of 24 and 6 the first as well.
    """
    age, following = _mean(year)[2], _mean(year + 1)[2]
    return ((age >= _OLD or age <= _YOUNG) and (age, following) != (25, 5)) or (age, following) == (24, 6)


@cache
def _wants_leap_day(year: int) -> bool:
    """Say whether the moon's gain asks for a 30th day of Jesth, of two neighbours with the gains 137 and 0 the second."""
    remainder, avoman, _ = _mean(year)
    if remainder <= _LEAP_REMAINDER:
        return avoman <= _GAIN_OF_LEAP_YEAR
    return avoman <= _GAIN and (avoman, _mean(year + 1)[1]) != (_GAIN, 0)


def _has_leap_day(year: int) -> bool:
    """Say whether Jesth has 30 days; the day of a year with a leap month waits for the next year."""
    if _has_leap_month(year):
        return False
    return _wants_leap_day(year) or (_has_leap_month(year - 1) and _wants_leap_day(year - 1))


# --- the sun, by year of the Chula era --------------------------------------------------------------------


def _solar(chula_year: int) -> tuple[int, int]:
    """Return (days since the era began, eight hundredths of a day left) at Leung Sak."""
    eight_hundredths = chula_year * 292_207 + 373
    return eight_hundredths // 800 + 1, 800 - eight_hundredths % 800


def _sun_in_sign(days: int, remainder: int) -> int:
    """Return the degree within its sign of the true sun, so many days after Leung Sak of a year."""
    whole = days * 800 + remainder
    degrees, rest = divmod(whole % 292_207, 24_350)
    mean = degrees * _SIGN + rest // 811 * 60 + rest % 811 // 14 - 3
    anomaly = (mean - _APOGEE) % _CIRCLE
    quadrant, within = divmod(anomaly, 3 * _SIGN)
    reach = within if quadrant in {0, 2} else 3 * _SIGN - within
    half_sign, part = divmod(reach, _SIGN // 2)
    base, gain = _EQUATION[min(half_sign, len(_EQUATION) - 1)]
    equation = base + part * gain // 900
    true = (mean - equation if anomaly < _CIRCLE // 2 else mean + equation) % _CIRCLE
    return true % _SIGN // 60
